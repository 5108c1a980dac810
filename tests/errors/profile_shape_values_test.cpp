// A shape tensor without values in the profile.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ProfileShapeValues) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(4, 6)));
  shuffle->setInput(1, net.input("shape", Dims{1, {2}}, DataType::kINT32));
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"network input 'shape' decides shapes", "no profile", "setShapeValues"});
}

}  // namespace rondo::test
