// reason: a plugin and its creator are one pattern, written once for all bundled plugins.
#pragma once

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "elements.h"
#include "parameters.h"

namespace rondo::bundled {

/// What all bundled plugins have in common: names, serialization, life. A plugin adds shapes, types and enqueue.
class BundledPlugin : public IPluginV2DynamicExt {
 public:
  BundledPlugin(char const* type, std::string version) : type_(type), version_(std::move(version)) {}

  char const* getPluginType() const noexcept override { return type_; }
  char const* getPluginVersion() const noexcept override { return version_.c_str(); }
  int32_t getNbOutputs() const noexcept override { return 1; }
  DimsExprs getOutputDimensions(int32_t, DimsExprs const* inputs, int32_t, IExprBuilder&) noexcept override {
    return inputs[0];
  }
  DataType getOutputDataType(int32_t, DataType const* inputTypes, int32_t) const noexcept override {
    return inputTypes[0];
  }
  void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                       int32_t) noexcept override {}
  size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) const noexcept override {
    return 0;
  }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  void destroy() noexcept override { delete this; }
  size_t getSerializationSize() const noexcept override { return bytes().size(); }
  void serialize(void* buffer) const noexcept override {
    const std::string all = bytes();
    std::memcpy(buffer, all.data(), all.size());
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { namespace_ = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

 protected:
  BundledPlugin(BundledPlugin const&) = default;
  /// Writes the parameters in the order in which the constructor with a Reader takes them.
  virtual void write(Writer& to) const = 0;

  /// True for row-major floats of one type: inputs and outputs from `first` on are what tensor 0 is.
  static bool same_float(int32_t pos, PluginTensorDesc const* inOut) {
    const bool linear = inOut[pos].format == TensorFormat::kLINEAR;
    return linear && (pos == 0 ? is_float(inOut[0].type) : inOut[pos].type == inOut[0].type);
  }

 private:
  std::string bytes() const {
    Writer writer;
    write(writer);
    return writer.bytes();
  }
  char const* type_;
  std::string version_;
  std::string namespace_;
};

/// Creator of Plugin, which has kType, kFields and constructors (version, Fields const&) and (version, Reader&).
template <class Plugin>
class Creator final : public IPluginCreator {
 public:
  explicit Creator(char const* version) : version_(version) {
    for (auto const& [name, type] : Plugin::kFields) fields_.emplace_back(name, nullptr, type, 1);
    collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
  }
  char const* getPluginName() const noexcept override { return Plugin::kType; }
  char const* getPluginVersion() const noexcept override { return version_; }
  PluginFieldCollection const* getFieldNames() noexcept override { return &collection_; }
  IPluginV2* createPlugin(char const* name, PluginFieldCollection const* fc) noexcept override {
    return make(name, [&] { return new Plugin(version_, Fields(fc)); });
  }
  IPluginV2* deserializePlugin(char const* name, void const* data, size_t length) noexcept override {
    return make(name, [&] {
      Reader reader(data, length);
      return new Plugin(version_, reader);
    });
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { namespace_ = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

 private:
  template <class Make>
  IPluginV2* make(char const* name, Make body) noexcept {
    try {
      Plugin* plugin = body();
      plugin->setPluginNamespace(namespace_.c_str());
      return plugin;
    } catch (std::exception const& error) {
      const std::string message =
          std::string(Plugin::kType) + " '" + (name == nullptr ? "" : name) + "': " + error.what();
      std::fprintf(stderr, "%s\n", message.c_str());  // no logger is known to live as long as the creators
      return nullptr;
    }
  }
  char const* version_;
  std::vector<PluginField> fields_;
  PluginFieldCollection collection_{};
  std::string namespace_;
};

/// A name and type of a field that a creator lists.
struct FieldName {
  char const* name;
  PluginFieldType type;
};

}  // namespace rondo::bundled
