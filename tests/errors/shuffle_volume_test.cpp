// A reshape to another number of elements.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShuffleVolume) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(3, 4)));
  shuffle->setName("flat");
  shuffle->setReshapeDimensions(Dims{1, {13}});
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"shuffle 'flat'", "(shuffle C3)"});
}

}  // namespace rondo::test
