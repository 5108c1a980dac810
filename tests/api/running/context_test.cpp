// The running half behind the public interfaces, both generations, on a hand-made plan.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "plan/plan_file.h"
#include "rondo/runtime.h"

namespace rondo {
namespace {

class Log final : public ILogger {
 public:
  void log(Severity severity, AsciiChar const* msg) override {
    if (severity <= Severity::kERROR) last = msg;
  }
  std::string last;
};

/// y = x + x over x [n <= 4 | 8, 3] in two profiles, one temporary in the arena.
Bytes plan_bytes() {
  plan::Program p;
  p.name = "double";
  p.symbols.push_back({plan::Symbol::Source::kInputDim, 0, 0, "n"});
  const auto constant = [&](int64_t v) {
    p.exprs.push_back({plan::ExprKind::kConstant, v, plan::kNone, plan::kNone});
    return static_cast<plan::ExprId>(p.exprs.size() - 1);
  };
  const auto times = [&](plan::ExprId a, plan::ExprId b) {
    p.exprs.push_back({plan::ExprKind::kMul, 0, a, b});
    return static_cast<plan::ExprId>(p.exprs.size() - 1);
  };
  p.exprs.push_back({plan::ExprKind::kSymbol, 0, plan::kNone, plan::kNone});
  const plan::ExprId n = 0, zero = constant(0), one = constant(1), three = constant(3), row = constant(12);
  const plan::ExprId bytes = times(n, row);
  for (const bool input : {true, false}) {
    plan::Binding b;
    b.name = input ? "x" : "y";
    b.is_input = input;
    b.dims = {-1, 3};
    b.dim_exprs = {n, three};
    b.buffer = input ? 0 : 1;
    p.bindings.push_back(b);
    p.buffers.push_back(
        {input ? plan::Storage::kInput : plan::Storage::kOutput, DType::kFloat32, input ? 0u : 1u, bytes, 0, 0});
  }
  p.buffers.push_back({plan::Storage::kArena, DType::kFloat32, 0, bytes, 0, 96});
  p.arena_bytes = 128;
  for (const int64_t most : {4, 8}) {
    plan::Profile profile;
    profile.inputs.resize(1);
    profile.inputs[0].min = {1, 3};
    profile.inputs[0].opt = {2, 3};
    profile.inputs[0].max = {most, 3};
    p.profiles.push_back(profile);
  }
  for (uint32_t b = 0; b < 3; ++b) {
    plan::View view;
    view.buffer = b;
    view.offset = zero;
    view.strides = {three, one};
    p.views.push_back(view);
  }
  using tile::InstKind;
  tile::TileProgram add;
  add.insts = {{InstKind::kLoad, {}, tile::ValueType::kF32, {}, 0, 0},
               {InstKind::kPointwise, tile::PointwiseFn::f_add, tile::ValueType::kF32, {0, 0, 0}, 0, 0},
               {InstKind::kStore, {}, tile::ValueType::kF32, {1, 0, 0}, 1, 0}};
  add.operand_dtypes = {DType::kFloat32, DType::kFloat32};
  tile::TileProgram copy = add;
  copy.insts = {add.insts[0], {InstKind::kStore, {}, tile::ValueType::kF32, {0, 0, 0}, 1, 0}};
  p.tile_programs = {add, copy};
  p.stages.push_back({{n, three}, {}, 0, {0, 2}, {}});
  p.stages.push_back({{n, three}, {}, 1, {2, 1}, {}});
  p.steps = {{plan::StepKind::kStage, 0, "add"}, {plan::StepKind::kStage, 1, "copy"}};
  p.blocks = {{{0, 1}}};
  return plan::write_plan(p);
}

struct Loaded {
  Loaded() {
    const auto bytes = plan_bytes();
    engine.reset(runtime->deserializeCudaEngine(bytes.data(), bytes.size()));
    if (engine != nullptr) context.reset(engine->createExecutionContext());
  }
  Log log;
  std::unique_ptr<IRuntime> runtime{createInferRuntime(log)};
  std::unique_ptr<ICudaEngine> engine;
  std::unique_ptr<IExecutionContext> context;
};

TEST(RunningHalf, NamesAndEnqueueV3) {
  Loaded l;
  ASSERT_NE(l.context, nullptr) << l.log.last;
  EXPECT_EQ(l.engine->getNbIOTensors(), 2);
  EXPECT_STREQ(l.engine->getIOTensorName(1), "y");
  EXPECT_EQ(l.engine->getTensorIOMode("y"), TensorIOMode::kOUTPUT);
  EXPECT_EQ(l.engine->getTensorShape("x").d[0], -1);
  EXPECT_EQ(l.engine->getProfileShape("x", 1, OptProfileSelector::kMAX).d[0], 8);
  EXPECT_EQ(l.context->getTensorShape("y").d[0], -1);
  EXPECT_EQ(l.context->getMaxOutputSize("y"), 48);
  char const* missing[1] = {};
  EXPECT_EQ(l.context->inferShapes(1, missing), 1);
  EXPECT_STREQ(missing[0], "x");
  ASSERT_TRUE(l.context->setInputShape("x", Dims{2, {2, 3}}));
  EXPECT_EQ(l.context->getTensorShape("y").d[0], 2);
  EXPECT_EQ(l.context->getTensorStrides("y").d[0], 3);
  std::vector<float> x{1, 2, 3, 4, 5, 6}, y(6);
  EXPECT_FALSE(l.context->enqueueV3(nullptr));
  EXPECT_NE(l.log.last.find("input 'x' has no address"), std::string::npos) << l.log.last;
  EXPECT_TRUE(l.context->setInputTensorAddress("x", x.data()));
  EXPECT_TRUE(l.context->setTensorAddress("y", y.data()));
  ASSERT_TRUE(l.context->enqueueV3(nullptr)) << l.log.last;
  EXPECT_EQ(y, (std::vector<float>{2, 4, 6, 8, 10, 12}));
}

TEST(RunningHalf, BindingsAndExecuteV2) {
  Loaded l;
  ASSERT_NE(l.context, nullptr) << l.log.last;
  EXPECT_EQ(l.engine->getNbBindings(), 4);
  EXPECT_STREQ(l.engine->getBindingName(2), "x [profile 1]");
  EXPECT_EQ(l.engine->getBindingIndex("y [profile 1]"), 3);
  EXPECT_TRUE(l.engine->bindingIsInput(2));
  EXPECT_FALSE(l.context->setBindingDimensions(2, Dims{2, {6, 3}}));
  EXPECT_NE(l.log.last.find("belongs to profile 1"), std::string::npos);
  ASSERT_TRUE(l.context->setOptimizationProfile(1));
  EXPECT_FALSE(l.context->allInputDimensionsSpecified());
  ASSERT_TRUE(l.context->setBindingDimensions(2, Dims{2, {6, 3}})) << l.log.last;
  EXPECT_TRUE(l.context->allInputDimensionsSpecified());
  std::vector<float> x(18, 1.5F), y(18);
  void* bindings[4] = {nullptr, nullptr, x.data(), y.data()};
  ASSERT_TRUE(l.context->executeV2(bindings)) << l.log.last;
  EXPECT_EQ(y, std::vector<float>(18, 3.0F));
  EXPECT_FALSE(l.context->execute(1, bindings));
  EXPECT_NE(l.log.last.find("use executeV2"), std::string::npos);
}

TEST(RunningHalf, RefusesWithTheNameOfWhatIsWrong) {
  Loaded l;
  ASSERT_NE(l.context, nullptr) << l.log.last;
  EXPECT_FALSE(l.context->setInputShape("x", Dims{2, {5, 3}}));
  EXPECT_EQ(
      l.log.last,
      "input 'x': dimension 0 is 5, profile 0 allows [1, 4]; select another profile or rebuild with a wider range");
  EXPECT_FALSE(l.context->setInputShape("z", Dims{2, {5, 3}}));
  EXPECT_EQ(l.log.last, "the engine has no tensor named 'z'; it has 'x', 'y'");
  EXPECT_FALSE(l.context->setInputShape("x", Dims{-1, {}}));
  EXPECT_FALSE(l.context->setTensorAddress(nullptr, nullptr));
  EXPECT_FALSE(l.context->setOptimizationProfile(2));
  EXPECT_EQ(l.engine->getBindingName(4), nullptr);
  EXPECT_EQ(l.runtime->deserializeCudaEngine("no plan", 7), nullptr);
  EXPECT_NE(l.log.last.find("the plan cannot be loaded"), std::string::npos);
}

TEST(RunningHalf, SerializesTheSameBytes) {
  Loaded l;
  ASSERT_NE(l.engine, nullptr) << l.log.last;
  const std::unique_ptr<IHostMemory> again(l.engine->serialize());
  const auto bytes = plan_bytes();
  ASSERT_EQ(again->size(), bytes.size());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), static_cast<uint8_t*>(again->data())));
}

