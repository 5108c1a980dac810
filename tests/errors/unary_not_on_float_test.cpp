// A logical not of floats.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, UnaryNotOnFloat) {
  Net net;
  IUnaryLayer* inverse = net->addUnary(net.input("x", Dims2(3, 4)), UnaryOperation::kNOT);
  inverse->setName("inverse");
  net->markOutput(*inverse->getOutput(0));
  expect_refused(net, {"unary 'inverse'", "f32[3, 4]", "(unary C1)"});
}

}  // namespace rondo::test
