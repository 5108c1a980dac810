// reason: a plugin and its creator are one pattern, written once for all bundled plugins.
#pragma once

#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "elements.h"
#include "parameters.h"

namespace rondo::bundled {

/// One call of enqueue.
struct Run {
  PluginTensorDesc const* in;
  PluginTensorDesc const* out;
  int32_t input_count;
  void const* const* inputs;
  void* const* outputs;
};

/// What all bundled plugins have in common: names, life, serialization, and the interface itself. Plugin adds
///   kType, kFields                              name, and fields of the creator
///   (char const* version, Fields const&)        constructor of a program's fields
///   (char const* version, Reader&)              constructor of what write wrote
///   void write(Writer&) const                   the parameters, in the order in which that takes them
///   int32_t run(Run const&)                     the computation; not 0 if shapes or values do not fit
/// and, where the defaults here do not hold, getNbOutputs, getOutputDimensions, getOutputDataType and accepts.
template <class Plugin>
class BundledPlugin : public IPluginV2DynamicExt {
 public:
  char const* getPluginType() const noexcept override { return Plugin::kType; }
  char const* getPluginVersion() const noexcept override { return version_.c_str(); }
  int32_t getNbOutputs() const noexcept override { return 1; }
  DimsExprs getOutputDimensions(int32_t, DimsExprs const* inputs, int32_t, IExprBuilder&) noexcept override {
    return inputs[0];
  }
  DataType getOutputDataType(int32_t, DataType const* inputTypes, int32_t) const noexcept override {
    return inputTypes[0];
  }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                 int32_t) noexcept override {
    return inOut[pos].format == TensorFormat::kLINEAR && self().accepts(pos, inOut, nbInputs);
  }
  void configurePlugin(DynamicPluginTensorDesc const*, int32_t nbInputs, DynamicPluginTensorDesc const*,
                       int32_t) noexcept override {
    input_count_ = nbInputs;
  }
  size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) const noexcept override {
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void*, cudaStream_t) noexcept override {
    return self().run({in, out, input_count_, inputs, outputs});
  }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  void destroy() noexcept override { delete this; }
  IPluginV2DynamicExt* clone() const noexcept override { return new Plugin(static_cast<Plugin const&>(*this)); }
  size_t getSerializationSize() const noexcept override { return bytes().size(); }
  void serialize(void* buffer) const noexcept override {
    const std::string all = bytes();
    std::memcpy(buffer, all.data(), all.size());
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { namespace_ = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

  /// Whether tensor pos may have its type, given those before it: all are of one float type, `type` where that is given.
  bool accepts(int32_t pos, PluginTensorDesc const* inOut, int32_t /*nbInputs*/) const {
    return inOut[pos].type == inOut[0].type && (type_ ? inOut[pos].type == *type_ : is_float(inOut[pos].type));
  }

 protected:
  explicit BundledPlugin(char const* version, std::optional<DataType> type = {}) : version_(version), type_(type) {}
  BundledPlugin(BundledPlugin const&) = default;

  std::string version_;
  std::optional<DataType> type_;  ///< the only float type; any if there is none

 private:
  Plugin& self() { return static_cast<Plugin&>(*this); }
  std::string bytes() const {
    Writer writer;
    static_cast<Plugin const&>(*this).write(writer);
    return writer.bytes();
  }
  std::string namespace_;
  int32_t input_count_ = 1;
};

/// Creator of a BundledPlugin.
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
