// Two network inputs of one name.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputSameName) {
  Net net;
  net.input("x", Dims2(3, 4));
  EXPECT_EQ(net->addInput("x", DataType::kFLOAT, Dims2(3, 4)), nullptr);
  expect_message(net, {"network input 'x' exists already"});
  EXPECT_EQ(net->getNbInputs(), 1);
}

}  // namespace rondo::test
