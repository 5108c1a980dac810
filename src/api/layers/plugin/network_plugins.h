#pragma once

#include <map>
#include <string>

#include "api/network/network.h"

namespace rondo::api {

/// The factory of an engine that is built and loaded in one call: gives the plugins of the network itself.
class NetworkPlugins final : public IPluginFactory {
 public:
  /// Errors    kInvalidArgument naming two layers that have one name
  explicit NetworkPlugins(const Network& network);
  IPlugin* createPlugin(char const* layerName, void const* serialData, size_t serialLength) override;

 private:
  std::map<std::string, IPlugin*> plugins_;
};

}  // namespace rondo::api
