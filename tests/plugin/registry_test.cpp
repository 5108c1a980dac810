// Creators by name, version and namespace; parents; shared resources.

#include "plugin_case.h"

namespace rondo::test {
namespace {

int32_t count_all(const IPluginRegistry& registry) {
  int32_t count = -1;
  registry.getAllCreators(&count);
  return count;
}

TEST(PluginRegistry, FindsByNameVersionAndNamespace) {
  RecordingLogger logger;
  const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  IPluginRegistry& registry = builder->getPluginRegistry();
  ScaleCreator plain, spaced, again;
  EXPECT_TRUE(registry.registerCreator(plain, ""));
  EXPECT_TRUE(registry.registerCreator(spaced, "mine"));
  EXPECT_FALSE(registry.registerCreator(again, "mine"));
  EXPECT_FALSE(registry.registerCreator(again, nullptr));
  EXPECT_EQ(registry.getPluginCreator("TestScale", "1"), &plain);
  EXPECT_EQ(registry.getPluginCreator("TestScale", "1", "mine"), &spaced);
  EXPECT_EQ(registry.getCreator("TestScale", "1", "mine"), &spaced);
  EXPECT_EQ(registry.getPluginCreator("TestScale", "2"), nullptr);
  EXPECT_EQ(registry.getPluginCreator(nullptr, "1"), nullptr);
  EXPECT_EQ(count_all(registry), 2);
  EXPECT_TRUE(registry.deregisterCreator(spaced));
  EXPECT_FALSE(registry.deregisterCreator(spaced));
  EXPECT_EQ(registry.getCreator("TestScale", "1", "mine"), nullptr);
}

TEST(PluginRegistry, AsksItsParent) {
  RecordingLogger logger;
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
  IPluginRegistry& registry = runtime->getPluginRegistry();
  const Registered<ScaleCreator> old("");
  const Registered<CreatorV3<Bump>> creator("tests", "TestBump");
  EXPECT_NE(registry.getCreator("TestBump", "1", "tests"), nullptr);
  EXPECT_EQ(registry.getPluginCreator("TestBump", "1", "tests"), nullptr) << "of another generation";
  EXPECT_EQ(count_all(registry), 0);
  int32_t all = 0, v1 = 0;
  EXPECT_NE(registry.getAllCreatorsRecursive(&all), nullptr);
  EXPECT_NE(registry.getPluginCreatorList(&v1), nullptr);
  EXPECT_EQ(all, count_all(*getPluginRegistry()));
  EXPECT_LT(v1, all);
  registry.setParentSearchEnabled(false);
  EXPECT_FALSE(registry.isParentSearchEnabled());
  EXPECT_EQ(registry.getCreator("TestBump", "1", "tests"), nullptr);
}

TEST(PluginRegistry, BuildersAndRuntimesKeepCreatorsApart) {
  PluginCase net;
  ScaleCreator creator;
  Scale scale(2);
  net.mark(net.plugin({&net.input("x", Dims2(1, 2))}, scale));
  EXPECT_TRUE(net.builder->getPluginRegistry().registerCreator(creator, ""));
  const std::unique_ptr<ICudaEngine> engine(net.builder->buildEngineWithConfig(*net.network, *net.config));
  EXPECT_NE(engine, nullptr) << net.logger.text();
  Loaded elsewhere(net.plan_bytes(), net.logger);
  EXPECT_EQ(elsewhere.engine, nullptr) << "that registry does not know it";
}

struct Counted final : IPluginResource {
  explicit Counted(int* released) : released_(released) {}
  int32_t release() noexcept override { return ++*released_, 0; }
  Counted* clone() noexcept override { return new Counted(released_); }
  int* released_;
};

TEST(PluginRegistry, SharesResourcesByCountingThem) {
  int released = 0;
  Counted resource(&released);
  IPluginRegistry& registry = *getPluginRegistry();
  IPluginResource* first = registry.acquirePluginResource("key", &resource);
  ASSERT_NE(first, nullptr);
  EXPECT_NE(first, &resource);
  EXPECT_EQ(registry.acquirePluginResource("key", &resource), first);
  EXPECT_EQ(registry.releasePluginResource("key"), 0);
  EXPECT_EQ(released, 0);
  EXPECT_EQ(registry.releasePluginResource("key"), 0);
  EXPECT_EQ(released, 1);
  EXPECT_EQ(registry.releasePluginResource("key"), -1);
  EXPECT_EQ(registry.acquirePluginResource(nullptr, &resource), nullptr);
}

TEST(PluginRegistry, RefusesLibrariesThatAreNone) {
  EXPECT_EQ(getPluginRegistry()->loadLibrary("/no/such/library.so"), nullptr);
  EXPECT_EQ(getPluginRegistry()->loadLibrary("libm.so.6"), nullptr) << "brings no plugins";
  EXPECT_EQ(getPluginRegistry()->loadLibrary(nullptr), nullptr);
}

TEST(PluginRegistry, BundledOnesComeOncePerNamespace) {
  EXPECT_TRUE(initLibNvInferPlugins(nullptr, "bundled"));
  const int32_t count = count_all(*getPluginRegistry());
  EXPECT_TRUE(initLibNvInferPlugins(nullptr, "bundled"));
  EXPECT_EQ(count_all(*getPluginRegistry()), count);
  for (const char* name :
       {"LayerNorm", "CustomGeluPluginDynamic", "CustomSkipLayerNormPluginDynamic", "CustomEmbLayerNormPluginDynamic",
        "CustomQKVToContextPluginDynamic", "CustomFCPluginDynamic", "InstanceNormalization_TRT"}) {
    EXPECT_NE(getPluginRegistry()->getPluginCreator(name, "1", "bundled"), nullptr) << name;
  }
  EXPECT_FALSE(initLibNvInferPlugins(nullptr, nullptr));
}

}  // namespace
}  // namespace rondo::test
