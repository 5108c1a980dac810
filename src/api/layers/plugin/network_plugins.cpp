#include "api/layers/plugin/network_plugins.h"

#include "rondo/layers/plugin.h"

namespace rondo::api {

NetworkPlugins::NetworkPlugins(const Network& network) {
  for (const auto& layer : network.layers()) {
    if (layer->type() != LayerType::kPLUGIN) continue;
    const bool is_new = plugins_.emplace(layer->name(), &static_cast<IPluginLayer&>(layer->face()).getPlugin()).second;
    require(is_new, "two layers of an IPlugin are called '", layer->name(),
            "'; they are told apart by their names, so give each its own");
  }
}

IPlugin* NetworkPlugins::createPlugin(char const* layerName, void const*, size_t) {
  const auto found = plugins_.find(layerName);
  return found == plugins_.end() ? nullptr : found->second;
}

}  // namespace rondo::api
