// An input that the layer does not take.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, SetInputOutOfRange) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 4));
  IUnaryLayer* unary = net->addUnary(x, UnaryOperation::kABS);
  unary->setInput(1, x);
  expect_message(net, {"layer '(Unnamed Layer* 0) [Unary]' has no input 1"});
  EXPECT_EQ(unary->getNbInputs(), 1);
}

}  // namespace rondo::test
