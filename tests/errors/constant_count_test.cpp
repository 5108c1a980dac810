// A constant whose dimensions hold another number of elements.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConstantCount) {
  Net net;
  EXPECT_EQ(net->addConstant(Dims2(2, 3), net.weights(5)), nullptr);
  expect_message(net, {"addConstant", "[2, 3]", "6 elements", "5 weights"});
}

}  // namespace rondo::test
