// Convolutions, deconvolutions, poolings, paddings and local response normalizations that do not fit their input.

#include <limits>

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

using Ints = std::vector<int64_t>;
using Operands = std::vector<Refusal::Operand>;

/// A 2 x 2 kernel over [1, 4, 6, 6] with 2 maps, named "wrong".
IConvolutionLayer* convolution(Net& net, const Dims& x = Dims4(1, 4, 6, 6), int64_t weights = 32, int64_t biases = 0,
                               DataType type = DataType::kFLOAT) {
  IConvolutionLayer* layer =
      net->addConvolutionNd(net.input("x", x, type), 2, Dims2(2, 2), weights > 0 ? net.weights(weights) : Weights{},
                            biases > 0 ? net.weights(biases) : Weights{});
  layer->setName("wrong");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

IDeconvolutionLayer* deconvolution(Net& net, const Dims& x = Dims4(1, 4, 6, 6), int64_t weights = 32,
                                   int64_t biases = 0, DataType type = DataType::kFLOAT) {
  IDeconvolutionLayer* layer =
      net->addDeconvolutionNd(net.input("x", x, type), 2, Dims2(2, 2), weights > 0 ? net.weights(weights) : Weights{},
                              biases > 0 ? net.weights(biases) : Weights{});
  layer->setName("wrong");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

IPoolingLayer* pooling(Net& net, const Dims& x = Dims4(1, 4, 6, 6), DataType type = DataType::kFLOAT) {
  IPoolingLayer* layer = net->addPoolingNd(net.input("x", x, type), PoolingType::kAVERAGE, Dims2(2, 2));
  layer->setName("wrong");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

ir::Attrs conv_attrs(Refusal& r) {
  return {{"strides", Ints{1, 1}}, {"dilations", Ints{1, 1}}, {"input_dilations", Ints{1, 1}},
          {"pre", r.dims({0, 0})}, {"post", r.dims({0, 0})},  {"groups", int64_t{1}}};
}

Operands conv_operands(const Ints& x, const Ints& w) { return {{DType::kFloat32, x}, {DType::kFloat32, w}}; }

ir::Attrs window_attrs(Refusal& r) {
  return {{"op", int64_t{0}},     {"window", Ints{2}},  {"strides", Ints{1}},
          {"dilations", Ints{1}}, {"pre", r.dims({0})}, {"shape", r.dims({3})}};
}

}  // namespace

TEST(ConvolutionConstraints, C1_Rank) {
  Net net;
  convolution(net, Dims3(4, 6, 6));
  expect_refused(net, {"convolution 'wrong'", "f32[4, 6, 6]", "with a shuffle", "(convolution C1)"});
}

TEST(ConvolutionConstraints, C1_OneDimension) {
  Net net;
  EXPECT_EQ(net->addConvolutionNd(net.input("x", Dims3(1, 4, 6)), 2, Dims{1, {2}}, net.weights(16), {}), nullptr);
  expect_message(net, {"addConvolution", "two or three spatial dimensions", "(convolution C1"});
}

TEST(ConvolutionConstraints, C2_Lists) {
  Net net;
  convolution(net)->setStrideNd(Dims3(1, 1, 1));
  expect_refused(net, {"strides has 3 entries", "(convolution C2)"});
}

TEST(ConvolutionConstraints, C3_Stride) {
  Net net;
  IConvolutionLayer* layer = convolution(net);
  layer->setStrideNd(Dims2(1, 0));
  expect_message(net, {"layer 'wrong'", "stride is [1, 0]", "at least 1", "(convolution C2, convolution C3)"});
  EXPECT_EQ(layer->getStrideNd().d[1], 1);
}

TEST(ConvolutionConstraints, C3_NegativePadding) {
  Net net;
  convolution(net)->setPrePadding(Dims2(-1, 0));
  expect_message(net, {"padding in front is [-1, 0]", "at least 0", "convolution C3)"});
}

TEST(ConvolutionConstraints, C3_OfTheOp) {
  Refusal r;
  const ir::Attrs attrs{{"kernel", Ints{2, 2}},  {"strides", Ints{1, 1}}, {"dilations", Ints{1, 0}},
                        {"pre", Ints{0, 0}},     {"post", Ints{0, 0}},    {"mode", int64_t{0}},
                        {"outputs", int64_t{1}}, {"groups", int64_t{1}}};
  r.expect(ir::OpKind::k_convolution, attrs, conv_operands({1, 1, 4, 4}, {4}), "(convolution C3)");
}

TEST(ConvolutionConstraints, C4_Mode) {
  Net net;
  convolution(net)->setPaddingMode(static_cast<PaddingMode>(6));
  expect_message(net, {"6 is no PaddingMode", "(convolution C4)"});
}

TEST(ConvolutionConstraints, C5_Groups) {
  Net net;
  convolution(net)->setNbGroups(3);
  expect_refused(net, {"3 groups must divide the 4 input channels and the 2 output maps", "(convolution C5)"});
}

TEST(ConvolutionConstraints, C5_NoGroups) {
  Net net;
  convolution(net)->setNbGroups(0);
  expect_message(net, {"0 groups", "(convolution C5)"});
}

TEST(ConvolutionConstraints, C6_WeightCount) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 31);
  expect_refused(net, {"f32[31]", "f32[2, 4, 2, 2]", "(convolution C6)"});
}

