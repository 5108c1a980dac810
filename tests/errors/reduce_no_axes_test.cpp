// A reduction over no dimension.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ReduceNoAxes) {
  Net net;
  EXPECT_EQ(net->addReduce(net.input("x", Dims2(3, 4)), ReduceOperation::kSUM, 0, false), nullptr);
  expect_message(net, {"addReduce", "axes mask is 0"});
}

}  // namespace rondo::test
