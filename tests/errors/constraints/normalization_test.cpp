// Normalization: axes, types, and the shapes of scale and bias.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

namespace {

void refuse_normalization(int64_t axes, int64_t groups, bool v2, const std::vector<Refusal::Operand>& operands,
                          const char* part) {
  Refusal().expect(ir::OpKind::k_normalization,
                   {{"axes", axes}, {"groups", groups}, {"epsilon", 1e-5}, {"v2", int64_t{v2}}}, operands, part);
}

}  // namespace

TEST(NormalizationConstraints, C1_AxesOutside) {
  Net net;
  INormalizationLayer* norm =
      net->addNormalization(net.input("x", Dims2(2, 3)), net.constant(Dims2(1, 3)), net.constant(Dims2(1, 3)), 4);
  norm->setName("norm");
  net->markOutput(*norm->getOutput(0));
  expect_refused(net, {"normalization 'norm'", "axis mask 4", "(normalization C1)"});
}

TEST(NormalizationConstraints, NoAxesAtAll) {
  Net net;
  EXPECT_EQ(net->addNormalization(net.input("x", Dims2(2, 3)), net.constant(Dims2(1, 3)), net.constant(Dims2(1, 3)), 0),
            nullptr);
  expect_message(net, {"addNormalization", "axes mask is 0"});
}

TEST(NormalizationConstraints, C2_Integers) {
  refuse_normalization(2, 1, false, {{DType::kInt32, {2, 3}}, {DType::kFloat32, {1, 3}}, {DType::kFloat32, {1, 3}}},
                       "(normalization C2)");
}

TEST(NormalizationConstraints, C3_ScaleOfAnotherRankOrExtent) {
  refuse_normalization(2, 1, false, {{DType::kFloat32, {2, 3}}, {DType::kFloat32, {3}}, {DType::kFloat32, {1, 3}}},
                       "(normalization C3)");
  refuse_normalization(2, 1, false, {{DType::kFloat32, {2, 3}}, {DType::kFloat32, {1, 3}}, {DType::kFloat32, {1, 2}}},
                       "(normalization C3)");
}

TEST(NormalizationConstraints, C4_GroupsThatDoNotDivide) {
  const Refusal::Operand x{DType::kFloat32, {2, 5, 4}}, scale{DType::kFloat32, {1, 2, 1}};
  refuse_normalization(4, 2, false, {x, scale, scale}, "(normalization C4)");
  refuse_normalization(6, 2, false, {{DType::kFloat32, {2, 4, 4}}, scale, scale}, "(normalization C4)");
  refuse_normalization(2, 2, false, {{DType::kFloat32, {2, 4}}, scale, scale}, "(normalization C4)");
}

TEST(NormalizationConstraints, C5_ScalePerChannelOnlyInTheSecondGeneration) {
  const Refusal::Operand x{DType::kFloat32, {2, 4, 3}}, by_channel{DType::kFloat32, {1, 4, 1}},
      by_group{DType::kFloat32, {1, 2, 1}};
  refuse_normalization(4, 2, false, {x, by_channel, by_channel}, "(normalization C5)");
  refuse_normalization(4, 2, true, {x, by_group, by_group}, "(normalization C5)");
}

}  // namespace rondo::test
