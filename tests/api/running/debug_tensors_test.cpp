// Debug tensors: marked in the network, hidden in the engine, shown to the listener when switched on.

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

#include "api/net.h"

namespace {

using namespace rondo;
using test::Net;

class Listener : public IDebugListener {
 public:
  bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape, char const* name,
                          cudaStream_t) override {
    EXPECT_EQ(location, TensorLocation::kDEVICE);
    EXPECT_EQ(type, DataType::kFLOAT);
    int64_t count = 1;
    for (int32_t i = 0; i < shape.nbDims; ++i) count *= shape.d[i];
    const auto* first = static_cast<float const*>(addr);
    names += name;
    seen[name].assign(first, first + count);
    if (throws) throw std::runtime_error("no paper");
    return !refuses;
  }
  std::map<std::string, std::vector<float>> seen;
  std::string names;
  bool refuses = false, throws = false;
};

/// y = relu(x + 1) + 1 over x [-1, 3]; h = x + 1 and r = relu(h) are marked, and x and y with `all`.
struct Marked : Net {
  explicit Marked(bool all = false) {
    ITensor& x = input("x", Dims2(-1, 3));
    ITensor& h = add(x, constant(Dims2(1, 3)));
    ITensor& r = *network->addActivation(h, ActivationType::kRELU)->getOutput(0);
    ITensor& y = add(r, constant(Dims2(1, 3)));
    h.setName("h");
    r.setName("r");
    y.setName("y");
    network->markOutput(y);
    EXPECT_TRUE(network->markDebug(r));
    EXPECT_TRUE(network->markDebug(h));
    if (all) {
      EXPECT_TRUE(network->markDebug(x));
      EXPECT_TRUE(network->markDebug(y));
    }
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, 3));
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(2, 3));
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims2(4, 3));
    config->addOptimizationProfile(profile);
    const auto plan = build();
    if (!plan) return;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    context.reset(engine->createExecutionContext());
  }
  bool run(std::vector<float> x) {
    EXPECT_TRUE(context->setInputShape("x", Dims2(static_cast<int64_t>(x.size()) / 3, 3)));
    y.assign(x.size(), 0);
    void* bindings[] = {x.data(), y.data()};
    return context->executeV2(bindings);
  }
  std::unique_ptr<ICudaEngine> engine;
  std::unique_ptr<IExecutionContext> context;
  std::vector<float> y;
};

TEST(DebugTensors, AreHiddenFromTheTensorsOfTheEngine) {
  Marked net;
  ASSERT_NE(net.engine, nullptr) << net.logger.text();
  EXPECT_EQ(net.engine->getNbIOTensors(), 2);
  EXPECT_EQ(net.engine->getNbBindings(), 2);
  EXPECT_TRUE(net.engine->isDebugTensor("h"));
  EXPECT_TRUE(net.engine->isDebugTensor("r"));
  EXPECT_FALSE(net.engine->isDebugTensor("y"));
  EXPECT_FALSE(net.context->setTensorAddress("h", net.y.data()));
  EXPECT_TRUE(net.logger.has("no tensor named 'h'; it has 'x', 'y'")) << net.logger.text();
}

