// A top-k of no elements.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, TopkZero) {
  Net net;
  EXPECT_EQ(net->addTopK(net.input("x", Dims2(3, 4)), TopKOperation::kMAX, 0, 2), nullptr);
  expect_message(net, {"addTopK", "k is 0", "1 .. 3840"});
}

}  // namespace rondo::test