TEST(ConvolutionConstraints, C6_WeightsOfOtherChannels) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 24);
  expect_refused(net, {"f32[24]", "f32[1, 4, 6, 6]", "4 and 3", "(convolution C6)"});
}

TEST(ConvolutionConstraints, C6_ShapeOfTensor) {
  Net net;
  IConvolutionLayer* layer = convolution(net, Dims4(1, 4, 6, 6), 0);
  layer->setInput(1, net.constant(Dims4(4, 2, 2, 2)));
  expect_refused(net, {"f32[4, 2, 2, 2]", "f32[2, 4, 2, 2]", "(convolution C6)"});
}

TEST(ConvolutionConstraints, C6_NoKernel) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 0);
  expect_refused(net, {"layer 'wrong'", "neither is there", "(convolution C6)"});
}

TEST(ConvolutionConstraints, C6_TwoKernels) {
  Net net;
  convolution(net)->setInput(1, net.constant(Dims4(2, 4, 2, 2)));
  expect_refused(net, {"not from both", "(convolution C6)"});
}

TEST(ConvolutionConstraints, C7_BiasCount) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 32, 3);
  expect_refused(net, {"3 and 2", "(convolution C7)"});
}

TEST(ConvolutionConstraints, C7_TwoBiases) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 32, 2)->setInput(2, net.constant(Dims{1, {2}}));
  expect_refused(net, {"bias", "not from both", "(convolution C7)"});
}

TEST(ConvolutionConstraints, C8_Integers) {
  Net net;
  convolution(net, Dims4(1, 4, 6, 6), 32, 0, DataType::kINT32);
  expect_refused(net, {"i32[1, 4, 6, 6]", "floating-point type", "(convolution C8)"});
}

TEST(ConvolutionConstraints, C9_KernelTooLarge) {
  Net net;
  convolution(net)->setDilationNd(Dims2(6, 1));
  expect_refused(net, {"spans 7 elements of dimension 2", "only 6", "(convolution C9)"});
}

TEST(DeconvolutionConstraints, C1_Rank) {
  Net net;
  deconvolution(net, Dims{5, {1, 4, 6, 6, 6}});
  expect_refused(net, {"deconvolution 'wrong'", "(deconvolution C1)"});
}

TEST(DeconvolutionConstraints, C2_Lists) {
  Net net;
  deconvolution(net)->setPaddingNd(Dims3(0, 0, 0));
  expect_refused(net, {"pre has 3 entries", "(deconvolution C2)"});
}

TEST(DeconvolutionConstraints, C3_OfTheOp) {
  Refusal r;
  const ir::Attrs attrs{{"kernel", Ints{2, 2}},  {"strides", Ints{1, 0}}, {"dilations", Ints{1, 1}},
                        {"pre", Ints{0, 0}},     {"post", Ints{0, 0}},    {"mode", int64_t{0}},
                        {"outputs", int64_t{1}}, {"groups", int64_t{1}}};
  r.expect(ir::OpKind::k_deconvolution, attrs, conv_operands({1, 1, 4, 4}, {4}), "(deconvolution C3)");
}

TEST(DeconvolutionConstraints, C4_Mode) {
  Net net;
  deconvolution(net)->setPaddingMode(static_cast<PaddingMode>(-1));
  expect_message(net, {"-1 is no PaddingMode", "(deconvolution C4)"});
}

TEST(DeconvolutionConstraints, C5_Groups) {
  Net net;
  deconvolution(net)->setNbGroups(4);
  expect_refused(net, {"4 groups", "2 output maps", "(deconvolution C5)"});
}

TEST(DeconvolutionConstraints, C6_WeightCount) {
  Net net;
  deconvolution(net, Dims4(1, 4, 6, 6), 40);
  expect_refused(net, {"f32[40]", "4 and 5", "(deconvolution C6)"});
}

