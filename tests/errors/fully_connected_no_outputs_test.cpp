// A fully connected layer with no outputs.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, FullyConnectedNoOutputs) {
  Net net;
  EXPECT_EQ(net->addFullyConnected(net.input("x", Dims4(1, 2, 2, 2)), 0, net.weights(24), {}), nullptr);
  expect_message(net, {"addFullyConnected", "number of outputs is 0"});
}

}  // namespace rondo::test
