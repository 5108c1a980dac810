// INetworkDefinition as a recorder: names, order, outputs, setters and getters of every layer.

#include <gtest/gtest.h>

#include "net.h"

namespace {

using namespace rondo;
using test::Net;

TEST(Network, ListsWhatWasAdded) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  IUnaryLayer* unary = net->addUnary(x, UnaryOperation::kABS);
  IActivationLayer* relu = net->addActivation(*unary->getOutput(0), ActivationType::kRELU);
  net->markOutput(*relu->getOutput(0));
  EXPECT_EQ(net->getNbLayers(), 2);
  EXPECT_EQ(net->getLayer(1), relu);
  EXPECT_EQ(net->getLayer(2), nullptr);
  EXPECT_EQ(net->getLayer(-1), nullptr);
  EXPECT_EQ(net->getInput(0), &x);
  EXPECT_EQ(net->getOutput(0), relu->getOutput(0));
  EXPECT_EQ(net->getLayer(0)->getType(), LayerType::kUNARY);
  EXPECT_EQ(relu->getInput(0), unary->getOutput(0));
  EXPECT_EQ(relu->getInput(1), nullptr);
  EXPECT_EQ(relu->getOutput(1), nullptr);
  EXPECT_TRUE(x.isNetworkInput());
  EXPECT_TRUE(relu->getOutput(0)->isNetworkOutput());
  net->unmarkOutput(*relu->getOutput(0));
  EXPECT_EQ(net->getNbOutputs(), 0);
  EXPECT_EQ(&net->getBuilder(), net.builder.get());
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(Network, NamesAreDefaultUntilGiven) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ITopKLayer* top = net->addTopK(x, TopKOperation::kMAX, 1, 2);
  IMatrixMultiplyLayer* product = net->addMatrixMultiply(x, MatrixOperation::kNONE, x, MatrixOperation::kTRANSPOSE);
  EXPECT_STREQ(top->getName(), "(Unnamed Layer* 0) [TopK]");
  EXPECT_STREQ(product->getName(), "(Unnamed Layer* 1) [Matrix Multiply]");
  EXPECT_STREQ(top->getOutput(0)->getName(), "(Unnamed Layer* 0) [TopK]_output");
  EXPECT_STREQ(top->getOutput(1)->getName(), "(Unnamed Layer* 0) [TopK]_output_1");
  product->setName("p");
  EXPECT_STREQ(product->getOutput(0)->getName(), "p_output");
  product->getOutput(0)->setName("y");
  EXPECT_STREQ(product->getOutput(0)->getName(), "y");
  product->setMetadata("from onnx");
  EXPECT_STREQ(product->getMetadata(), "from onnx");
  net->setName("net");
  EXPECT_STREQ(net->getName(), "net");
}

