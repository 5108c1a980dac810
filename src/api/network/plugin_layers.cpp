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

IPluginV2Layer* Network::addPluginV2(ITensor* const* inputs, int32_t nbInputs, IPluginV2& plugin) noexcept {
  constexpr const char* kWhere = "addPluginV2";
  return guarded<IPluginV2Layer*>(sink_, kWhere, nullptr, [&] {
    std::vector<Tensor*> all = own_all(*this, inputs, nbInputs, kWhere, "input");
    std::unique_ptr<plugin::LayerPlugin> own = plugin::LayerPlugin::of(plugin);
    const size_t outputs = output_count(*own);
    return add_layer<PluginV2Layer>(std::move(all), outputs, std::move(own));
  });
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
