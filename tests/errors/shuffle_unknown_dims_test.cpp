// Reshape dimensions that only the run would know.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShuffleUnknownDims) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(3, 4)));
  shuffle->setName("flat");
  ITensor& rounded = *net->addCast(net.input("f", Dims{1, {1}}), DataType::kINT32)->getOutput(0);
  shuffle->setInput(1, rounded);
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"network input 'f' [1] decides shapes", "int32"});
}

}  // namespace rondo::test