TEST(RunningHalf, UserMemoryAndOutputAllocator) {
  struct Outputs final : IOutputAllocator {
    void* reallocateOutput(char const*, void*, uint64_t size, uint64_t) override {
      memory.resize(size / sizeof(float));
      return memory.data();
    }
    void notifyShape(char const*, Dims const& d) override { dims = d; }
    std::vector<float> memory;
    Dims dims{};
  } outputs;
  Loaded l;
  const std::unique_ptr<IExecutionContext> context(l.engine->createExecutionContextWithoutDeviceMemory());
  std::vector<float> x{1, 2, 3};
  ASSERT_TRUE(context->setInputShape("x", Dims{2, {1, 3}}));
  ASSERT_TRUE(context->setTensorAddress("x", x.data()));
  ASSERT_TRUE(context->setOutputAllocator("y", &outputs));
  EXPECT_FALSE(context->enqueueV3(nullptr));
  EXPECT_NE(l.log.last.find("call setDeviceMemory"), std::string::npos) << l.log.last;
  EXPECT_LE(context->updateDeviceMemorySizeForShapes(), l.engine->getDeviceMemorySize());
  alignas(256) std::byte memory[128];
  context->setDeviceMemory(memory);
  ASSERT_TRUE(context->enqueueV3(nullptr)) << l.log.last;
  EXPECT_EQ(outputs.memory, (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(outputs.dims.d[0], 1);
}

TEST(RunningHalf, AllocatorIsHonoured) {
  struct Counting final : IGpuAllocator {
    void* allocate(uint64_t const size, uint64_t const alignment, AllocatorFlags const) override {
      ++live;
      return ::operator new (size, std::align_val_t{alignment});
    }
    bool deallocate(void* const memory) override {
      --live;
      ::operator delete (memory, std::align_val_t{256});
      return true;
    }
    int live = 0;
  } allocator;
  Loaded l;
  l.runtime->setGpuAllocator(&allocator);
  const auto bytes = plan_bytes();
  const std::unique_ptr<ICudaEngine> engine(l.runtime->deserializeCudaEngine(bytes.data(), bytes.size()));
  std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
  EXPECT_EQ(allocator.live, 1);
  context.reset();
  EXPECT_EQ(allocator.live, 0);
}

TEST(RunningHalf, ProfilerAndInspectorNameTheLayers) {
  struct Times final : IProfiler {
    void reportLayerTime(char const* layerName, float) override { names += std::string(layerName) + ";"; }
    std::string names;
  } times;
  Loaded l;
  std::vector<float> x(3), y(3);
  ASSERT_TRUE(l.context->setInputShape("x", Dims{2, {1, 3}}));
  l.context->setProfiler(&times);
  void* bindings[2] = {x.data(), y.data()};
  ASSERT_TRUE(l.context->executeV2(bindings));
  EXPECT_EQ(times.names, "add;copy;");
  const std::unique_ptr<IEngineInspector> inspector(l.engine->createEngineInspector());
  EXPECT_EQ(l.engine->getNbLayers(), 2);
  EXPECT_STREQ(inspector->getLayerInformation(1, LayerInformationFormat::kONELINE), "copy");
  EXPECT_STREQ(inspector->getLayerInformation(0, LayerInformationFormat::kJSON), "\"add\"");
  EXPECT_EQ(inspector->getLayerInformation(2, LayerInformationFormat::kJSON), nullptr);
  EXPECT_STREQ(inspector->getEngineInformation(LayerInformationFormat::kJSON),
               "{\"Layers\": [\"add\",\n\"copy\"],\n\"Bindings\": [\"x\", \"y\", \"x [profile 1]\", \"y [profile "
               "1]\"],\n\"Weights\": {\"Bytes\": "
               "0, \"PackedInPlan\": 0, \"PackedAtLoad\": 0}}\n");
  EXPECT_TRUE(inspector->setExecutionContext(l.context.get()));
  EXPECT_NE(std::string(inspector->getEngineInformation(LayerInformationFormat::kONELINE)).find("y: f32 [1, 3]"),
            std::string::npos);
}

/// The profiler's callback runs inside of a run, so a second thread that calls meanwhile must be refused.
TEST(RunningHalf, ASecondThreadIsRefused) {
  struct Intruder final : IProfiler {
    void reportLayerTime(char const*, float) override {
      std::thread([&] { refused = !context->setInputShape("x", Dims{2, {2, 3}}); }).join();
    }
    IExecutionContext* context = nullptr;
    bool refused = false;
  } intruder;
  Loaded l;
  intruder.context = l.context.get();
  std::vector<float> x(3), y(3);
  ASSERT_TRUE(l.context->setInputShape("x", Dims{2, {1, 3}}));
  l.context->setProfiler(&intruder);
  void* bindings[2] = {x.data(), y.data()};
  EXPECT_TRUE(l.context->executeV2(bindings));
  EXPECT_TRUE(intruder.refused);
  EXPECT_NE(l.log.last.find("in use by another thread"), std::string::npos) << l.log.last;
}

}  // namespace
}  // namespace rondo
