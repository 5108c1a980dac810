// Layers to graph: what each layer computes, checked by the reference interpreter on the lowered graph.

#include <gtest/gtest.h>

#include <cmath>

#include "lowering.h"

namespace {

using namespace rondo;
using test::filled;
using test::interpreted;
using test::Net;
using Values = std::vector<double>;

ops::Tensor counting(std::vector<int64_t> dims) {
  ops::Tensor tensor = filled(std::move(dims), 0);
  for (size_t i = 0; i < tensor.data.size(); ++i) tensor.data[i] = static_cast<double>(i);
  return tensor;
}

TEST(LowerNetwork, ElementwiseBroadcastsAndPromotes) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ITensor& half = *net->addCast(x, DataType::kHALF)->getOutput(0);
  net->markOutput(net.add(net.constant(Dims2(1, 3), 10), half));
  ITensor& wide = *net->addCast(net.integers(Dims{1, {2}}, {1, 2}), DataType::kINT64)->getOutput(0);
  net->markOutput(net.add(wide, net.integers(Dims{1, {1}}, {5})));
  const auto results = interpreted(net, {counting({2, 3})});
  EXPECT_EQ(results[0].data, (Values{10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(results[0].dtype, DType::kFloat32);
  EXPECT_EQ(results[1].data, (Values{6, 7}));
  EXPECT_EQ(results[1].dtype, DType::kInt64);
}

TEST(LowerNetwork, StronglyTypedNetworksDoNotPromote) {
  Net net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
  ITensor& x = net.input("x", Dims2(2, 3), DataType::kHALF);
  net->markOutput(net.add(x, net.constant(Dims2(1, 3))));
  EXPECT_EQ(net.build(), nullptr);
  EXPECT_TRUE(net.logger.has("[ElementWise]")) << net.logger.text();
}

TEST(LowerNetwork, FullyConnectedAndScale) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 2, 1, 2));
  ITensor& scaled = *net->addScale(x, ScaleMode::kCHANNEL, net.weights(2, 1), net.weights(2, 2), {})->getOutput(0);
  net->markOutput(scaled);
  net->markOutput(*net->addFullyConnected(scaled, 3, net.weights(12, 1), net.weights(3, 0.5f))->getOutput(0));
  const auto results = interpreted(net, {counting({1, 2, 1, 2})});
  EXPECT_EQ(results[0].data, (Values{1, 3, 5, 7}));
  EXPECT_EQ(results[1].data, (Values{16.5, 16.5, 16.5}));
  EXPECT_EQ(results[1].dims, (std::vector<int64_t>{1, 3, 1, 1}));
}

TEST(LowerNetwork, ShuffleTransposesAndReshapes) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims3(1, 2, 3)));
  shuffle->setFirstTranspose(Permutation{{0, 2, 1}});
  shuffle->setReshapeDimensions(Dims2(-1, 2));
  shuffle->setSecondTranspose(Permutation{{1, 0}});
  net->markOutput(*shuffle->getOutput(0));
  const auto results = interpreted(net, {counting({1, 2, 3})});
  EXPECT_EQ(results[0].data, (Values{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(results[0].dims, (std::vector<int64_t>{2, 3}));
}

TEST(LowerNetwork, SlicesBeyondTheEdge) {
  const Dims start{1, {-2}}, size{1, {7}}, stride{1, {1}};
  const std::pair<SampleMode, Values> cases[] = {{SampleMode::kWRAP, {1, 2, 0, 1, 2, 0, 1}},
                                                 {SampleMode::kCLAMP, {0, 0, 0, 1, 2, 2, 2}},
                                                 {SampleMode::kREFLECT, {2, 1, 0, 1, 2, 1, 0}},
                                                 {SampleMode::kFILL, {9, 9, 0, 1, 2, 9, 9}}};
  for (const auto& [mode, expected] : cases) {
    Net net;
    ISliceLayer* slice = net->addSlice(net.input("x", Dims{1, {3}}), start, size, stride);
    slice->setMode(mode);
    if (mode == SampleMode::kFILL) slice->setInput(4, net.constant(Dims{0, {}}, 9));
    net->markOutput(*slice->getOutput(0));
    EXPECT_EQ(interpreted(net, {counting({3})})[0].data, expected) << static_cast<int>(mode);
  }
}

TEST(LowerNetwork, SlicesByAxesAndTensors) {
  Net net;
  ITensor& x = net.input("x", Dims3(2, 3, 4));
  ISliceLayer* by_axis = net->addSlice(x, Dims{1, {1}}, Dims{1, {2}}, Dims{1, {1}});
  by_axis->setAxes(Dims{1, {2}});
  net->markOutput(*by_axis->getOutput(0));
  ISliceLayer* by_tensor = net->addSlice(x, Dims{-1, {}}, Dims{-1, {}}, Dims3(1, 1, 1));
  by_tensor->setInput(1, net.integers(Dims{1, {3}}, {1, 2, 0}));
  by_tensor->setInput(2, net.integers(Dims{1, {3}}, {1, 1, 2}));
  net->markOutput(*by_tensor->getOutput(0));
  const auto results = interpreted(net, {counting({2, 3, 4})});
  EXPECT_EQ(results[0].dims, (std::vector<int64_t>{2, 3, 2}));
  EXPECT_EQ(results[1].data, (Values{20, 21}));
}

TEST(LowerNetwork, TopKGatherSelectReduceSoftmax) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ITopKLayer* top = net->addTopK(x, TopKOperation::kMAX, 2, 2);
  net->markOutput(*top->getOutput(0));
  net->markOutput(*top->getOutput(1));
  net->markOutput(*net->addGather(x, net.integers(Dims{1, {2}}, {2, 0}), 1)->getOutput(0));
  ITensor& positive =
      *net->addElementWise(x, net.constant(Dims2(1, 1), 2), ElementWiseOperation::kGREATER)->getOutput(0);
  net->markOutput(*net->addSelect(positive, x, net.constant(Dims2(1, 1), -1))->getOutput(0));
  net->markOutput(*net->addReduce(x, ReduceOperation::kAVG, 1, false)->getOutput(0));
  net->markOutput(*net->addSoftMax(net.constant(Dims2(4, 2)))->getOutput(0));
  const auto r = interpreted(net, {counting({2, 3})});
  EXPECT_EQ(r[0].data, (Values{2, 1, 5, 4}));
  EXPECT_EQ(r[1].data, (Values{2, 1, 2, 1}));
  EXPECT_EQ(r[2].data, (Values{2, 0, 5, 3}));
  EXPECT_EQ(r[3].data, (Values{-1, -1, -1, 3, 4, 5}));
  EXPECT_EQ(r[4].data, (Values{1.5, 2.5, 3.5}));
  EXPECT_EQ(r[5].data, (Values{.25, .25, .25, .25, .25, .25, .25, .25})) << "rank 2: dimension 0";
}

TEST(LowerNetwork, TypesAreConvertedWhereAsked) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIdentityLayer* identity = net->addIdentity(x);
  identity->setOutputType(0, DataType::kINT32);
  net->markOutput(*identity->getOutput(0));
  IUnaryLayer* narrow = net->addUnary(x, UnaryOperation::kABS);
  narrow->setOutputType(0, DataType::kHALF);
  net->markOutput(*narrow->getOutput(0));
  net->markOutput(net.add(*narrow->getOutput(0), x));
  EXPECT_EQ(narrow->getOutputType(0), DataType::kHALF);
  const auto results = interpreted(net, {filled({2}, -2.7)});
  EXPECT_EQ(results[0].data, (Values{-2, -2}));
  EXPECT_EQ(results[0].dtype, DType::kInt32);
  EXPECT_EQ(results[1].dtype, DType::kFloat16) << "where it leaves the network";
  EXPECT_EQ(results[2].dtype, DType::kFloat32) << "not where it is used inside";
}

