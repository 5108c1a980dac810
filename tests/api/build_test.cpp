// The builder from network to plan and engine: determinism, settings, watching, both roads to an engine.

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "net.h"

namespace {

using namespace rondo;
using test::Net;

// h = relu(x W + h R) over 4 steps, all ones, h0 = 1: 12, 67, 342, 1717.
struct ReluRnn : Net {
  ReluRnn() {
    ITensor& x = input("x", Dims3(3, 4, 7));
    ITensor& steps = scalar(4);
    ILoop* loop = network->addLoop();
    loop->addTripLimit(steps, TripLimit::kCOUNT);
    IRecurrenceLayer* h = loop->addRecurrence(constant(Dims2(3, 5)));
    ITensor& sum = add(product(*loop->addIterator(x, 1)->getOutput(0), constant(Dims2(7, 5))),
                       product(*h->getOutput(0), constant(Dims2(5, 5))));
    ITensor& next = *network->addActivation(sum, ActivationType::kRELU)->getOutput(0);
    h->setInput(1, next);
    ILoopOutputLayer* all = loop->addLoopOutput(next, LoopOutput::kCONCATENATE, 1);
    all->setInput(1, steps);
    network->markOutput(*loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
    network->markOutput(*all->getOutput(0));
  }
  ITensor& product(ITensor& a, ITensor& b) {
    return *network->addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kNONE)->getOutput(0);
  }
};

void expect_relu_rnn(ICudaEngine* engine) {
  ASSERT_NE(engine, nullptr);
  const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
  ASSERT_NE(context, nullptr);
  std::vector<float> x(84, 1), last(15), all(60);
  void* bindings[] = {x.data(), last.data(), all.data()};
  ASSERT_TRUE(context->executeV2(bindings));
  EXPECT_EQ(last, std::vector<float>(15, 1717));
  for (size_t t = 0; t < 4; ++t) EXPECT_EQ(all[t * 5], (std::vector<float>{12, 67, 342, 1717})[t]);
}

std::unique_ptr<ICudaEngine> load(Net& net, const IHostMemory& plan) {
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(net.logger));
  return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan.data(), plan.size()));
}

TEST(Build, GivesAPlanThatRuns) {
  ReluRnn net;
  const auto plan = net.build();
  ASSERT_NE(plan, nullptr) << net.logger.text();
  EXPECT_EQ(plan->type(), DataType::kINT8);
  expect_relu_rnn(load(net, *plan).get());
}

TEST(Build, EnginesOutliveWhatMadeThem) {
  ReluRnn net;
  const std::unique_ptr<ICudaEngine> engine(net.builder->buildEngineWithConfig(*net.network, *net.config));
  const std::unique_ptr<ICudaEngine> old_style(net.builder->buildCudaEngine(*net.network));
  net.config.reset();
  net.network.reset();
  net.builder.reset();
  net.floats.clear();
  net.ints.clear();
  expect_relu_rnn(engine.get());
  expect_relu_rnn(old_style.get());
}

TEST(Build, SameNetworkSameBytes) {
  ReluRnn first, second;
  const auto a = first.build(), b = first.build(), c = second.build();
  ASSERT_TRUE(a && b && c) << first.logger.text();
  ASSERT_EQ(a->size(), b->size());
  ASSERT_EQ(a->size(), c->size());
  EXPECT_EQ(std::memcmp(a->data(), b->data(), a->size()), 0);
  EXPECT_EQ(std::memcmp(a->data(), c->data(), a->size()), 0);
}

TEST(Build, EachPassCanBeSwitchedOff) {
  for (const char* pass : {"fold_constants", "normalise", "hoist_invariants", "split_sums", "batch_over_time",
                           "merge_siblings", "fuse_tails", "place_states", "pack_weights", "chain_stages"}) {
    ReluRnn net;
    ASSERT_TRUE(net.config->setPassEnabled(pass, false)) << net.logger.text();
    EXPECT_FALSE(net.config->getPassEnabled(pass));
    const auto plan = net.build();
    ASSERT_NE(plan, nullptr) << pass << ": " << net.logger.text();
    expect_relu_rnn(load(net, *plan).get());
  }
}

