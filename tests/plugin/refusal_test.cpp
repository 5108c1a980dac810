// What is refused, and how: networks, plans without their plugin, damaged and hostile plans, libraries inside of plans.

#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "plan/plan_file.h"
#include "plugin/fields.h"
#include "plugin_case.h"

namespace rondo::test {
namespace {

/// A plan with one layer of TestScale, factor 2.
std::string scale_plan(PluginCase& net) {
  Scale scale(2);
  net.mark(net.plugin({&net.input("x", Dims2(1, 2))}, scale));
  return net.plan_bytes();
}

TEST(PluginRefusal, NoTypesInCommon) {
  PluginCase net;
  Scale scale(2);
  ITensor& y = net.plugin({&net.input("x", Dims2(1, 2), DataType::kINT32)}, scale, "enc");
  EXPECT_EQ(y.getDimensions().nbDims, -1);
  net.mark(y);
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("layer 'enc', plugin 'TestScale' version '1' accepts no types")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("i32[1, 2]")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("(plugin C1)")) << net.logger.text();
}

TEST(PluginRefusal, StrongTypingConvertsNothing) {
  PluginCase net;
  net.network.reset(
      net.builder->createNetworkV2(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED)));
  witness().type = DataType::kHALF;
  Scale scale(2);
  net.mark(net.plugin({&net.input("x", Dims2(1, 2))}, scale));
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("(plugin C1)")) << net.logger.text();
}

TEST(PluginRefusal, OnlyTheBatchMayBeDynamicForOldClasses) {
  PluginCase net;
  AddBatchIO plugin;
  net.mark(net.plugin({&net.input("x", Dims2(2, -1))}, plugin));
  net.profile("x", Dims2(2, 1), Dims2(2, 2), Dims2(2, 4));
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("derive it from IPluginV2DynamicExt")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("(plugin C3)")) << net.logger.text();
}

TEST(PluginRefusal, NullInputs) {
  PluginCase net;
  Scale scale(2);
  ITensor* none = nullptr;
  EXPECT_EQ(net->addPluginV2(&none, 1, scale), nullptr);
  EXPECT_TRUE(net.logger.has("addPluginV2: input 0 is null")) << net.logger.text();
  EXPECT_EQ(net->addPluginV2(nullptr, 1, scale), nullptr);
  EXPECT_EQ(net->addPluginV2(nullptr, -1, scale), nullptr);
}

TEST(PluginRefusal, PlanNamesThePluginThatIsMissing) {
  PluginCase net;
  const std::string plan = scale_plan(net);
  ASSERT_FALSE(plan.empty()) << net.logger.text();
  Loaded loaded(plan, net.logger);
  EXPECT_EQ(loaded.engine, nullptr);
  EXPECT_TRUE(net.logger.has("the plan needs plugin 'TestScale' version '1'")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("loadLibrary")) << net.logger.text();
  EXPECT_FALSE(net.logger.internal_error);
}

TEST(PluginRefusal, CreatorMayRefuseWhatThePlanHolds) {
  PluginCase net;
  const Registered<ScaleCreator> creator("");
  const std::string plan = scale_plan(net);
  witness().refuses = true;
  Loaded loaded(plan, net.logger);
  EXPECT_EQ(loaded.engine, nullptr);
  EXPECT_TRUE(net.logger.has("deserializePlugin returned null")) << net.logger.text();
}

