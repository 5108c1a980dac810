// Convolution, deconvolution, pooling, padding and LRN: defaults, getters, setters and both spellings.

#include <gtest/gtest.h>

#include "net.h"

namespace {

using namespace rondo;
using test::Net;
using test::to_vector;
using Ints = std::vector<int64_t>;

TEST(WindowLayers, ConvolutionDefaults) {
  Net net;
  ITensor& x = net.input("x", Dims4(2, 3, 8, 9));
  const Weights kernel = net.weights(5 * 3 * 3 * 3), bias = net.weights(5);
  IConvolutionLayer* layer = net->addConvolutionNd(x, 5, Dims2(3, 3), kernel, bias);
  ASSERT_NE(layer, nullptr) << net.logger.text();
  EXPECT_EQ(layer->getType(), LayerType::kCONVOLUTION);
  EXPECT_EQ(layer->getNbOutputMaps(), 5);
  EXPECT_EQ(layer->getNbGroups(), 1);
  EXPECT_EQ(to_vector(layer->getKernelSizeNd()), (Ints{3, 3}));
  EXPECT_EQ(to_vector(layer->getStrideNd()), (Ints{1, 1}));
  EXPECT_EQ(to_vector(layer->getDilationNd()), (Ints{1, 1}));
  EXPECT_EQ(to_vector(layer->getPaddingNd()), (Ints{0, 0}));
  EXPECT_EQ(layer->getPaddingMode(), PaddingMode::kEXPLICIT_ROUND_DOWN);
  EXPECT_EQ(layer->getKernelWeights().values, kernel.values);
  EXPECT_EQ(layer->getBiasWeights().count, 5);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{2, 5, 6, 7}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(WindowLayers, ConvolutionSetters) {
  Net net;
  ITensor& x = net.input("x", Dims{5, {1, 4, 8, 8, 8}});
  IConvolutionLayer* layer = net->addConvolutionNd(x, 4, Dims3(3, 3, 3), net.weights(4 * 2 * 27), {});
  layer->setNbGroups(2);
  layer->setStrideNd(Dims3(1, 2, 3));
  layer->setDilationNd(Dims3(2, 1, 1));
  layer->setPaddingNd(Dims3(1, 1, 1));
  EXPECT_EQ(to_vector(layer->getPrePadding()), (Ints{1, 1, 1}));
  EXPECT_EQ(to_vector(layer->getPostPadding()), (Ints{1, 1, 1}));
  layer->setPostPadding(Dims3(0, 0, 2));
  EXPECT_EQ(to_vector(layer->getPaddingNd()), (Ints{1, 1, 1}));
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{1, 4, 5, 4, 3}));
  layer->setPaddingMode(PaddingMode::kSAME_UPPER);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{1, 4, 8, 4, 3}));
  layer->setKernelSizeNd(Dims3(1, 1, 1));
  layer->setNbOutputMaps(2);
  layer->setKernelWeights(net.weights(4));
  layer->setBiasWeights(net.weights(2));
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{1, 2, 8, 4, 3}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(WindowLayers, KernelAndBiasAsTensors) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 2, 4, 4));
  IConvolutionLayer* layer = net->addConvolutionNd(x, 3, Dims2(2, 2), {}, {});
  layer->setInput(1, net.input("w", Dims4(3, 2, 2, 2)));
  layer->setInput(2, net.constant(Dims{1, {3}}));
  EXPECT_EQ(layer->getNbInputs(), 3);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{1, 3, 3, 3}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(WindowLayers, LegacySpelling) {
  Net net;
  ITensor& x = net.input("x", Dims4(1, 2, 8, 8));
  IConvolutionLayer* convolution = net->addConvolution(x, 4, DimsHW(3, 1), net.weights(4 * 2 * 3), {});
  convolution->setStride(DimsHW(2, 1));
  convolution->setPadding(DimsHW(1, 0));
  convolution->setDilation(DimsHW(1, 2));
  EXPECT_EQ(convolution->getKernelSize().h(), 3);
  EXPECT_EQ(convolution->getKernelSize().w(), 1);
  EXPECT_EQ(convolution->getStride().h(), 2);
  EXPECT_EQ(convolution->getPadding().h(), 1);
  EXPECT_EQ(convolution->getDilation().w(), 2);
  EXPECT_EQ(to_vector(convolution->getOutput(0)->getDimensions()), (Ints{1, 4, 4, 8}));

  IDeconvolutionLayer* deconvolution = net->addDeconvolution(x, 4, DimsHW(2, 2), net.weights(2 * 4 * 4), {});
  deconvolution->setStride(DimsHW(2, 2));
  EXPECT_EQ(deconvolution->getType(), LayerType::kDECONVOLUTION);
  EXPECT_EQ(to_vector(deconvolution->getOutput(0)->getDimensions()), (Ints{1, 4, 16, 16}));

  IPoolingLayer* pooling = net->addPooling(x, PoolingType::kMAX, DimsHW(3, 3));
  pooling->setStride(DimsHW(2, 2));
  pooling->setPadding(DimsHW(1, 1));
  EXPECT_EQ(pooling->getWindowSize().h(), 3);
  EXPECT_EQ(to_vector(pooling->getOutput(0)->getDimensions()), (Ints{1, 2, 4, 4}));

  IPaddingLayer* padding = net->addPadding(x, DimsHW(1, -2), DimsHW(0, 3));
  EXPECT_EQ(padding->getPrePadding().w(), -2);
  EXPECT_EQ(padding->getPostPadding().w(), 3);
  EXPECT_EQ(to_vector(padding->getOutput(0)->getDimensions()), (Ints{1, 2, 9, 9}));
  padding->setPrePaddingNd(Dims2(0, 0));
  padding->setPostPadding(DimsHW(2, 0));
  EXPECT_EQ(to_vector(padding->getOutput(0)->getDimensions()), (Ints{1, 2, 10, 8}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(WindowLayers, Pooling) {
  Net net;
  ITensor& x = net.input("x", Dims4(-1, 2, 8, 8));
  IPoolingLayer* layer = net->addPoolingNd(x, PoolingType::kAVERAGE, Dims2(2, 2));
  EXPECT_EQ(layer->getType(), LayerType::kPOOLING);
  EXPECT_EQ(to_vector(layer->getStrideNd()), (Ints{1, 1}));
  EXPECT_EQ(layer->getBlendFactor(), 0);
  EXPECT_TRUE(layer->getAverageCountExcludesPadding());
  layer->setPoolingType(PoolingType::kMAX_AVERAGE_BLEND);
  layer->setBlendFactor(0.5f);
  layer->setAverageCountExcludesPadding(false);
  layer->setWindowSizeNd(Dims2(3, 3));
  layer->setStrideNd(Dims2(2, 2));
  layer->setPrePadding(Dims2(1, 1));
  layer->setPaddingMode(PaddingMode::kEXPLICIT_ROUND_UP);
  EXPECT_EQ(layer->getPoolingType(), PoolingType::kMAX_AVERAGE_BLEND);
  EXPECT_FALSE(layer->getAverageCountExcludesPadding());
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{-1, 2, 4, 4}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(WindowLayers, LocalResponse) {
  Net net;
  ILRNLayer* layer = net->addLRN(net.input("x", Dims4(1, 8, 2, 2)), 5, 1e-4f, 0.75f, 2);
  EXPECT_EQ(layer->getType(), LayerType::kLRN);
  EXPECT_EQ(layer->getWindowSize(), 5);
  layer->setWindowSize(3);
  layer->setAlpha(0.5f);
  layer->setBeta(1);
  layer->setK(1);
  EXPECT_EQ(layer->getWindowSize(), 3);
  EXPECT_EQ(layer->getAlpha(), 0.5f);
  EXPECT_EQ(layer->getBeta(), 1);
  EXPECT_EQ(layer->getK(), 1);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Ints{1, 8, 2, 2}));
}

}  // namespace
