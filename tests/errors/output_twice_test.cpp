// A tensor marked as output twice.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, OutputTwice) {
  Net net;
  ITensor& y = *net->addUnary(net.input("x", Dims2(3, 4)), UnaryOperation::kABS)->getOutput(0);
  net->markOutput(y);
  net->markOutput(y);
  expect_message(net, {"[Unary]_output' is a network output already"});
  EXPECT_EQ(net->getNbOutputs(), 1);
}

}  // namespace rondo::test
