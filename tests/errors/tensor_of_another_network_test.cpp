// A tensor of another network.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, TensorOfAnotherNetwork) {
  Net net, other;
  EXPECT_EQ(net->addUnary(other.input("x", Dims2(3, 4)), UnaryOperation::kABS), nullptr);
  expect_message(net, {"tensor 'x' belongs to another network"});
}

}  // namespace rondo::test
