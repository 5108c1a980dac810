// The add methods of plugin layers.

#include "api/layers/plugin/plugin_layer.h"
#include "api/network/network.h"

namespace rondo::api {

namespace {

std::vector<Tensor*> own_all(const Network& network, ITensor* const* inputs, int32_t count, const char* where,
                             const char* what) {
  require(count >= 0, where, ": ", count, " ", what, "s");
  require(count == 0 || inputs != nullptr, where, ": the list of ", what, "s is null");
  std::vector<Tensor*> all;
  for (int32_t i = 0; i < count; ++i) {
    require(inputs[i] != nullptr, where, ": ", what, " ", i, " is null");
    all.push_back(&network.own(*inputs[i], where));
  }
  return all;
}

}  // namespace

template <class Layer>
Layer* Network::add_plugin(const char* where, ITensor* const* inputs, int32_t count, IPluginV2& plugin) {
  return guarded<Layer*>(sink_, where, nullptr, [&] {
    std::vector<Tensor*> all = own_all(*this, inputs, count, where, "input");
    std::unique_ptr<plugin::LayerPlugin> own = plugin::LayerPlugin::of(plugin, Layer::kGeneration);
    const size_t outputs = output_count(*own);
    return add_layer<Layer>(std::move(all), outputs, std::move(own));
  });
}

IPluginV2Layer* Network::addPluginV2(ITensor* const* inputs, int32_t nbInputs, IPluginV2& plugin) noexcept {
  return add_plugin<PluginV2Layer>("addPluginV2", inputs, nbInputs, plugin);
}

IPluginLayer* Network::addPlugin(ITensor* const* inputs, int32_t nbInputs, IPlugin& plugin) noexcept {
  plugin::FirstGeneration adapter(plugin);
  return add_plugin<PluginLayer>("addPlugin", inputs, nbInputs, adapter);
}

IPluginLayer* Network::addPluginExt(ITensor* const* inputs, int32_t nbInputs, IPluginExt& plugin) noexcept {
  plugin::FirstGeneration adapter(plugin, &plugin);
  return add_plugin<PluginLayer>("addPluginExt", inputs, nbInputs, adapter);
}

IPluginV3Layer* Network::addPluginV3(ITensor* const* inputs, int32_t nbInputs, ITensor* const* shapeInputs,
                                     int32_t nbShapeInputs, IPluginV3& plugin) noexcept {
  constexpr const char* kWhere = "addPluginV3";
  return guarded<IPluginV3Layer*>(sink_, kWhere, nullptr, [&] {
    std::vector<Tensor*> all = own_all(*this, inputs, nbInputs, kWhere, "input");
    const size_t tensors = all.size();
    for (Tensor* shape : own_all(*this, shapeInputs, nbShapeInputs, kWhere, "shape input")) all.push_back(shape);
    std::unique_ptr<plugin::LayerPlugin> own = plugin::LayerPlugin::of(plugin);
    const size_t outputs = output_count(*own);
    return add_layer<PluginV3Layer>(std::move(all), outputs, std::move(own), tensors);
  });
}

}  // namespace rondo::api
