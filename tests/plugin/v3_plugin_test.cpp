// What only the third generation has: fields in the plan, tactics, shape inputs, extents that the plugin decides,
// shared memory.

#include "plugin_case.h"

namespace rondo::test {
namespace {

TEST(PluginV3, DecidesItsOwnExtents) {
  PluginCase net;
  const Registered<CreatorV3<Above>> creator("tests", "TestAbove");
  Above above(0.5F);
  IPluginV3Layer* layer = net.plugin({&net.input("x", Dims{1, {-1}})}, {}, above);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (std::vector<int64_t>{-1}));
  ITensor& found = *layer->getOutput(0);
  ITensor& squares = net.product(found, found);
  net.mark(squares);
  net.mark(*layer->getOutput(1));
  net.profile("x", Dims{1, {1}}, Dims{1, {4}}, Dims{1, {8}});
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  EXPECT_EQ(witness().phase, static_cast<int32_t>(TensorRTPhase::kRUNTIME));
  std::vector<float> y(8);
  int32_t count = -1;
  const char *out = loaded.engine->getIOTensorName(1), *size = loaded.engine->getIOTensorName(2);
  for (const Values& x : {Values{1, 0, 2, -1, 3}, Values{-1}, Values{1, 2, 3, 4, 5, 6, 7, 8}}) {
    loaded.context->setInputShape("x", Dims{1, {static_cast<int64_t>(x.size())}});
    loaded.context->setInputTensorAddress("x", x.data());
    loaded.context->setTensorAddress(out, y.data());
    loaded.context->setTensorAddress(size, &count);
    ASSERT_TRUE(loaded.context->enqueueV3(nullptr)) << net.logger.text();
    Values expected;
    for (const float v : x) {
      if (v > 0.5F) expected.push_back(v * v);
    }
    EXPECT_EQ(count, static_cast<int32_t>(expected.size()));
    EXPECT_EQ(to_vector(loaded.context->getTensorShape(out)), (std::vector<int64_t>{count}));
    EXPECT_EQ(Values(y.begin(), y.begin() + count), expected);
  }
  EXPECT_EQ(witness().tactic, 7);
}

TEST(PluginV3, TakesShapesFromTensors) {
  PluginCase net;
  const Registered<CreatorV3<Spread>> creator("tests", "TestSpread");
  Spread spread;
  ITensor& shape = net.input("shape", Dims{1, {2}}, DataType::kINT32);
  net.mark(*net.plugin({&net.input("x", Dims{1, {1}})}, {&shape}, spread)->getOutput(0));
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  const int32_t low[] = {1, 1}, high[] = {4, 4};
  profile->setShapeValues("shape", OptProfileSelector::kMIN, low, 2);
  profile->setShapeValues("shape", OptProfileSelector::kOPT, low, 2);
  profile->setShapeValues("shape", OptProfileSelector::kMAX, high, 2);
  net.config->addOptimizationProfile(profile);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const int32_t wanted[] = {3, 2};
  const float x = 7;
  float y[6] = {};
  loaded.context->setTensorAddress("shape", const_cast<int32_t*>(wanted));
  loaded.context->setInputTensorAddress("x", &x);
  loaded.context->setTensorAddress(loaded.engine->getIOTensorName(2), y);
  ASSERT_TRUE(loaded.context->enqueueV3(nullptr)) << net.logger.text();
  EXPECT_EQ(Values(y, y + 6), Values(6, 7.F));
}

TEST(PluginV3, WorksInPlaceOnACopy) {
  PluginCase net;
  const Registered<CreatorV3<Bump>> creator("tests", "TestBump");
  Bump bump;
  ITensor& x = net.input("x", Dims{1, {2}});
  net.mark(*net.plugin({&x}, {}, bump)->getOutput(0));
  net.mark(net.add(x, x));
  const auto outputs = net.run({floats_of({2}, {1, 2})});
  EXPECT_EQ(outputs[0].floats(), (Values{2, 2}));
  EXPECT_EQ(outputs[1].floats(), (Values{2, 4}));
}

TEST(PluginV3, IsToldShapesWhenTheyChange) {
  PluginCase net;
  const Registered<CreatorV3<Bump>> creator("tests", "TestBump");
  Bump bump;
  net.mark(*net.plugin({&net.input("x", Dims{1, {-1}})}, {}, bump)->getOutput(0));
  net.profile("x", Dims{1, {1}}, Dims{1, {2}}, Dims{1, {4}});
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  float x[4] = {1, 2, 3, 4}, y[4] = {};
  loaded.context->setTensorAddress("x", x);
  loaded.context->setTensorAddress(loaded.engine->getIOTensorName(1), y);
  for (const int64_t count : {2, 2, 3}) {
    loaded.context->setInputShape("x", Dims{1, {count}});
    ASSERT_TRUE(loaded.context->enqueueV3(nullptr)) << net.logger.text();
    EXPECT_EQ(witness().shape_changes, count - 1);
  }
}

/// Output [f(3, 5)] for an operation on constants.
class Measured final : public BasicV3 {
 public:
  explicit Measured(DimensionOperation op) : op_(op) {}
  char const* getPluginName() const noexcept override { return "TestMeasured"; }
  Measured* clone() noexcept override { return new Measured(op_); }
  int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                          IExprBuilder& e) noexcept override {
    out[0].nbDims = 1;
    out[0].d[0] = e.operation(op_, *in[0].d[0], *in[0].d[1]);
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const*, void* const*, void*,
                  cudaStream_t) noexcept override {
    return 0;
  }

 private:
  DimensionOperation op_;
};

TEST(PluginV3, ComputesExtents) {
  const auto extent = [](DimensionOperation op, int64_t a, int64_t b) {
    PluginCase net;
    Measured plugin(op);
    return net.plugin({&net.input("x", Dims2(a, b))}, {}, plugin)->getOutput(0)->getDimensions().d[0];
  };
  EXPECT_EQ(extent(DimensionOperation::kSUM, 3, 5), 8);
  EXPECT_EQ(extent(DimensionOperation::kPROD, 3, 5), 15);
  EXPECT_EQ(extent(DimensionOperation::kMAX, 3, 5), 5);
  EXPECT_EQ(extent(DimensionOperation::kMIN, 3, 5), 3);
  EXPECT_EQ(extent(DimensionOperation::kSUB, 5, 3), 2);
  EXPECT_EQ(extent(DimensionOperation::kEQUAL, 3, 5), 0);
  EXPECT_EQ(extent(DimensionOperation::kEQUAL, 5, 5), 1);
  EXPECT_EQ(extent(DimensionOperation::kLESS, 3, 5), 1);
  EXPECT_EQ(extent(DimensionOperation::kLESS, 5, 5), 0);
  EXPECT_EQ(extent(DimensionOperation::kFLOOR_DIV, 7, 2), 3);
  EXPECT_EQ(extent(DimensionOperation::kCEIL_DIV, 7, 2), 4);
}

TEST(PluginV3, NullExpressionsAreRefused) {
  PluginCase net;
  Measured plugin(DimensionOperation::kFLOOR_DIV);
  net.mark(*net.plugin({&net.input("x", Dims2(3, 0))}, {}, plugin)->getOutput(0));
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("dimension 0 of output 0 is null")) << net.logger.text();
  EXPECT_TRUE(net.logger.has("(plugin C2)")) << net.logger.text();
}

}  // namespace
}  // namespace rondo::test
