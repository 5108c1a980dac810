// Layers that move, count and make values, from the public API to the bytes of the output.

#include <numeric>

#include "end_to_end/network_case.h"

namespace rondo::test {
namespace {

std::vector<float> counted(size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.F);
  return values;
}

Array integers_of(std::vector<int64_t> dims, const std::vector<int32_t>& values) {
  return array_of(DataType::kINT32, std::move(dims), values);
}

void profile(Net& net, const char* name, const Dims& min, const Dims& opt, const Dims& max) {
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  profile->setDimensions(name, OptProfileSelector::kMIN, min);
  profile->setDimensions(name, OptProfileSelector::kOPT, opt);
  profile->setDimensions(name, OptProfileSelector::kMAX, max);
  net.config->addOptimizationProfile(profile);
}

std::vector<Array> run(NetworkCase& net, const std::vector<Array>& inputs, int threads = 0) {
  const std::string plan = net.plan_bytes();
  EXPECT_FALSE(plan.empty()) << net.logger.text();
  if (plan.empty()) return {};
  std::vector<Array> outputs = Loaded(plan, net.logger).run(inputs, threads);
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
  return outputs;
}

}  // namespace

TEST(MovementLayers, ReflectedSliceOfDynamicExtent) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims{1, {-1}});
  ISliceLayer* slice = net->addSlice(x, Dims{1, {-2}}, Dims{1, {7}}, Dims{1, {1}});
  slice->setMode(SampleMode::kREFLECT);
  net.mark(*slice->getOutput(0));
  profile(net, "x", Dims{1, {1}}, Dims{1, {4}}, Dims{1, {8}});
  const auto out = run(net, {floats_of({3}, {5, 6, 7})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (std::vector<float>{7, 6, 5, 6, 7, 6, 5}));
}

TEST(MovementLayers, SliceWhoseBoundsAreData) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims{1, {6}});
  ITensor& from = net.input("from", Dims{1, {1}}, DataType::kINT32);
  ITensor& twice = *net->addElementWise(from, from, ElementWiseOperation::kSUM)->getOutput(0);
  ITensor& start =
      *net->addCast(*net->addUnary(*net->addCast(twice, DataType::kFLOAT)->getOutput(0), UnaryOperation::kFLOOR)
                         ->getOutput(0),
                    DataType::kINT32)
           ->getOutput(0);
  ISliceLayer* slice = net->addSlice(x, Dims{1, {0}}, Dims{1, {4}}, Dims{1, {1}});
  slice->setInput(1, start);
  slice->setMode(SampleMode::kFILL);
  slice->setInput(4, net.values({}, {-1}));
  net.mark(*slice->getOutput(0));
  const auto out = run(net, {floats_of({6}, counted(6)), integers_of({1}, {2})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (std::vector<float>{4, 5, -1, -1}));
}

TEST(MovementLayers, SliceOfNamedAxes) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ISliceLayer* slice = net->addSlice(x, Dims{1, {2}}, Dims{1, {3}}, Dims{1, {-1}});
  slice->setInput(5, net.integers(Dims{1, {1}}, {-1}));
  net.mark(*slice->getOutput(0));
  const auto out = run(net, {floats_of({2, 3}, counted(6))});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (std::vector<float>{2, 1, 0, 5, 4, 3}));
}

TEST(MovementLayers, ScatterLastWins) {
  NetworkCase net;
  ITensor& data = net.input("data", Dims2(4, 2));
  ITensor& indices = net.input("indices", Dims2(3, 1), DataType::kINT32);
  ITensor& updates = net.input("updates", Dims2(3, 2));
  net.mark(*net->addScatter(data, indices, updates, ScatterMode::kND)->getOutput(0));
  for (int threads : {1, 2}) {
    const auto out = run(
        net,
        {floats_of({4, 2}, counted(8)), integers_of({3, 1}, {2, 9, 2}), floats_of({3, 2}, {10, 11, 12, 13, 14, 15})},
        threads);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].floats(), (std::vector<float>{0, 1, 2, 3, 14, 15, 6, 7}));
  }
}

TEST(MovementLayers, OneHotSqueezeUnsqueezeCumulative) {
  NetworkCase net;
  ITensor& indices = net.input("indices", Dims2(1, 3), DataType::kINT32);
  ITensor& rows = *net->addOneHot(indices, net.values({2}, {0, 5}), net.scalar(4), -1)->getOutput(0);  // [1, 3, 4]
  ITensor& flat = *net->addSqueeze(rows, net.integers(Dims{1, {1}}, {0}))->getOutput(0);
  ITensor& sums = *net->addCumulative(flat, net.scalar(-2), CumulativeOperation::kSUM, true, true)->getOutput(0);
  net.mark(*net->addUnsqueeze(sums, net.integers(Dims{1, {1}}, {-1}))->getOutput(0));
  const auto out = run(net, {integers_of({1, 3}, {1, 4, 1})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].dims, (std::vector<int64_t>{3, 4, 1}));
  EXPECT_EQ(out[0].floats(), (std::vector<float>{0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0}));
}

