// kINT8 with a calibrator or dynamic ranges: who is called when, and what the layers then compute.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "net.h"

namespace {

using namespace rondo;
using test::Net;

/// Four batches of x [2, 8]; counts the calls.
template <class Base>
class Batches : public Base {
 public:
  explicit Batches(size_t batches = 4) {
    for (size_t b = 0; b < batches; ++b) {
      auto& data = data_.emplace_back(16);
      for (size_t i = 0; i < data.size(); ++i) data[i] = std::sin(static_cast<float>(b * 16 + i));
    }
  }
  int32_t getBatchSize() const override { return 2; }
  bool getBatch(void* bindings[], char const* names[], int32_t count) override {
    EXPECT_EQ(count, 1);
    EXPECT_STREQ(names[0], "x");
    calls += "b";
    if (next_ == data_.size()) return false;
    bindings[0] = data_[next_++].data();
    return true;
  }
  void const* readCalibrationCache(size_t& length) override {
    calls += "r";
    length = cache.size();
    return cache.empty() ? nullptr : cache.data();
  }
  void writeCalibrationCache(void const* ptr, size_t length) override {
    calls += "w";
    cache.assign(static_cast<char const*>(ptr), length);
  }

  std::string calls, cache;

 private:
  std::vector<std::vector<float>> data_;
  size_t next_ = 0;
};

class Legacy : public Batches<IInt8LegacyCalibrator> {
 public:
  double getQuantile() const override { return 0.9; }
  double getRegressionCutoff() const override { return 1; }
  void const* readHistogramCache(size_t& length) override {
    calls += "h";
    length = histograms.size();
    return histograms.empty() ? nullptr : histograms.data();
  }
  void writeHistogramCache(void const* ptr, size_t length) override {
    calls += "H";
    histograms.assign(static_cast<char const*>(ptr), length);
  }
  std::string histograms;
};

/// y = relu(x W) V with an unnamed tensor between; W [8, 8], V [8, 4].
struct Two : Net {
  explicit Two(IInt8Calibrator* calibrator) {
    ITensor& x = input("x", Dims2(2, 8));
    ITensor& hidden = product(x, Dims2(8, 8));
    hidden.setName("hidden");
    ITensor& y = product(*network->addActivation(hidden, ActivationType::kRELU)->getOutput(0), Dims2(8, 4));
    y.setName("y");
    network->markOutput(y);
    config->setFlag(BuilderFlag::kINT8);
    config->setInt8Calibrator(calibrator);
  }
  ITensor& product(ITensor& a, const Dims& dims) {
    auto& w = floats.emplace_back(static_cast<size_t>(dims.d[0] * dims.d[1]));
    for (size_t i = 0; i < w.size(); ++i) w[i] = std::cos(static_cast<float>(3 * i));
    ITensor& b =
        *network->addConstant(dims, {DataType::kFLOAT, w.data(), static_cast<int64_t>(w.size())})->getOutput(0);
    return *network->addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kNONE)->getOutput(0);
  }
  std::vector<float> run() {
    const auto plan = build();
    if (!plan) return {};
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    EXPECT_EQ(engine->getNbIOTensors(), 2);
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> x(16), y(8);
    for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(2 * i));
    void* bindings[] = {x.data(), y.data()};
    EXPECT_TRUE(context->executeV2(bindings));
    return y;
  }
};

TEST(Calibration, CallsInOrderAndWritesTheCache) {
  Batches<IInt8EntropyCalibrator2> calibrator;
  Two net(&calibrator);
  ASSERT_FALSE(net.run().empty()) << net.logger.text();
  EXPECT_EQ(calibrator.calls, "rbbbbbw");
  EXPECT_EQ(calibrator.cache.find("TRT-"), 0u);
  EXPECT_NE(calibrator.cache.find("-EntropyCalibration2\nx: "), std::string::npos) << calibrator.cache;
  EXPECT_NE(calibrator.cache.find("\nhidden: "), std::string::npos) << calibrator.cache;
  EXPECT_NE(calibrator.cache.find("\ny: "), std::string::npos) << calibrator.cache;
}

TEST(Calibration, CacheIsUsedAndGivesTheSamePlan) {
  Batches<IInt8MinMaxCalibrator> first;
  Two net(&first);
  const auto plan = net.build();
  ASSERT_NE(plan, nullptr) << net.logger.text();
  Batches<IInt8MinMaxCalibrator> second(0);
  second.cache = first.cache;
  Two again(&second);
  const auto same = again.build();
  ASSERT_NE(same, nullptr) << again.logger.text();
  EXPECT_EQ(second.calls, "r");
  ASSERT_EQ(plan->size(), same->size());
  EXPECT_EQ(std::memcmp(plan->data(), same->data(), plan->size()), 0);
}

TEST(Calibration, CacheOfAnotherMethodIsNotUsed) {
  Batches<IInt8MinMaxCalibrator> calibrator;
  calibrator.cache = "TRT-8601-EntropyCalibration2\nx: 3f800000\n";
  Two net(&calibrator);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_EQ(calibrator.calls, "rbbbbbw");
  ASSERT_FALSE(net.logger.warnings.empty());
  EXPECT_NE(net.logger.warnings[0].find("cache is of EntropyCalibration2"), std::string::npos);
}