TEST(Build, TheLogTellsWhichLayersRunTogether) {
  struct Listener final : ILogger {
    void log(Severity, AsciiChar const* msg) noexcept override { text += std::string(msg) + "\n"; }
    std::string text;
  } listener;
  const std::unique_ptr<IBuilder> builder(createInferBuilder(listener));
  const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
  ITensor* x = network->addInput("x", DataType::kFLOAT, Dims2{32, 8});
  auto* scores = network->addMatrixMultiply(*x, MatrixOperation::kNONE, *x, MatrixOperation::kTRANSPOSE);
  scores->setName("scores");
  auto* softmax = network->addSoftMax(*scores->getOutput(0));
  softmax->setAxes(2);
  softmax->setName("softmax");
  network->markOutput(*softmax->getOutput(0));
  const std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
  ASSERT_NE(plan, nullptr) << listener.text;
  EXPECT_NE(listener.text.find("Chaining scores with softmax\n"), std::string::npos) << listener.text;
}

TEST(Build, LevelZeroKeepsTheNetwork) {
  ReluRnn net;
  net.config->setBuilderOptimizationLevel(0);
  const auto plan = net.build();
  ASSERT_NE(plan, nullptr) << net.logger.text();
  expect_relu_rnn(load(net, *plan).get());
}

