// A transpose that names one dimension twice.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShufflePermutation) {
  Net net;
  IShuffleLayer* shuffle = net->addShuffle(net.input("x", Dims2(3, 4)));
  shuffle->setName("turn");
  shuffle->setFirstTranspose(Permutation{{1, 1}});
  net->markOutput(*shuffle->getOutput(0));
  expect_refused(net, {"shuffle 'turn'", "(shuffle C1)"});
}

}  // namespace rondo::test
