// A constant with an extent of -1.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConstantNegativeExtent) {
  Net net;
  EXPECT_EQ(net->addConstant(Dims2(-1, 3), net.weights(3)), nullptr);
  expect_message(net, {"addConstant", "[-1, 3]", "negative"});
}

}  // namespace rondo::test
