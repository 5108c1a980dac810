#pragma once

#include "test_plugins_v3.h"

namespace rondo::test {

/// A creator in the registry of the process for as long as the object lives.
template <class Creator>
class Registered {
 public:
  template <class... Args>
  explicit Registered(char const* name_space, Args... args) : creator_(args...) {
    EXPECT_TRUE(getPluginRegistry()->registerCreator(creator_, name_space));
  }
  ~Registered() { EXPECT_TRUE(getPluginRegistry()->deregisterCreator(creator_)); }

 private:
  Creator creator_;
};

/// A network with plugin layers; the witness starts anew.
struct PluginCase : NetworkCase {
  PluginCase() { witness() = {}; }
  ITensor& plugin(std::vector<ITensor*> inputs, IPluginV2& plugin, const char* name = "custom") {
    IPluginV2Layer* layer = network->addPluginV2(inputs.data(), static_cast<int32_t>(inputs.size()), plugin);
    EXPECT_NE(layer, nullptr) << logger.text();
    layer->setName(name);
    return *layer->getOutput(0);
  }
  IPluginV3Layer* plugin(std::vector<ITensor*> inputs, std::vector<ITensor*> shapes, IPluginV3& plugin) {
    IPluginV3Layer* layer = network->addPluginV3(inputs.data(), static_cast<int32_t>(inputs.size()), shapes.data(),
                                                 static_cast<int32_t>(shapes.size()), plugin);
    EXPECT_NE(layer, nullptr) << logger.text();
    layer->setName("custom");
    return layer;
  }
  void profile(const char* name, const Dims& min, const Dims& opt, const Dims& max) {
    IOptimizationProfile* all = builder->createOptimizationProfile();
    all->setDimensions(name, OptProfileSelector::kMIN, min);
    all->setDimensions(name, OptProfileSelector::kOPT, opt);
    all->setDimensions(name, OptProfileSelector::kMAX, max);
    config->addOptimizationProfile(all);
  }
};

using Values = std::vector<float>;

}  // namespace rondo::test