TEST(DebugTensors, ThoseSwitchedOnAreShown) {
  Marked net;
  Listener listener;
  ASSERT_TRUE(net.context->setDebugListener(&listener));
  ASSERT_TRUE(net.run({-3, 0, 3}));
  EXPECT_TRUE(listener.seen.empty());
  EXPECT_TRUE(net.context->setTensorDebugState("h", true));
  EXPECT_TRUE(net.context->getDebugState("h"));
  EXPECT_FALSE(net.context->getDebugState("r"));
  ASSERT_TRUE(net.run({-3, 0, 3, 1, 1, 1}));
  EXPECT_EQ(listener.seen["h"], (std::vector<float>{-2, 1, 4, 2, 2, 2}));
  EXPECT_EQ(net.y, (std::vector<float>{1, 2, 5, 3, 3, 3}));
  EXPECT_TRUE(net.context->setAllTensorsDebugState(true));
  ASSERT_TRUE(net.run({-5, 0, 0}));
  EXPECT_EQ(listener.seen["r"], (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(listener.names, "hrh");
  EXPECT_TRUE(net.context->setAllTensorsDebugState(false));
  ASSERT_TRUE(net.run({-5, 0, 0}));
  EXPECT_EQ(listener.names, "hrh");
}

TEST(DebugTensors, InputsAndOutputsMayBeMarkedToo) {
  Marked net(true);
  ASSERT_NE(net.engine, nullptr) << net.logger.text();
  EXPECT_EQ(net.engine->getNbIOTensors(), 2);
  Listener listener;
  net.context->setDebugListener(&listener);
  net.context->setAllTensorsDebugState(true);
  ASSERT_TRUE(net.run({-3, 0, 3}));
  EXPECT_EQ(listener.names, "xyrh");
  EXPECT_EQ(listener.seen["x"], (std::vector<float>{-3, 0, 3}));
  EXPECT_EQ(listener.seen["y"], net.y);
}

TEST(DebugTensors, AListenerThatFailsFailsTheRun) {
  Marked net;
  Listener listener;
  net.context->setDebugListener(&listener);
  net.context->setTensorDebugState("h", true);
  listener.refuses = true;
  EXPECT_FALSE(net.run({1, 2, 3}));
  EXPECT_TRUE(net.logger.has("the debug listener refused 'h'")) << net.logger.text();
  listener.throws = true;
  EXPECT_FALSE(net.run({1, 2, 3}));
  EXPECT_TRUE(net.logger.has("the debug listener threw when it was shown 'h'")) << net.logger.text();
  EXPECT_EQ(net.y, (std::vector<float>{3, 4, 5})) << "outputs are whole";
}

TEST(DebugTensors, UnknownNamesAreRefused) {
  Marked net;
  EXPECT_FALSE(net.context->setTensorDebugState("y", true));
  EXPECT_TRUE(net.logger.has("'y' is no debug tensor; those of the engine are 'h', 'r'")) << net.logger.text();
}

TEST(DebugTensors, AreKeptAliveAndMayDependOnData) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {6}});
  ITensor& found = *net->addNonZero(x)->getOutput(0);
  ITensor& y = *net->addUnary(x, UnaryOperation::kABS)->getOutput(0);
  found.setName("found");
  net->markOutput(y);
  ITensor& real = *net->addCast(found, DataType::kFLOAT)->getOutput(0);
  real.setName("real");
  ASSERT_TRUE(net->markDebug(real)) << "no output depends on it";
  const auto plan = net.build();
  ASSERT_NE(plan, nullptr) << net.logger.text();
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(net.logger));
  const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
  const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
  Listener listener;
  context->setDebugListener(&listener);
  context->setAllTensorsDebugState(true);
  std::vector<float> values = {0, 1, 0, 2, 0, 3}, out(6);
  void* bindings[] = {values.data(), out.data()};
  ASSERT_TRUE(context->executeV2(bindings)) << net.logger.text();
  EXPECT_EQ(listener.seen["real"], (std::vector<float>{1, 3, 5}));
}

TEST(DebugTensors, InsideALoopTheBuildRefuses) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* value = loop->addRecurrence(net.constant(Dims{1, {2}}));
  ITensor& next = net.add(*value->getOutput(0), net.constant(Dims{1, {2}}));
  value->setInput(1, next);
  net->markOutput(*loop->addLoopOutput(*value->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  ASSERT_TRUE(net->markDebug(next));
  EXPECT_EQ(net.build(), nullptr);
  EXPECT_TRUE(net.logger.has("debug tensor: ")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("hand it out with ILoop::addLoopOutput")) << net.logger.text();
}

}  // namespace