TEST(Calibration, ProductsRunOnRoundedOperands) {
  Net plain;
  Two exact(nullptr);
  exact.config->clearFlag(BuilderFlag::kINT8);
  const std::vector<float> expected = exact.run();
  for (int kind = 0; kind < 3; ++kind) {
    Batches<IInt8EntropyCalibrator> entropy;
    Batches<IInt8MinMaxCalibrator> minmax;
    Legacy legacy;
    IInt8Calibrator* all[] = {&entropy, &minmax, &legacy};
    Two net(all[kind]);
    const std::vector<float> y = net.run();
    ASSERT_EQ(y.size(), expected.size()) << net.logger.text();
    float largest = 0, error = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      largest = std::max(largest, std::fabs(expected[i]));
      error = std::max(error, std::fabs(y[i] - expected[i]));
    }
    EXPECT_GT(error, 0.0F) << kind;
    EXPECT_LT(error, largest * (kind == 2 ? 0.3F : 0.1F)) << kind;
  }
}

TEST(Calibration, HistogramCacheSparesTheBatches) {
  Legacy first;
  Two net(&first);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_EQ(first.calls, "rhbbbbbHw");
  Legacy second;
  second.histograms = first.histograms;
  Two again(&second);
  ASSERT_NE(again.build(), nullptr) << again.logger.text();
  EXPECT_EQ(second.calls, "rhw");
  EXPECT_EQ(second.cache, first.cache);
  EXPECT_EQ(first.cache.find("0 3ff0000000000000 3fec"), 0u) << first.cache.substr(0, 40);
}

TEST(Calibration, DynamicRangesServeWithoutCalibrator) {
  Two net(nullptr);
  ASSERT_NE(net.build(), nullptr);
  ASSERT_FALSE(net.logger.warnings.empty());
  EXPECT_NE(net.logger.warnings[0].find("neither a calibrator nor dynamic ranges"), std::string::npos);
  Two ranged(nullptr), exact(nullptr);
  ASSERT_TRUE(ranged->getInput(0)->setDynamicRange(-0.25F, 0.25F));
  const std::vector<float> clipped = ranged.run(), whole = exact.run();
  EXPECT_NE(clipped, whole);
  EXPECT_TRUE(ranged.logger.warnings.empty());
}

TEST(Calibration, ShapesAreTheOptShapesOfItsProfile) {
  Batches<IInt8MinMaxCalibrator> calibrator;
  Net net;
  ITensor& x = net.input("x", Dims2(-1, 8));
  net->markOutput(net.add(x, net.constant(Dims2(1, 8))));
  const auto shapes = [&](int64_t min, int64_t opt, int64_t max) {
    IOptimizationProfile* profile = net.builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(min, 8));
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(opt, 8));
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims2(max, 8));
    return profile;
  };
  net.config->addOptimizationProfile(shapes(1, 100, 1000));
  ASSERT_TRUE(net.config->setCalibrationProfile(shapes(1, 2, 4)));
  net.config->setFlag(BuilderFlag::kINT8);
  net.config->setInt8Calibrator(&calibrator);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_EQ(calibrator.calls, "rbbbbbw");
}

TEST(Calibration, WithoutTheFlagNobodyIsCalled) {
  Batches<IInt8MinMaxCalibrator> calibrator;
  Two net(&calibrator);
  net.config->clearFlag(BuilderFlag::kINT8);
  ASSERT_NE(net.build(), nullptr);
  EXPECT_EQ(calibrator.calls, "");
  ASSERT_FALSE(net.logger.warnings.empty());
  EXPECT_NE(net.logger.warnings[0].find("kINT8 is not set"), std::string::npos);
}

TEST(Calibration, MistakesFailTheBuildAndSayWhy) {
  Batches<IInt8MinMaxCalibrator> none(0);
  Two empty(&none);
  EXPECT_EQ(empty.build(), nullptr);
  EXPECT_TRUE(empty.logger.has("gave no batch")) << empty.logger.text();

  struct NoAddress : Batches<IInt8MinMaxCalibrator> {
    bool getBatch(void*[], char const*[], int32_t) override { return true; }
  } no_address;
  Two lost(&no_address);
  EXPECT_EQ(lost.build(), nullptr);
  EXPECT_TRUE(lost.logger.has("gave no address for input 'x' in batch 0")) << lost.logger.text();

  struct Throws : Batches<IInt8MinMaxCalibrator> {
    bool getBatch(void*[], char const*[], int32_t) override { throw std::runtime_error("the disk is gone"); }
  } throws;
  Two broken(&throws);
  EXPECT_EQ(broken.build(), nullptr);
  EXPECT_TRUE(broken.logger.has("failed in getBatch: the disk is gone")) << broken.logger.text();

  struct NoSize : Batches<IInt8MinMaxCalibrator> {
    int32_t getBatchSize() const override { return 0; }
  } no_size;
  Two sized(&no_size);
  EXPECT_EQ(sized.build(), nullptr);
  EXPECT_TRUE(sized.logger.has("batch size is 0")) << sized.logger.text();
}

}  // namespace
