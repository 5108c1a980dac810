// Reshape dimensions that only the run knows may be, but in a vector of integers.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShuffleUnknownDims) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(3, 4)));
  shuffle->setName("flat");
  ITensor& rounded = *net->addCast(net.input("f", Dims2(1, 2)), DataType::kINT32)->getOutput(0);
  shuffle->setInput(1, rounded);
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net,
                 {"layer 'flat'", "input 1, the reshape dimensions, must be a 1-D int32 or int64 tensor", "rank 2"});
}

}  // namespace rondo::test
