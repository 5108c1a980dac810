// A softmax along two dimensions.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, SoftmaxTwoAxes) {
  Net net;
  ISoftMaxLayer* softmax = net->addSoftMax(net.input("x", Dims2(3, 4)));
  softmax->setAxes(3);
  expect_message(net, {"layer '(Unnamed Layer* 0) [Softmax]'", "mask 3", "exactly one bit"});
  EXPECT_EQ(softmax->getAxes(), 1U);
}

}  // namespace rondo::test