TEST(MovementLayers, ReverseSequence) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims2(3, 2));  // sequence, batch
  ITensor& lengths = net.input("lengths", Dims{1, {2}}, DataType::kINT32);
  net.mark(*net->addReverseSequence(x, lengths)->getOutput(0));
  const auto out = run(net, {floats_of({3, 2}, counted(6)), integers_of({2}, {2, 3})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (std::vector<float>{2, 5, 0, 3, 4, 1}));
}

TEST(MovementLayers, LinspaceOfInputs) {
  NetworkCase net;
  IFillLayer* fill = net->addFill(Dims2(2, 3), FillOperation::kLINSPACE, DataType::kINT32);
  fill->setInput(1, net.input("alpha", Dims{0, {}}, DataType::kINT32));
  fill->setInput(2, net.input("beta", Dims{1, {2}}, DataType::kINT32));
  net.mark(*fill->getOutput(0));
  const auto out = run(net, {integers_of({}, {7}), integers_of({2}, {100, -1})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].as<int32_t>(), (std::vector<int32_t>{7, 6, 5, 107, 106, 105}));
}

TEST(MovementLayers, RandomNumbersRepeat) {
  NetworkCase net;
  IFillLayer* uniform = net->addFill(Dims{1, {3000}}, FillOperation::kRANDOM_UNIFORM, DataType::kFLOAT);
  uniform->setAlpha(-2);
  uniform->setBeta(6);
  IFillLayer* normal = net->addFill(Dims{1, {3000}}, FillOperation::kRANDOM_NORMAL, DataType::kFLOAT);
  net.mark(*uniform->getOutput(0));
  net.mark(*normal->getOutput(0));
  const std::vector<Array> none, out = run(net, none, 1), again = run(net, none, 2);
  ASSERT_EQ(out.size(), 2u);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(out[0].bytes, again[0].bytes);
  EXPECT_EQ(out[1].bytes, again[1].bytes);
  double mean = 0;
  for (float v : out[0].floats()) {
    EXPECT_TRUE(v >= -2 && v <= 6);
    mean += v / 3000;
  }
  EXPECT_NEAR(mean, 2, 0.2);
}

TEST(MovementLayers, RandomNumbersOfEachIteration) {
  NetworkCase net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.values({4}, {0, 0, 0, 0}));
  IRecurrenceLayer* low = loop->addRecurrence(net.values({}, {0}));
  low->setInput(1, net.add(*low->getOutput(0), *low->getOutput(0)));
  IFillLayer* fill = net->addFill(Dims{1, {4}}, FillOperation::kRANDOM_UNIFORM, DataType::kFLOAT);
  fill->setInput(1, *low->getOutput(0));  // places the layer in the loop
  ITensor& drawn = *fill->getOutput(0);
  ITensor& next = net.add(*state->getOutput(0), drawn);
  state->setInput(1, next);
  net.mark(net.collect(*loop, next, LoopOutput::kCONCATENATE, net.scalar(3)));
  const std::vector<Array> none, out = run(net, none), again = run(net, none);
  ASSERT_EQ(out.size(), 1u);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(out[0].bytes, again[0].bytes);
  const std::vector<float> sums = out[0].floats();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_GT(sums[i], 0);
    EXPECT_LT(sums[8 + i], 3);
    EXPECT_NE(sums[4 + i] - sums[i], sums[i]);
  }
}

TEST(MovementLayers, ConcatOfHundreds) {
  NetworkCase net;
  std::vector<ITensor*> parts;
  std::vector<Array> inputs;
  std::vector<float> expected;
  for (int i = 0; i < 200; ++i) {
    const int64_t n = i % 3;
    parts.push_back(&net.input(("x" + std::to_string(i)).c_str(), Dims{1, {n}}));
    inputs.push_back(floats_of({n}, std::vector<float>(static_cast<size_t>(n), static_cast<float>(i))));
    expected.insert(expected.end(), static_cast<size_t>(n), static_cast<float>(i));
  }
  IConcatenationLayer* all = net->addConcatenation(parts.data(), static_cast<int32_t>(parts.size()));
  net.mark(*all->getOutput(0));
  const auto out = run(net, inputs);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), expected);
}

TEST(MovementLayers, ShapeIsInt64InStronglyTypedNetworks) {
  Net weak;
  EXPECT_EQ(weak->addShape(weak.input("x", Dims2(2, 3)))->getOutput(0)->getType(), DataType::kINT32);
  Net strong(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
  EXPECT_EQ(strong->addShape(strong.input("x", Dims2(2, 3)))->getOutput(0)->getType(), DataType::kINT64);
}

}  // namespace rondo::test