TEST(DeconvolutionConstraints, C7_BiasCount) {
  Net net;
  deconvolution(net, Dims4(1, 4, 6, 6), 32, 4);
  expect_refused(net, {"4 and 2", "(deconvolution C7)"});
}

TEST(DeconvolutionConstraints, C8_Bytes) {
  Net net;
  deconvolution(net, Dims4(1, 4, 6, 6), 32, 0, DataType::kINT8);
  expect_refused(net, {"i8[1, 4, 6, 6]", "(deconvolution C8)"});
}

TEST(DeconvolutionConstraints, C9_NothingLeft) {
  Net net;
  deconvolution(net)->setPaddingNd(Dims2(0, 4));
  expect_refused(net, {"paddings 4 and 4 cut off all of dimension 3", "(deconvolution C9)"});
}

TEST(PoolingConstraints, C1_Rank) {
  Net net;
  pooling(net, Dims2(6, 6));
  expect_refused(net, {"pooling 'wrong'", "f32[6, 6]", "(pooling C1)"});
}

TEST(PoolingConstraints, C2_Lists) {
  Net net;
  pooling(net)->setPostPadding(Dims3(0, 0, 0));
  expect_refused(net, {"post has 3 entries", "(pooling C2)"});
}

TEST(PoolingConstraints, C3_Window) {
  Net net;
  EXPECT_EQ(net->addPoolingNd(net.input("x", Dims4(1, 1, 6, 6)), PoolingType::kMAX, Dims2(2, 0)), nullptr);
  expect_message(net, {"addPooling", "window is [2, 0]", "pooling C3)"});
}

TEST(PoolingConstraints, C3_OfTheOp) {
  Refusal r;
  const ir::Attrs attrs{{"kernel", Ints{2, 2}},
                        {"strides", Ints{1, 1}},
                        {"pre", Ints{0, -1}},
                        {"post", Ints{0, 0}},
                        {"mode", int64_t{0}}};
  r.expect(ir::OpKind::k_pooling, attrs, {{DType::kFloat32, {1, 1, 4, 4}}}, "(pooling C3)");
}

TEST(PoolingConstraints, C4_Mode) {
  Net net;
  pooling(net)->setPaddingMode(static_cast<PaddingMode>(9));
  expect_message(net, {"9 is no PaddingMode", "(pooling C4)"});
}

TEST(PoolingConstraints, C5_Type) {
  Net net;
  pooling(net)->setPoolingType(static_cast<PoolingType>(3));
  expect_message(net, {"3 is no PoolingType", "(pooling C5)"});
}

TEST(PoolingConstraints, C6_AverageOfBytes) {
  Net net;
  pooling(net, Dims4(1, 4, 6, 6), DataType::kINT8);
  expect_refused(net, {"i8[1, 4, 6, 6]", "or i8 for a maximum", "(pooling C6)"});
}

TEST(PoolingConstraints, C7_Blend) {
  Net net;
  pooling(net)->setBlendFactor(1.5f);
  expect_message(net, {"blend factor is 1.5", "(pooling C7)"});
}

TEST(PoolingConstraints, C8_WindowTooLarge) {
  Net net;
  pooling(net, Dims4(1, 4, 6, 1));
  expect_refused(net, {"spans 2 elements of dimension 3", "only 1", "(pooling C8)"});
}

TEST(PaddingConstraints, C1_Rank) {
  Net net;
  net->markOutput(*net->addPaddingNd(net.input("x", Dims{1, {6}}), Dims2(1, 1), Dims2(1, 1))->getOutput(0));
  expect_refused(net, {"lacks the two dimensions", "(padding C1)"});
}

TEST(PaddingConstraints, C2_TwoEntries) {
  Net net;
  EXPECT_EQ(net->addPaddingNd(net.input("x", Dims3(4, 6, 6)), Dims3(1, 1, 1), Dims2(1, 1)), nullptr);
  expect_message(net, {"addPadding", "3 entries", "(padding C2)"});
}

TEST(PaddingConstraints, C3_CropsTooMuch) {
  Net net;
  net->markOutput(*net->addPaddingNd(net.input("x", Dims3(4, 6, 6)), Dims2(-4, 0), Dims2(-3, 0))->getOutput(0));
  expect_refused(net, {"dimension 1", "the extent -1", "(padding C3)"});
}

TEST(LrnConstraints, C1_Rank) {
  Net net;
  net->markOutput(*net->addLRN(net.input("x", Dims3(4, 6, 6)), 5, 1, 0.75f, 1)->getOutput(0));
  expect_refused(net, {"f32[4, 6, 6]", "(lrn C1)"});
}

