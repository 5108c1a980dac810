// Quantize and dequantize: types, scales and zero points; and what has no kernel at all.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

namespace {

void refuse_quantization(ir::OpKind kind, int64_t axis, const std::vector<int64_t>& block,
                         const std::vector<Refusal::Operand>& operands, const char* part) {
  const DType to = kind == ir::OpKind::k_quantize ? DType::kInt8 : DType::kFloat32;
  Refusal().expect(kind, {{"axis", axis}, {"block", block}, {"to", static_cast<int64_t>(to)}}, operands, part);
}

}  // namespace

TEST(QuantizationConstraints, C1_ScaleNotFloat) {
  const Refusal::Operand scale{DType::kInt32, {}};
  refuse_quantization(ir::OpKind::k_quantize, -1, {}, {{DType::kFloat32, {2, 3}}, scale}, "(quantize C1)");
  refuse_quantization(ir::OpKind::k_dequantize, -1, {}, {{DType::kInt8, {2, 3}}, scale}, "(dequantize C1)");
}

TEST(QuantizationConstraints, C2_ScaleDoesNotFit) {
  const Refusal::Operand x{DType::kFloat32, {4, 6}}, q{DType::kInt8, {4, 6}};
  refuse_quantization(ir::OpKind::k_quantize, -1, {}, {x, {DType::kFloat32, {6}}}, "(quantize C2)");
  refuse_quantization(ir::OpKind::k_quantize, 1, {}, {x, {DType::kFloat32, {4}}}, "(quantize C2)");
  refuse_quantization(ir::OpKind::k_quantize, -1, {}, {x, {DType::kFloat32, {4, 4}}}, "(quantize C2)");
  refuse_quantization(ir::OpKind::k_dequantize, -1, {1, 4}, {q, {DType::kFloat32, {4, 3}}}, "(dequantize C2)");
  refuse_quantization(ir::OpKind::k_dequantize, -1, {}, {q, {DType::kFloat32, {1, 1, 1}}}, "(dequantize C2)");
}

TEST(QuantizationConstraints, C3_Types) {
  refuse_quantization(ir::OpKind::k_quantize, -1, {}, {{DType::kInt32, {2}}, {DType::kFloat32, {}}}, "(quantize C3)");
  refuse_quantization(ir::OpKind::k_dequantize, -1, {}, {{DType::kUint8, {2}}, {DType::kFloat32, {}}},
                      "(dequantize C3)");
}

TEST(QuantizationConstraints, C3_TypesOfLaterHardware) {
  for (DataType type : {DataType::kFP8, DataType::kINT4, DataType::kFP4}) {
    Net net;
    EXPECT_EQ(net->addQuantize(net.input("x", Dims2(2, 3)), net.constant(Dims{0, {}}), type), nullptr);
    expect_message(net, {"addQuantize", "quantizes to kINT8 only", "(quantize C3)"});
  }
  Net net;
  EXPECT_EQ(net->addDequantize(net.input("q", Dims2(2, 3), DataType::kINT8), net.constant(Dims{0, {}}), DataType::kFP8),
            nullptr);
  expect_message(net, {"addDequantize", "(dequantize C3)"});
}

TEST(QuantizationConstraints, C4_ZeroPointThatIsNotZero) {
  static const int8_t kOne[] = {1};
  Net net;
  ITensor& zero = *net->addConstant(Dims{0, {}}, {DataType::kINT8, kOne, 1})->getOutput(0);
  IQuantizeLayer* quantize = net->addQuantize(net.input("x", Dims2(2, 3)), net.constant(Dims{0, {}}), DataType::kINT8);
  quantize->setName("q");
  quantize->setInput(2, zero);
  net->markOutput(*quantize->getOutput(0));
  expect_refused(net, {"quantize 'q'", "must be constant 0", "(quantize C4)"});
}

TEST(QuantizationConstraints, C4_ZeroPointOfAnotherType) {
  Net net;
  IDequantizeLayer* real =
      net->addDequantize(net.input("q", Dims2(2, 3), DataType::kINT8), net.constant(Dims{0, {}}), DataType::kFLOAT);
  real->setInput(2, net.scalar(0));
  net->markOutput(*real->getOutput(0));
  expect_refused(net, {"the zero point is i32", "(dequantize C4)"});
}

TEST(QuantizationConstraints, LayersThatThisVersionRefuses) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 32));
  EXPECT_EQ(net->addDynamicQuantize(x, 1, 16, DataType::kFP4, DataType::kFP8), nullptr);
  EXPECT_EQ(net->addDynamicQuantizeV2(x, Dims2(1, 16), DataType::kFP4, DataType::kFP8), nullptr);
  EXPECT_EQ(net->addMoE(x, x, x), nullptr);
  EXPECT_EQ(net->addDistCollective(x, CollectiveOperation::kALL_REDUCE, ReduceOperation::kSUM, 0, nullptr, 0), nullptr);
  EXPECT_EQ(net.logger.errors.size(), 4u) << net.logger.text();
  for (const char* part : {"addDynamicQuantize:", "addDynamicQuantizeV2:",
                           "addMoE: a fused mixture of experts is not part of this version",
                           "addDistCollective: a plan runs on one device"}) {
    EXPECT_TRUE(net.logger.has(part)) << part;
  }
}

}  // namespace rondo::test
