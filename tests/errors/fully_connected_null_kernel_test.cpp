// Weights that claim elements but point nowhere.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, FullyConnectedNullKernel) {
  Net net;
  EXPECT_EQ(net->addFullyConnected(net.input("x", Dims4(1, 2, 2, 2)), 3, Weights{DataType::kFLOAT, nullptr, 24}, {}),
            nullptr);
  expect_message(net, {"addFullyConnected: kernel", "24 elements", "null"});
  EXPECT_EQ(net->getNbLayers(), 0);
}

}  // namespace rondo::test
