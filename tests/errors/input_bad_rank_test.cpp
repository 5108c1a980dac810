// A network input of nine dimensions.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputBadRank) {
  Net net;
  EXPECT_EQ(net->addInput("x", DataType::kFLOAT, Dims{9, {1, 1, 1, 1, 1, 1, 1, 1}}), nullptr);
  expect_message(net, {"network input 'x'", "rank 9", "0 .. 8"});
}

}  // namespace rondo::test
