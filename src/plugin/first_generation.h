#pragma once

#include <string>

#include "plugin/record.h"
#include "rondo/plugin/v1.h"

namespace rondo::plugin {

/// IPlugin and IPluginExt as an IPluginV2: all that follows knows the second generation only. Clones share the program's one object.
///
/// Creators do not know them; a plan keeps the name of the layer before the bytes of the plugin, and a factory is asked by that name.
class FirstGeneration final : public IPluginV2 {
 public:
  /// ext: the same object if it is an IPluginExt that the build is to ask for types.
  explicit FirstGeneration(IPlugin& plugin, IPluginExt* ext = nullptr) : plugin_(plugin), ext_(ext) {}

  IPlugin& plugin() const { return plugin_; }
  /// Name of the layer, for the plan.
  void set_layer(std::string name) { layer_ = std::move(name); }

  char const* getPluginType() const override { return "IPlugin"; }
  char const* getPluginVersion() const override { return "1"; }
  int32_t getNbOutputs() const override { return plugin_.getNbOutputs(); }
  Dims getOutputDimensions(int32_t index, Dims const* inputs, int32_t count) override {
    return plugin_.getOutputDimensions(index, inputs, count);
  }
  bool supportsFormat(DataType type, PluginFormat format) const override;
  void configureWithFormat(Dims const* inputs, int32_t input_count, Dims const* outputs, int32_t output_count,
                           DataType type, PluginFormat format, int32_t batch) override;
  int32_t initialize() override { return plugin_.initialize(); }
  void terminate() override { plugin_.terminate(); }
  size_t getWorkspaceSize(int32_t batch) const override { return plugin_.getWorkspaceSize(batch); }
  int32_t enqueue(int32_t batch, void const* const* inputs, void** outputs, void* workspace,
                  cudaStream_t stream) override {
    return plugin_.enqueue(batch, inputs, outputs, workspace, stream);
  }
  size_t getSerializationSize() const override;
  void serialize(void* buffer) const override;
  void destroy() override { delete this; }
  FirstGeneration* clone() const override { return new FirstGeneration(*this); }
  void setPluginNamespace(char const* /*name*/) override {}
  char const* getPluginNamespace() const override { return ""; }

  /// The plugin of a record of generation 1, which stays the factory's.
  /// Errors    kFailedInitialization naming the layer: no factory, the factory returns null, or damaged bytes
  static FirstGeneration* load(const Record& record, IPluginFactory* factory);

 private:
  IPlugin& plugin_;
  IPluginExt* ext_;
  std::string layer_;
};

}  // namespace rondo::plugin
