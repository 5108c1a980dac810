#include <gtest/gtest.h>

#include "api/net.h"

namespace rondo::test {
namespace {

TEST(MathLayers, NormalizationDefaults) {
  Net net;
  ITensor &x = net.input("x", Dims4(2, 4, 3, 3)), &s = net.constant(Dims4(1, 4, 1, 1));
  INormalizationLayer* norm = net->addNormalization(x, s, s, 12);
  EXPECT_EQ(norm->getType(), LayerType::kNORMALIZATION);
  EXPECT_FLOAT_EQ(norm->getEpsilon(), 1e-5f);
  EXPECT_EQ(norm->getAxes(), 12u);
  EXPECT_EQ(norm->getNbGroups(), 1);
  EXPECT_EQ(norm->getComputePrecision(), DataType::kFLOAT);
  EXPECT_FALSE(norm->isV2());
  EXPECT_TRUE(net->addNormalizationV2(x, s, s, 12)->isV2());
  EXPECT_EQ(to_vector(norm->getOutput(0)->getDimensions()), (std::vector<int64_t>{2, 4, 3, 3}));
  norm->setNbGroups(0);
  norm->setEpsilon(-1);
  norm->setComputePrecision(DataType::kINT8);
  EXPECT_EQ(norm->getNbGroups(), 1);
  EXPECT_EQ(net.logger.errors.size(), 3u);
}

TEST(MathLayers, EinsumInfersItsShape) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims3(2, 3, 4)), &net.input("y", Dims2(-1, 4))};
  IEinsumLayer* sum = net->addEinsum(inputs, 2, "bij,kj->bik");
  EXPECT_EQ(sum->getType(), LayerType::kEINSUM);
  EXPECT_EQ(to_vector(sum->getOutput(0)->getDimensions()), (std::vector<int64_t>{2, 3, -1}));
  EXPECT_TRUE(sum->setEquation("...j,kj->k..."));
  EXPECT_EQ(to_vector(sum->getOutput(0)->getDimensions()), (std::vector<int64_t>{-1, 2, 3}));
  EXPECT_EQ(net->addEinsum(inputs, 2, nullptr), nullptr);
  EXPECT_EQ(net->addEinsum(nullptr, 2, "i,i"), nullptr);
}

TEST(MathLayers, QuantizationDefaults) {
  Net net;
  ITensor &x = net.input("x", Dims2(2, 4)), &s = net.constant(Dims{0, {}});
  IQuantizeLayer* q = net->addQuantize(x, s);
  EXPECT_EQ(q->getType(), LayerType::kQUANTIZE);
  EXPECT_EQ(q->getAxis(), -1);
  EXPECT_EQ(q->getBlockShape().nbDims, 0);
  EXPECT_EQ(q->getToType(), DataType::kINT8);
  EXPECT_EQ(q->getOutput(0)->getType(), DataType::kINT8);
  IDequantizeLayer* d = net->addDequantize(*q->getOutput(0), s);
  EXPECT_EQ(d->getOutput(0)->getType(), DataType::kFLOAT);
  d->setToType(DataType::kHALF);
  EXPECT_EQ(d->getOutput(0)->getType(), DataType::kHALF);
  EXPECT_TRUE(d->setBlockShape(Dims2(1, -1)));
  EXPECT_FALSE(d->setBlockShape(Dims2(1, 0)));
  q->setAxis(1);
  EXPECT_EQ(q->getAxis(), 1);
}