TEST(PluginRefusal, HostilePlansAreFound) {
  PluginCase net;
  const std::string bytes = scale_plan(net);
  ASSERT_FALSE(bytes.empty()) << net.logger.text();
  const plan::Program good = plan::read_plan(bytes.data(), bytes.size());
  ASSERT_EQ(good.plugins.size(), 1u);
  EXPECT_EQ(good.plugins[0].type, "TestScale");
  size_t k = 0;
  while (good.kernels.at(k).id != plan::KernelId::k_plugin) ++k;
  const auto refused = [&](auto damage) {
    plan::Program bad = good;
    damage(bad, bad.kernels[k]);
    try {
      plan::verify(bad);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  EXPECT_FALSE(refused([](plan::Program&, plan::Kernel&) {}));
  EXPECT_TRUE(refused([](plan::Program& p, plan::Kernel&) { p.plugins.clear(); }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs[0] = -1; }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs[1] = 2; }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs[1] = INT64_MIN; }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs[2] = 9; }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs[3] = 1; }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.attrs.pop_back(); }));
  EXPECT_TRUE(refused([](plan::Program&, plan::Kernel& x) { x.exprs.pop_back(); }));
  EXPECT_TRUE(refused([](plan::Program& p, plan::Kernel& x) { p.kernels.push_back(plan::Kernel(x)); }));
  const Registered<ScaleCreator> creator("");
  for (size_t i = 0; i < bytes.size(); i += 37) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_EQ(Loaded(flipped, net.logger).engine, nullptr) << "byte " << i;
  }
}

TEST(PluginRefusal, DamagedFieldsAreFound) {
  const int32_t numbers[] = {1, 2, 3};
  const PluginField fields[] = {{"n", numbers, PluginFieldType::kINT32, 3},
                                {"none", nullptr, PluginFieldType::kCHAR, 0}};
  const std::string bytes = plugin::encode_fields({2, fields}, "it");
  const plugin::DecodedFields back(bytes, "it");
  ASSERT_EQ(back.collection().nbFields, 2);
  EXPECT_EQ(std::memcmp(back.collection().fields[0].data, numbers, sizeof numbers), 0);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(plugin::DecodedFields(bytes.substr(0, size), "it"), Error) << size;
  }
  EXPECT_THROW(plugin::DecodedFields(bytes + "x", "it"), Error);
  std::string huge = bytes;
  huge[0] = huge[1] = huge[2] = '\x7f';
  EXPECT_THROW(plugin::DecodedFields(huge, "it"), Error);
  const PluginField bad[] = {{"n", nullptr, PluginFieldType::kINT32, 3}};
  EXPECT_THROW(plugin::encode_fields({1, bad}, "it"), Error);
}

TEST(PluginRefusal, LibrariesInPlansNeedPermission) {
  const std::string path = testing::TempDir() + "/rondo_not_a_library.so";
  std::ofstream(path) << "no machine code";
  PluginCase net;
  const char* paths[] = {path.c_str()};
  net.config->setPluginsToSerialize(paths, 1);
  EXPECT_EQ(net.config->getNbPluginsToSerialize(), 1);
  EXPECT_STREQ(net.config->getPluginToSerialize(0), path.c_str());
  EXPECT_EQ(net.config->getPluginToSerialize(1), nullptr);
  const std::string plan = scale_plan(net);
  std::remove(path.c_str());
  ASSERT_FALSE(plan.empty()) << net.logger.text();
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(net.logger));
  EXPECT_EQ(runtime->deserializeCudaEngine(plan.data(), plan.size()), nullptr);
  EXPECT_TRUE(net.logger.has("brings library 'rondo_not_a_library.so'")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("setEngineHostCodeAllowed")) << net.logger.text();
  net.logger.errors.clear();
  runtime->setEngineHostCodeAllowed(true);
  EXPECT_EQ(runtime->deserializeCudaEngine(plan.data(), plan.size()), nullptr);
  EXPECT_TRUE(net.logger.has("cannot be loaded")) << net.logger.text();
  const Registered<ScaleCreator> creator("");
  runtime->setEngineHostCodeAllowed(false);
  const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
  EXPECT_NE(engine, nullptr) << "the library is not needed";
}

TEST(PluginRefusal, LibraryToSerializeMustBeThere) {
  PluginCase net;
  const char* paths[] = {"/no/such/library.so"};
  net.config->setPluginsToSerialize(paths, 1);
  EXPECT_TRUE(scale_plan(net).empty());
  EXPECT_TRUE(net.logger.has("'/no/such/library.so'")) << net.logger.text();
}

}  // namespace
}  // namespace rondo::test
