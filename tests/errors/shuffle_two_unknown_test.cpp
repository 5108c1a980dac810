// A reshape with two extents to infer.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShuffleTwoUnknown) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(3, 4)));
  shuffle->setName("flat");
  shuffle->setReshapeDimensions(Dims3(-1, -1, 2));
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"shuffle 'flat'", "0 and 1 are both -1", "(shuffle C2)"});
}

}  // namespace rondo::test
