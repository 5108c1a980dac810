// Resize, grid sample, NMS, non-zero, ragged softmax and parametric ReLU as a program sees them: defaults, setters,
// shapes.

#include <gtest/gtest.h>

#include "api/net.h"

namespace rondo::test {
namespace {

using Extents = std::vector<int64_t>;

TEST(SamplingLayers, ResizeDefaultsAndSetters) {
  Net net;
  IResizeLayer* layer = net->addResize(net.input("x", Dims2(3, 4)));
  EXPECT_EQ(layer->getType(), LayerType::kRESIZE);
  EXPECT_EQ(layer->getOutputDimensions().nbDims, -1);
  EXPECT_EQ(layer->getScales(0, nullptr), -1);
  EXPECT_EQ(layer->getResizeMode(), ResizeMode::kNEAREST);
  EXPECT_EQ(layer->getCoordinateTransformation(), ResizeCoordinateTransformation::kASYMMETRIC);
  EXPECT_EQ(layer->getSelectorForSinglePixel(), ResizeSelector::kFORMULA);
  EXPECT_EQ(layer->getNearestRounding(), ResizeRoundMode::kFLOOR);
  EXPECT_EQ(layer->getCubicCoeff(), -0.75F);
  EXPECT_FALSE(layer->getExcludeOutside());
  EXPECT_FALSE(layer->getAlignCorners());
  layer->setAlignCorners(true);
  EXPECT_EQ(layer->getCoordinateTransformation(), ResizeCoordinateTransformation::kALIGN_CORNERS);
  layer->setCoordinateTransformation(ResizeCoordinateTransformation::kHALF_PIXEL);
  EXPECT_FALSE(layer->getAlignCorners());
  layer->setResizeMode(InterpolationMode::kCUBIC);
  layer->setCubicCoeff(-0.5F);
  layer->setExcludeOutside(true);
  layer->setSelectorForSinglePixel(ResizeSelector::kUPPER);
  layer->setNearestRounding(ResizeRoundMode::kCEIL);
  EXPECT_EQ(layer->getResizeMode(), InterpolationMode::kCUBIC);
  EXPECT_EQ(layer->getCubicCoeff(), -0.5F);
  EXPECT_TRUE(layer->getExcludeOutside());
  EXPECT_EQ(layer->getSelectorForSinglePixel(), ResizeSelector::kUPPER);
  EXPECT_EQ(layer->getNearestRounding(), ResizeRoundMode::kCEIL);
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(SamplingLayers, ScalesAndDimensionsReplaceEachOther) {
  Net net;
  IResizeLayer* layer = net->addResize(net.input("x", Dims2(3, 5)));
  const float scales[] = {2, 0.7F};
  layer->setScales(scales, 2);
  float read[2] = {};
  EXPECT_EQ(layer->getScales(1, read), 2);
  EXPECT_EQ(read[0], 0);
  EXPECT_EQ(layer->getScales(2, read), 2);
  EXPECT_EQ(read[1], 0.7F);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{6, 3}));
  layer->setOutputDimensions(Dims2(7, 8));
  EXPECT_EQ(layer->getScales(2, read), -1);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{7, 8}));
  layer->setInput(1, net.integers(Dims{1, {2}}, {9, 10}));
  EXPECT_EQ(layer->getOutputDimensions().nbDims, -1);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{9, 10}));
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
}

TEST(SamplingLayers, GridSampleDefaultsAndShape) {
  Net net;
  IGridSampleLayer* layer =
      net->addGridSample(net.input("x", Dims4(-1, 3, 8, 9)), net.input("grid", Dims4(-1, 5, 6, 2)));
  EXPECT_EQ(layer->getType(), LayerType::kGRID_SAMPLE);
  EXPECT_EQ(layer->getInterpolationMode(), InterpolationMode::kLINEAR);
  EXPECT_FALSE(layer->getAlignCorners());
  EXPECT_EQ(layer->getSampleMode(), SampleMode::kFILL);
  EXPECT_TRUE(layer->setSampleMode(SampleMode::kREFLECT));
  layer->setInterpolationMode(InterpolationMode::kNEAREST);
  layer->setAlignCorners(true);
  EXPECT_EQ(layer->getSampleMode(), SampleMode::kREFLECT);
  EXPECT_EQ(layer->getInterpolationMode(), InterpolationMode::kNEAREST);
  EXPECT_TRUE(layer->getAlignCorners());
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{-1, 3, 5, 6}));
}