TEST(Network, LayersKeepWhatIsSet) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 2, 3, 4));
  IActivationLayer* clip = net->addActivation(x, ActivationType::kRELU);
  clip->setActivationType(ActivationType::kCLIP);
  clip->setAlpha(-1);
  clip->setBeta(2);
  EXPECT_EQ(clip->getActivationType(), ActivationType::kCLIP);
  EXPECT_EQ(clip->getAlpha(), -1);
  EXPECT_EQ(clip->getBeta(), 2);
  EXPECT_EQ(net->addSoftMax(x)->getAxes(), 1U << 1) << "rank 4: dimension 1";
  ITensor* both[] = {&x, &x};
  EXPECT_EQ(net->addConcatenation(both, 2)->getAxis(), 1);
  IShuffleLayer* shuffle = net->addShuffle(x);
  EXPECT_EQ(shuffle->getReshapeDimensions().nbDims, -1);
  EXPECT_TRUE(shuffle->getZeroIsPlaceholder());
  EXPECT_EQ(shuffle->getFirstTranspose().order[3], 3);
  shuffle->setReshapeDimensions(Dims2(0, -1));
  EXPECT_EQ(test::to_vector(shuffle->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 24}));
  shuffle->setInput(1, net.integers(Dims{1, {2}}, {4, 6}));
  EXPECT_EQ(shuffle->getReshapeDimensions().nbDims, -1) << "replaced by input 1";
  EXPECT_EQ(test::to_vector(shuffle->getOutput(0)->getDimensions()), (std::vector<int64_t>{4, 6}));
  IScaleLayer* scale = net->addScale(x, ScaleMode::kCHANNEL, net.weights(2), net.weights(2, 3), {});
  EXPECT_EQ(scale->getChannelAxis(), 1);
  EXPECT_EQ(scale->getPower().count, 0);
  IReduceLayer* reduce = net->addReduce(x, ReduceOperation::kSUM, 0b1100, true);
  EXPECT_EQ(test::to_vector(reduce->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 2, 1, 1}));
  reduce->setKeepDimensions(false);
  EXPECT_EQ(test::to_vector(reduce->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 2}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(Network, DimensionsFollowTheInputs) {
  Net net;
  ITensor& x = net.input("x", Dims3(-1, 4, 7));
  ITensor& w = net.constant(Dims3(1, 7, 5));
  IMatrixMultiplyLayer* product = net->addMatrixMultiply(x, MatrixOperation::kNONE, w, MatrixOperation::kNONE);
  EXPECT_EQ(test::to_vector(product->getOutput(0)->getDimensions()), (std::vector<int64_t>{-1, 4, 5}));
  x.setDimensions(Dims3(3, 4, 7));
  EXPECT_EQ(test::to_vector(product->getOutput(0)->getDimensions()), (std::vector<int64_t>{3, 4, 5}));
  x.setDimensions(Dims3(3, 4, 6));
  EXPECT_EQ(product->getOutput(0)->getDimensions().nbDims, -1) << "does not fit";
  EXPECT_TRUE(net.logger.errors.empty()) << "the build reports it";
  EXPECT_EQ(net->addShape(x)->getOutput(0)->getType(), DataType::kINT32);
  EXPECT_EQ(net->addElementWise(x, x, ElementWiseOperation::kLESS)->getOutput(0)->getType(), DataType::kBOOL);
}

TEST(Network, ShapeArithmeticIsInferred) {
  Net net;
  ITensor& x = net.input("x", Dims4(2, 3, 4, 5));
  ITensor& shape = *net->addShape(x)->getOutput(0);
  ITensor& half = *net->addSlice(shape, Dims{1, {0}}, Dims{1, {2}}, Dims{1, {1}})->getOutput(0);
  ITensor* parts[] = {&half, &net.integers(Dims{1, {1}}, {-1})};
  IConcatenationLayer* joined = net->addConcatenation(parts, 2);
  joined->setAxis(0);
  IShuffleLayer* flat = net->addShuffle(x);
  flat->setInput(1, *joined->getOutput(0));
  EXPECT_EQ(test::to_vector(flat->getOutput(0)->getDimensions()), (std::vector<int64_t>{2, 3, 20}));
  EXPECT_TRUE(half.isShapeTensor());
  EXPECT_FALSE(x.isShapeTensor());
  EXPECT_TRUE(x.isExecutionTensor());
  EXPECT_FALSE(half.isExecutionTensor());
}

TEST(Network, DeepChainsAreInferredWithoutRecursion) {
  Net net;
  ITensor* x = &net.input("x", Dims2(2, 2));
  for (int i = 0; i < 50000; ++i) x = net->addUnary(*x, UnaryOperation::kABS)->getOutput(0);
  EXPECT_EQ(x->getDimensions().nbDims, 2);
}

TEST(Network, TensorsOfOtherNetworksAreRefused) {
  Net net, other;
  ITensor& x = other.input("x", Dims2(2, 3));
  EXPECT_EQ(net->addUnary(x, UnaryOperation::kABS), nullptr);
  EXPECT_TRUE(net.logger.has("belongs to another network")) << net.logger.text();
}

TEST(Network, RemovesUnusedInputsOnly) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ITensor& y = net.input("y", Dims2(2, 3));
  net->addUnary(x, UnaryOperation::kABS);
  net->removeTensor(x);
  EXPECT_EQ(net->getNbInputs(), 2);
  EXPECT_TRUE(net.logger.has("tensor 'x' is used by layer '(Unnamed Layer* 0) [Unary]'")) << net.logger.text();
  net->removeTensor(y);
  EXPECT_EQ(net->getNbInputs(), 1);
}

TEST(Network, WeightsAreNamedByAddress) {
  Net net;
  const Weights weights = net.weights(4);
  net->addConstant(Dims{1, {4}}, weights);
  EXPECT_TRUE(net->setWeightsName(weights, "w"));
  EXPECT_FALSE(net->setWeightsName(net.weights(4), "v"));
}

TEST(Network, TensorsKeepTheirSettings) {
  Net net;
  ITensor& x = net.input("x", Dims2(-1, 3));
  x.setDimensionName(0, "batch");
  EXPECT_STREQ(x.getDimensionName(0), "batch");
  EXPECT_EQ(x.getDimensionName(1), nullptr);
  EXPECT_TRUE(x.setDynamicRange(-1, 1));
  EXPECT_EQ(x.getDynamicRangeMax(), 1);
  EXPECT_FALSE(x.setDynamicRange(2, 1));
  x.resetDynamicRange();
  EXPECT_FALSE(x.dynamicRangeIsSet());
  x.setAllowedFormats(1U << static_cast<int32_t>(TensorFormat::kHWC8));
  EXPECT_NE(x.getAllowedFormats() & 1U, 0u) << "kLINEAR must stay";
  x.setLocation(TensorLocation::kHOST);
  EXPECT_EQ(x.getLocation(), TensorLocation::kHOST);
}

}  // namespace
