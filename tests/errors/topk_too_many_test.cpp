// A top-k of more elements than there are.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, TopkTooMany) {
  Net net;
  ITopKLayer* best = net->addTopK(net.input("x", Dims2(3, 4)), TopKOperation::kMAX, 5, 2);
  best->setName("best");
  net->markOutput(*best->getOutput(0));
  expect_refused(net, {"topk 'best'", "k is 5", "f32[3, 4]", "4 elements", "(topk C2)"});
}

}  // namespace rondo::test
