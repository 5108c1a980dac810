// A fully connected layer with a weight too many.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, FullyConnectedWeightCount) {
  Net net;
  IFullyConnectedLayer* dense = net->addFullyConnected(net.input("x", Dims4(1, 2, 2, 2)), 3, net.weights(25), {});
  dense->setName("dense");
  net->markOutput(*dense->getOutput(0));
  expect_refused(net, {"fully_connected 'dense'", "25", "24", "(fully_connected C2)"});
}

}  // namespace rondo::test
