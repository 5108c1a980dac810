// A constant whose volume does not fit 64 bits.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConstantOverflow) {
  Net net;
  const int64_t big = int64_t{1} << 40;
  EXPECT_EQ(net->addConstant(Dims2(big, big), net.weights(1)), nullptr);
  expect_message(net, {"addConstant", "[1099511627776, 1099511627776]", "64 bits"});
}

}  // namespace rondo::test