TEST(LrnConstraints, C2_EvenWindow) {
  Net net;
  EXPECT_EQ(net->addLRN(net.input("x", Dims4(1, 4, 6, 6)), 4, 1, 0.75f, 1), nullptr);
  expect_message(net, {"addLRN", "window is 4", "(lrn C2)"});
}

TEST(LrnConstraints, C3_Integers) {
  Net net;
  net->markOutput(*net->addLRN(net.input("x", Dims4(1, 4, 6, 6), DataType::kINT32), 5, 1, 0.75f, 1)->getOutput(0));
  expect_refused(net, {"i32[1, 4, 6, 6]", "(lrn C3)"});
}

TEST(LrnConstraints, C4_Finite) {
  Net net;
  ILRNLayer* layer = net->addLRN(net.input("x", Dims4(1, 4, 6, 6)), 5, 1, 0.75f, 1);
  layer->setBeta(std::numeric_limits<float>::infinity());
  expect_message(net, {"beta is inf", "(lrn C4)"});
  EXPECT_EQ(layer->getBeta(), 0.75f);
}

TEST(ConvConstraints, All) {
  Refusal r;
  const auto expect = [&](const ir::Attrs& attrs, const Operands& operands, const char* part) {
    r.expect(ir::OpKind::k_conv, attrs, operands, part);
  };
  expect(conv_attrs(r), conv_operands({1, 4}, {2, 4}), "(conv C1)");
  expect(conv_attrs(r), conv_operands({1, 4, 6, 6}, {2, 4, 2}), "(conv C1)");
  expect(conv_attrs(r), {{DType::kFloat32, {1, 4, 6, 6}}, {DType::kFloat16, {2, 4, 2, 2}}}, "(conv C2)");
  expect(conv_attrs(r).set("groups", int64_t{3}), conv_operands({1, 6, 6, 6}, {2, 2, 2, 2}), "(conv C3)");
  expect(conv_attrs(r), conv_operands({1, 4, 6, 6}, {2, 3, 2, 2}), "(conv C3)");
  Operands biased = conv_operands({1, 4, 6, 6}, {2, 4, 2, 2});
  biased.push_back({DType::kFloat32, {3}});
  expect(conv_attrs(r), biased, "(conv C4)");
  expect(conv_attrs(r).set("strides", Ints{1}), conv_operands({1, 4, 6, 6}, {2, 4, 2, 2}), "(conv C5)");
  expect(conv_attrs(r).set("input_dilations", Ints{0, 1}), conv_operands({1, 4, 6, 6}, {2, 4, 2, 2}), "(conv C5)");
  expect(conv_attrs(r).set("pre", r.dims({0})), conv_operands({1, 4, 6, 6}, {2, 4, 2, 2}), "(conv C5)");
  expect(conv_attrs(r), conv_operands({1, 4, 6, 6}, {2, 4, 0, 2}), "(conv C6)");
  const auto narrow = [&](DType product) { return conv_attrs(r).set("product", static_cast<int64_t>(product)); };
  const Operands mixed{{DType::kFloat32, {1, 4, 6, 6}}, {DType::kBFloat16, {2, 4, 2, 2}}};
  expect(narrow(DType::kFloat16), mixed, "(conv C7)");
  Operands narrow_bias = mixed;
  narrow_bias.push_back({DType::kBFloat16, {2}});
  expect(narrow(DType::kBFloat16), narrow_bias, "(conv C2)");
}

TEST(ReduceWindowConstraints, All) {
  Refusal r;
  const auto expect = [&](const ir::Attrs& attrs, const Refusal::Operand& x, const char* part) {
    r.expect(ir::OpKind::k_reduce_window, attrs, {x}, part);
  };
  expect(window_attrs(r), {DType::kFloat32, {}}, "(reduce_window C1)");
  expect(window_attrs(r), {DType::kFloat32, {4, 4}}, "(reduce_window C1)");
  expect(window_attrs(r).set("shape", r.dims({3, 1})), {DType::kFloat32, {4}}, "(reduce_window C1)");
  expect(window_attrs(r).set("window", Ints{0}), {DType::kFloat32, {4}}, "(reduce_window C2)");
  expect(window_attrs(r), {DType::kBool, {4}}, "(reduce_window C3)");
  expect(window_attrs(r).set("op", int64_t{4}), {DType::kFloat32, {4}}, "(reduce_window C4)");
  expect(window_attrs(r).set("shape", r.dims({-1})), {DType::kFloat32, {4}}, "(reduce_window C5)");
}

}  // namespace rondo::test
