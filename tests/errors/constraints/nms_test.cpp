// Suppressions that the rules of docs/ops/structured/nms.md and docs/ops/primitive/select_boxes.md forbid.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test::nms_mistakes {
namespace {

INMSLayer* nms(Net& net, const Dims& boxes, const Dims& scores, DataType score_type = DataType::kFLOAT) {
  INMSLayer* layer = net->addNMS(net.input("boxes", boxes), net.input("scores", scores, score_type), net.scalar(3));
  layer->setName("keep");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

TEST(NmsConstraints, Ranks) {
  Net net;
  nms(net, Dims2(5, 4), Dims2(5, 2));
  expect_refused(net, {"nms 'keep'", "(nms C1)"});
}

TEST(NmsConstraints, BoxesAndScoresOfOneCount) {
  Net net;
  nms(net, Dims3(1, 5, 4), Dims3(1, 6, 2));
  expect_refused(net, {"nms 'keep'", "5 and 6", "(nms C1)"});
}

TEST(NmsConstraints, FourNumbersPerBox) {
  Net net;
  nms(net, Dims3(1, 5, 5), Dims3(1, 5, 2));
  expect_refused(net, {"nms 'keep'", "four numbers", "(nms C1)"});
}

TEST(NmsConstraints, FloatScores) {
  Net net;
  nms(net, Dims3(1, 5, 4), Dims3(1, 5, 2), DataType::kINT32);
  expect_refused(net, {"nms 'keep'", "floating-point", "(nms C2)"});
}

TEST(NmsConstraints, ScalarThresholds) {
  for (int32_t index : {3, 4}) {
    Net net;
    nms(net, Dims3(1, 5, 4), Dims3(1, 5, 2))->setInput(index, net.constant(Dims{1, {1}}));
    expect_refused(net, {"nms 'keep'", "threshold", "(nms C3)"});
  }
}

TEST(NmsConstraints, APositiveLimit) {
  Net net;
  INMSLayer* layer = nms(net, Dims3(1, 5, 4), Dims3(1, 5, 2));
  layer->setTopKBoxLimit(0);
  EXPECT_EQ(layer->getTopKBoxLimit(), 5000);
  expect_message(net, {"layer 'keep'", "limit is 0", "(nms C4)"});
}

TEST(NmsConstraints, IndexType) {
  Net net;
  EXPECT_FALSE(nms(net, Dims3(1, 5, 4), Dims3(1, 5, 2))->setIndicesType(DataType::kFLOAT));
  expect_message(net, {"layer 'keep'", "kINT32 or kINT64"});
}

TEST(NmsConstraints, OneMaximum) {
  Net net;
  INMSLayer* layer = nms(net, Dims3(1, 5, 4), Dims3(1, 5, 2));
  layer->setInput(2, net.integers(Dims{1, {2}}, {3, 4}));
  expect_refused(net, {"nms 'keep'", "max has 2 values", "(nms C5)"});
}

using Operands = std::vector<Refusal::Operand>;

const Operands kFaultless{
    {DType::kFloat32, {1, 5, 4}}, {DType::kFloat32, {1, 5, 2}}, {DType::kFloat32, {}}, {DType::kFloat32, {}}};

ir::Attrs faultless(Refusal& refusal) {
  return {{"max", refusal.dims({3})},
          {"count", refusal.dims({3})},
          {"format", int64_t{0}},
          {"topk", int64_t{9}},
          {"indices", static_cast<int64_t>(DType::kInt32)}};
}

void expect_attribute(ir::OpKind kind, const char* name, const ir::AttrValue& value, const char* part) {
  Refusal refusal;
  ir::Attrs attrs = faultless(refusal);
  EXPECT_EQ(refusal.of(kind, attrs, kFaultless), "");
  refusal.expect(kind, attrs.set(name, value), kFaultless, part);
}

void expect_operand(size_t index, const Refusal::Operand& operand, const char* part) {
  Refusal refusal;
  Operands operands = kFaultless;
  operands[index] = operand;
  refusal.expect(ir::OpKind::k_select_boxes, faultless(refusal), operands, part);
}

TEST(NmsConstraints, Attributes) {
  expect_attribute(ir::OpKind::k_nms, "format", int64_t{2}, "(nms C4)");
  expect_attribute(ir::OpKind::k_nms, "topk", int64_t{0}, "(nms C4)");
  expect_attribute(ir::OpKind::k_nms, "indices", static_cast<int64_t>(DType::kInt8), "(nms C4)");
  expect_attribute(ir::OpKind::k_nms, "count", ir::Dims{}, "(nms C5)");
}

TEST(SelectBoxesConstraints, Operands) {
  expect_operand(0, {DType::kFloat32, {1, 5, 3}}, "(select_boxes C1)");
  expect_operand(1, {DType::kFloat32, {1, 5}}, "(select_boxes C1)");
  expect_operand(1, {DType::kFloat16, {1, 5, 2}}, "(select_boxes C2)");
  expect_operand(3, {DType::kFloat16, {}}, "(select_boxes C3)");
}

TEST(SelectBoxesConstraints, Attributes) {
  expect_attribute(ir::OpKind::k_select_boxes, "format", int64_t{2}, "(select_boxes C4)");
  expect_attribute(ir::OpKind::k_select_boxes, "topk", int64_t{0}, "(select_boxes C4)");
  expect_attribute(ir::OpKind::k_select_boxes, "indices", static_cast<int64_t>(DType::kInt8), "(select_boxes C4)");
}

}  // namespace
}  // namespace rondo::test::nms_mistakes
