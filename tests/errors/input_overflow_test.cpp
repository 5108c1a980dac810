// A network input whose volume does not fit 64 bits.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputOverflow) {
  Net net;
  const int64_t big = int64_t{1} << 31;
  EXPECT_EQ(net->addInput("x", DataType::kFLOAT, Dims4(big, big, big, 1)), nullptr);
  expect_message(net, {"network input 'x'", "64 bits"});
  EXPECT_EQ(net->getNbInputs(), 0);
}

}  // namespace rondo::test
