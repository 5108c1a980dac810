#pragma once

#include <memory>

#include "api/network/layer.h"
#include "plugin/first_generation.h"
#include "plugin/layer_plugin.h"
#include "rondo/layers/plugin.h"

namespace rondo::api {

/// Writes the op of a plugin layer: asks the plugin for shapes and types, converts what it wants converted, and reads the extents that
/// it decides itself.
class PluginEmission {
 public:
  /// tensors: how many of the layer's inputs the plugin computes with; the others are shape inputs.
  PluginEmission(std::unique_ptr<plugin::LayerPlugin> plugin, size_t tensors)
      : plugin_(std::move(plugin)), tensors_(tensors) {}

  plugin::LayerPlugin& plugin() const { return *plugin_; }
  size_t tensors() const { return tensors_; }
  /// precision: what setPrecision asked for, or kFLOAT and false.
  std::vector<Emitter::Ref> emit(const LayerNode& layer, Emitter& out, const std::vector<Emitter::Ref>& in,
                                 const DataType* precision) const;

 private:
  std::unique_ptr<plugin::LayerPlugin> plugin_;
  size_t tensors_;
};

/// A layer of a plugin, under the interface of its generation.
template <class Face>
class PluginLayerOf : public LayerOf<Face> {
 public:
  PluginLayerOf(Network& network, LayerType type, std::vector<Tensor*> inputs, size_t outputs,
                std::unique_ptr<plugin::LayerPlugin> plugin, size_t tensors)
      : LayerOf<Face>(network, type, std::move(inputs), outputs), emission_(std::move(plugin), tensors) {}

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override {
    return emission_.emit(*this, out, in, this->precision_is_set_ ? &this->precision_ : nullptr);
  }
  bool is_shape_input(size_t index) const override { return index >= emission_.tensors(); }

 protected:
  PluginEmission emission_;
};

/// IPluginLayer: the emission holds an adapter, which learns its name when the layer is written.
class PluginLayer final : public PluginLayerOf<IPluginLayer> {
 public:
  static constexpr uint8_t kGeneration = 1;
  PluginLayer(Network& network, std::vector<Tensor*> inputs, size_t outputs,
              std::unique_ptr<plugin::LayerPlugin> plugin)
      : PluginLayerOf(network, LayerType::kPLUGIN, inputs, outputs, std::move(plugin), inputs.size()) {}
  IPlugin& getPlugin() noexcept override { return adapter().plugin(); }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override {
    adapter().set_layer(name());
    return PluginLayerOf::emit(out, in);
  }

 private:
  plugin::FirstGeneration& adapter() const { return static_cast<plugin::FirstGeneration&>(*emission_.plugin().v2()); }
};

/// IPluginV2Layer.
class PluginV2Layer final : public PluginLayerOf<IPluginV2Layer> {
 public:
  static constexpr uint8_t kGeneration = 2;
  PluginV2Layer(Network& network, std::vector<Tensor*> inputs, size_t outputs,
                std::unique_ptr<plugin::LayerPlugin> plugin)
      : PluginLayerOf(network, LayerType::kPLUGIN_V2, inputs, outputs, std::move(plugin), inputs.size()) {}
  IPluginV2& getPlugin() noexcept override { return *emission_.plugin().v2(); }
};

/// IPluginV3Layer.
class PluginV3Layer final : public PluginLayerOf<IPluginV3Layer> {
 public:
  PluginV3Layer(Network& network, std::vector<Tensor*> inputs, size_t outputs,
                std::unique_ptr<plugin::LayerPlugin> plugin, size_t tensors)
      : PluginLayerOf(network, LayerType::kPLUGIN_V3, std::move(inputs), outputs, std::move(plugin), tensors) {}
  IPluginV3& getPlugin() noexcept override { return *emission_.plugin().v3(); }
};

/// A number of outputs that a layer may have: 1 .. 64. Error naming the plugin otherwise.
size_t output_count(const plugin::LayerPlugin& plugin);

}  // namespace rondo::api
