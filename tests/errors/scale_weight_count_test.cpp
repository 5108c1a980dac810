// A scale by channel with too few weights.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ScaleWeightCount) {
  Net net;
  IScaleLayer* scale = net->addScale(net.input("x", Dims4(1, 3, 2, 2)), ScaleMode::kCHANNEL, {}, net.weights(2), {});
  scale->setName("bn");
  net->markOutput(*scale->getOutput(0));
  expect_refused(net, {"scale 'bn'", "(scale C1)"});
}

}  // namespace rondo::test