TEST(SamplingLayers, NmsDefaultsAndShape) {
  Net net;
  ITensor &boxes = net.input("boxes", Dims3(1, 10, 4)), &scores = net.input("scores", Dims3(1, 10, 2));
  INMSLayer* layer = net->addNMS(boxes, scores, net.scalar(3));
  EXPECT_EQ(layer->getType(), LayerType::kNMS);
  EXPECT_EQ(layer->getBoundingBoxFormat(), BoundingBoxFormat::kCORNER_PAIRS);
  EXPECT_EQ(layer->getTopKBoxLimit(), 5000);
  EXPECT_EQ(layer->getIndicesType(), DataType::kINT32);
  EXPECT_EQ(layer->getNbOutputs(), 2);
  layer->setBoundingBoxFormat(BoundingBoxFormat::kCENTER_SIZES);
  layer->setTopKBoxLimit(100);
  layer->setInput(3, net.constant(Dims{0, {}}, 0.5F));
  layer->setInput(4, net.constant(Dims{0, {}}, 0.1F));
  EXPECT_EQ(layer->getNbInputs(), 5);
  EXPECT_EQ(layer->getBoundingBoxFormat(), BoundingBoxFormat::kCENTER_SIZES);
  EXPECT_EQ(layer->getTopKBoxLimit(), 100);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{-1, 3}));
  EXPECT_EQ(layer->getOutput(1)->getDimensions().nbDims, 0);
  EXPECT_EQ(layer->getOutput(1)->getType(), DataType::kINT32);
  EXPECT_TRUE(layer->setIndicesType(DataType::kINT64));
  EXPECT_EQ(layer->getOutput(0)->getType(), DataType::kINT64);
  EXPECT_EQ(net->addNMS(boxes, scores, net.scalar(3), DataType::kINT64)->getIndicesType(), DataType::kINT64);
}

TEST(SamplingLayers, NonZeroShape) {
  Net net;
  ITensor& x = net.input("x", Dims3(2, 3, 4), DataType::kBOOL);
  INonZeroLayer* layer = net->addNonZero(x);
  EXPECT_EQ(layer->getType(), LayerType::kNON_ZERO);
  EXPECT_EQ(layer->getIndicesType(), DataType::kINT32);
  EXPECT_EQ(to_vector(layer->getOutput(0)->getDimensions()), (Extents{3, -1}));
  EXPECT_EQ(layer->getOutput(0)->getType(), DataType::kINT32);
  EXPECT_EQ(net->addNonZero(x, DataType::kINT64)->getOutput(0)->getType(), DataType::kINT64);
}

TEST(SamplingLayers, RaggedSoftMaxAndParametricReLU) {
  Net net;
  ITensor& x = net.input("x", Dims3(2, 3, 4));
  ILayer* ragged = net->addRaggedSoftMax(x, net.input("n", Dims3(2, 3, 1), DataType::kINT32));
  EXPECT_EQ(ragged->getType(), LayerType::kRAGGED_SOFTMAX);
  EXPECT_EQ(to_vector(ragged->getOutput(0)->getDimensions()), (Extents{2, 3, 4}));
  ILayer* relu = net->addParametricReLU(x, net.constant(Dims3(1, 3, 1)));
  EXPECT_EQ(relu->getType(), LayerType::kPARAMETRIC_RELU);
  EXPECT_EQ(to_vector(relu->getOutput(0)->getDimensions()), (Extents{2, 3, 4}));
}

}  // namespace
}  // namespace rondo::test