TEST(LowerNetwork, UnusedLayersAreLeftOut) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  net.add(x, net.constant(Dims2(7, 7)));  // wrong, but no output needs it
  net->markOutput(*net->addUnary(x, UnaryOperation::kABS)->getOutput(0));
  EXPECT_EQ(test::lowered(net).graph.op_count(), 2u);
}

TEST(LowerNetwork, DynamicInputsBecomeSymbolsWithRanges) {
  Net net;
  ITensor& x = net.input("x", Dims2(-1, 3));
  ITensor& y = net.input("y", Dims2(-1, 3));
  x.setDimensionName(0, "batch");
  y.setDimensionName(0, "batch");
  for (int64_t low : {2, 1}) {
    IOptimizationProfile* profile = net.builder->createOptimizationProfile();
    for (const char* name : {"x", "y"}) {
      profile->setDimensions(name, OptProfileSelector::kMIN, Dims2(low, 3));
      profile->setDimensions(name, OptProfileSelector::kOPT, Dims2(low + 2, 3));
      profile->setDimensions(name, OptProfileSelector::kMAX, Dims2(low + 6, 3));
    }
    EXPECT_GE(net.config->addOptimizationProfile(profile), 0);
  }
  net->markOutput(net.add(x, y));
  const auto lowered = test::lowered(net);
  const ir::ValueId result = lowered.graph.region(lowered.graph.main()).results[0];
  EXPECT_EQ(lowered.graph.dims().range(lowered.graph.type(result).dims[0]), (ir::Range{1, 4, 8}));
  EXPECT_EQ(lowered.profiles.size(), 2u);
  EXPECT_EQ(lowered.inputs[0].dim_names, (std::vector<std::string>{"batch", ""}));
}

TEST(LowerNetwork, ShapeInputsHaveContents) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(4, 6)));
  shuffle->setInput(1, net.input("shape", Dims{1, {2}}, DataType::kINT32));
  net->markOutput(*shuffle->getOutput(0));
  EXPECT_THROW(test::lowered(net), Error) << "no profile";
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  const int32_t low[] = {1, 1}, high[] = {24, 24};
  EXPECT_TRUE(profile->setShapeValues("shape", OptProfileSelector::kMIN, low, 2));
  EXPECT_TRUE(profile->setShapeValues("shape", OptProfileSelector::kOPT, low, 2));
  EXPECT_TRUE(profile->setShapeValues("shape", OptProfileSelector::kMAX, high, 2));
  EXPECT_EQ(net.config->addOptimizationProfile(profile), 0);
  const auto lowered = test::lowered(net);
  EXPECT_TRUE(lowered.inputs[1].is_shape);
  EXPECT_FALSE(lowered.inputs[0].is_shape);
  EXPECT_EQ(lowered.profiles[0].inputs[1].value_max, (std::vector<int64_t>{24, 24}));
}

}  // namespace
