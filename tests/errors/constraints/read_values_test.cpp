// Values that become dimensions.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

TEST(ReadValuesConstraints, C1_Floats) {
  Refusal refusal;
  refusal.expect(ir::OpKind::k_read_values, {{"values", refusal.dims({0})}}, {{DType::kFloat32, {1}}},
                 "(read_values C1)");
}

TEST(ReadValuesConstraints, C2_TooManyElements) {
  Refusal refusal;
  refusal.expect(ir::OpKind::k_read_values, {{"values", refusal.dims({0})}}, {{DType::kInt32, {65}}},
                 "(read_values C2)");
}

TEST(ReadValuesConstraints, C3_OneValuePerElement) {
  Refusal refusal;
  refusal.expect(ir::OpKind::k_read_values, {{"values", refusal.dims({0})}}, {{DType::kInt64, {2}}},
                 "(read_values C3)");
}

TEST(ReadValuesConstraints, AReshapeByFloats) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims{1, {4}}));
  shuffle->setName("shuffle");
  shuffle->setInput(1, net.input("shape", Dims{1, {2}}));
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"layer 'shuffle'", "must be a 1-D int32 or int64 tensor", "f32"});
}

}  // namespace rondo::test
