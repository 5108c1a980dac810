// A network input with an extent of -2.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputBadExtent) {
  Net net;
  EXPECT_EQ(net->addInput("x", DataType::kFLOAT, Dims2(-2, 4)), nullptr);
  expect_message(net, {"network input 'x'", "[-2, 4]", "-1 for an extent known at run time"});
}

}  // namespace rondo::test