TEST(MathLayers, AttentionIsTwoLayers) {
  Net net;
  ITensor &q = net.input("q", Dims4(1, 4, 3, 8)), &k = net.input("k", Dims4(1, 2, 5, 8)),
          &v = net.input("v", Dims4(1, 2, 5, 6));
  IAttention* attention = net->addAttention(q, k, v, AttentionNormalizationOp::kSOFTMAX, true);
  ASSERT_NE(attention, nullptr);
  EXPECT_EQ(net->getNbLayers(), 2);
  EXPECT_EQ(net->getLayer(0)->getType(), LayerType::kATTENTION_INPUT);
  EXPECT_EQ(net->getLayer(1)->getType(), LayerType::kATTENTION_OUTPUT);
  EXPECT_EQ(static_cast<IAttentionBoundaryLayer*>(net->getLayer(1))->getAttention(), attention);
  EXPECT_EQ(attention->getNbInputs(), 3);
  EXPECT_EQ(attention->getInput(1), &k);
  EXPECT_EQ(attention->getInput(3), nullptr);
  EXPECT_EQ(attention->getNbOutputs(), 1);
  EXPECT_EQ(to_vector(attention->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 4, 3, 6}));
  EXPECT_TRUE(attention->getCausal());
  EXPECT_EQ(attention->getCausalKind(), CausalMaskKind::kUPPER_LEFT);
  EXPECT_EQ(attention->getMask(), nullptr);
  EXPECT_FALSE(attention->getDecomposable());
  EXPECT_STREQ(attention->getName(), "");
  EXPECT_TRUE(attention->setCausal(false));
  EXPECT_TRUE(attention->setNormalizationQuantizeScale(net.constant(Dims{0, {}})));
  EXPECT_TRUE(attention->setNormalizationQuantizeToType(DataType::kINT8));
  EXPECT_TRUE(attention->setMask(net.input("m", Dims4(1, 1, 3, 5), DataType::kBOOL)));
  EXPECT_TRUE(attention->setInput(2, k));
  EXPECT_EQ(to_vector(attention->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 4, 3, 8}));
  EXPECT_TRUE(attention->setMetadata("block 3"));
  EXPECT_STREQ(attention->getMetadata(), "block 3");
  EXPECT_FALSE(attention->setInput(3, k));
  Net other;
  EXPECT_FALSE(attention->setInput(0, other.input("q", Dims4(1, 4, 3, 8))));
}

TEST(MathLayers, RotaryAndCache) {
  Net net;
  ITensor &x = net.input("x", Dims4(1, 4, 3, 8)), &table = net.input("t", Dims2(16, 4));
  IRotaryEmbeddingLayer* rotary = net->addRotaryEmbedding(x, table, table, true, 0);
  EXPECT_TRUE(rotary->getInterleaved());
  EXPECT_EQ(rotary->getRotaryEmbeddingDim(), 0);
  EXPECT_FALSE(rotary->setRotaryEmbeddingDim(3));
  rotary->setInput(3, net.input("ids", Dims2(1, 3), DataType::kINT64));
  EXPECT_EQ(to_vector(rotary->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 4, 3, 8}));
  IKVCacheUpdateLayer* update = net->addKVCacheUpdate(
      net.input("c", Dims4(1, 4, 32, 8)), x, net.input("i", Dims{1, {1}}, DataType::kINT32), KVCacheMode::kLINEAR);
  EXPECT_EQ(update->getCacheMode(), KVCacheMode::kLINEAR);
  EXPECT_FALSE(update->setCacheMode(static_cast<KVCacheMode>(7)));
  EXPECT_EQ(to_vector(update->getOutput(0)->getDimensions()), (std::vector<int64_t>{1, 4, 32, 8}));
}

TEST(MathLayers, AssertionsHaveNoOutput) {
  Net net;
  IAssertionLayer* assertion = net->addAssertion(net.boolean(true), "sizes fit");
  EXPECT_EQ(assertion->getNbOutputs(), 0);
  EXPECT_STREQ(assertion->getMessage(), "sizes fit");
  assertion->setMessage("sizes must fit");
  EXPECT_STREQ(assertion->getMessage(), "sizes must fit");
}

TEST(MathLayers, DebugMarksAreKept) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 4));
  EXPECT_FALSE(net->isDebugTensor(x));
  EXPECT_TRUE(net->markDebug(x));
  EXPECT_TRUE(net->isDebugTensor(x));
  EXPECT_FALSE(net->markDebug(x));
  EXPECT_TRUE(net->unmarkDebug(x));
  EXPECT_FALSE(net->isDebugTensor(x));
  EXPECT_FALSE(net->unmarkDebug(x));
}

}  // namespace
}  // namespace rondo::test