TEST(Build, DumpsTheGraphAroundEachPass) {
  const auto folder = std::filesystem::temp_directory_path() / "rondo_build_test_dump";
  std::filesystem::remove_all(folder);
  ReluRnn net;
  net.config->setGraphDumpPath(folder.c_str());
  EXPECT_STREQ(net.config->getGraphDumpPath(), folder.c_str());
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_TRUE(std::filesystem::exists(folder / "00_lower_network.after.txt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "01_expand_structured.before.txt"));
  std::filesystem::remove_all(folder);
}

class Monitor final : public IProgressMonitor {
 public:
  explicit Monitor(int32_t limit) : limit_(limit) {}
  void phaseStart(char const*, char const*, int32_t nbSteps) noexcept override { steps = nbSteps; }
  bool stepComplete(char const*, int32_t step) noexcept override {
    EXPECT_EQ(step, done++);
    return done < limit_;
  }
  void phaseFinish(char const*) noexcept override { ++finished; }
  int32_t steps = 0, done = 0, finished = 0;

 private:
  int32_t limit_;
};

TEST(Build, ReportsProgressAndCanBeCancelled) {
  ReluRnn net;
  Monitor all(1000), some(3);
  net.config->setProgressMonitor(&all);
  EXPECT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_EQ(all.done, all.steps);
  EXPECT_EQ(all.finished, 1);
  net.config->setProgressMonitor(&some);
  EXPECT_EQ(net.build(), nullptr);
  EXPECT_EQ(some.finished, 1);
  EXPECT_TRUE(net.logger.has("cancelled")) << net.logger.text();
}

class Recorder final : public IErrorRecorder {
 public:
  int32_t getNbErrors() const noexcept override { return static_cast<int32_t>(codes.size()); }
  ErrorCode getErrorCode(int32_t i) const noexcept override { return codes[static_cast<size_t>(i)]; }
  ErrorDesc getErrorDesc(int32_t) const noexcept override { return ""; }
  bool hasOverflowed() const noexcept override { return false; }
  void clear() noexcept override { codes.clear(); }
  bool reportError(ErrorCode code, ErrorDesc) noexcept override {
    codes.push_back(code);
    return false;
  }
  RefCount incRefCount() noexcept override { return ++references; }
  RefCount decRefCount() noexcept override { return --references; }
  std::vector<ErrorCode> codes;
  RefCount references = 0;
};

TEST(Build, RecordersGetCodesAndAreCounted) {
  Recorder recorder;
  {
    Net net;
    net->setErrorRecorder(&recorder);
    EXPECT_EQ(recorder.references, 1);
    net->addInput(nullptr, DataType::kFLOAT, Dims2(1, 1));
    ITensor& x = net.input("x", Dims2(-1, 1));
    net->markOutput(*net->addUnary(x, UnaryOperation::kABS)->getOutput(0));
    EXPECT_EQ(net.build(), nullptr);
    EXPECT_EQ(recorder.codes, (std::vector<ErrorCode>{ErrorCode::kINVALID_ARGUMENT, ErrorCode::kINVALID_CONFIG}));
  }
  EXPECT_EQ(recorder.references, 0);
}

class ThrowingLogger final : public ILogger {
 public:
  void log(Severity, AsciiChar const*) override { throw 1; }
};

TEST(Build, LoggersThatThrowLoseTheMessageOnly) {
  ThrowingLogger logger;
  const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  EXPECT_EQ(network->addInput(nullptr, DataType::kFLOAT, Dims2(1, 1)), nullptr);
}

TEST(Config, KeepsWhatIsSet) {
  Net net;
  IBuilderConfig& config = *net.config;
  EXPECT_EQ(config.getFlags(), 1U << static_cast<int32_t>(BuilderFlag::kTF32));
  config.setFlag(BuilderFlag::kFP16);
  EXPECT_TRUE(config.getFlag(BuilderFlag::kFP16));
  config.clearFlag(BuilderFlag::kTF32);
  EXPECT_FALSE(config.getFlag(BuilderFlag::kTF32));
  config.setMaxWorkspaceSize(1 << 20);
  EXPECT_EQ(config.getMemoryPoolLimit(MemoryPoolType::kWORKSPACE), 1U << 20);
  EXPECT_EQ(config.getBuilderOptimizationLevel(), 3);
  config.setBuilderOptimizationLevel(9);
  EXPECT_EQ(config.getBuilderOptimizationLevel(), 3);
  EXPECT_EQ(config.getAvgTimingIterations(), 1);
  EXPECT_TRUE(config.setTacticSources(3));
  EXPECT_EQ(config.getTacticSources(), 3U);
  EXPECT_FALSE(config.setTacticSources(1U << 20));
  EXPECT_FALSE(config.setMaxThreads(-1));
  EXPECT_TRUE(config.setMaxThreads(2));
  EXPECT_EQ(config.getMaxThreads(), 2);
  EXPECT_FALSE(config.canRunOnDLA(nullptr));
  config.reset();
  EXPECT_TRUE(config.getFlag(BuilderFlag::kTF32));
  EXPECT_EQ(config.getMaxThreads(), 0);
  EXPECT_EQ(net.logger.errors.size(), 3u) << net.logger.text();
}

TEST(Config, UnmetFlagsAreWarnedAbout) {
  ReluRnn net;
  net.config->setFlag(BuilderFlag::kFP8);
  EXPECT_NE(net.build(), nullptr) << net.logger.text();
  ASSERT_EQ(net.logger.warnings.size(), 1u);
  EXPECT_NE(net.logger.warnings[0].find("kFP8"), std::string::npos);
}

TEST(Profile, KeepsShapesAndValues) {
  Net net;
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  EXPECT_TRUE(profile->isValid());
  EXPECT_EQ(profile->getDimensions("x", OptProfileSelector::kMIN).nbDims, -1);
  EXPECT_TRUE(profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, 2)));
  EXPECT_EQ(profile->getDimensions("x", OptProfileSelector::kMIN).d[1], 2);
  const int32_t values[] = {3, 4};
  EXPECT_EQ(profile->getNbShapeValues("s"), -1);
  EXPECT_TRUE(profile->setShapeValues("s", OptProfileSelector::kOPT, values, 2));
  EXPECT_EQ(profile->getNbShapeValues("s"), 2);
  EXPECT_EQ(profile->getShapeValues("s", OptProfileSelector::kOPT)[1], 4);
  EXPECT_EQ(profile->getShapeValuesV2("s", OptProfileSelector::kOPT)[0], 3);
  EXPECT_EQ(profile->getShapeValues("s", OptProfileSelector::kMAX), nullptr);
  EXPECT_FALSE(profile->setShapeValues("s", OptProfileSelector::kMAX, values, 1)) << "another length";
  EXPECT_FALSE(profile->setExtraMemoryTarget(2));
  EXPECT_FALSE(profile->isValid());
  EXPECT_EQ(net.config->addOptimizationProfile(nullptr), -1);
}

}  // namespace
