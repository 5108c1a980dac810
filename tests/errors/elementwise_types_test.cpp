// A sum of a float and an integer tensor.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ElementwiseTypes) {
  Net net;
  IElementWiseLayer* sum =
      net->addElementWise(net.input("x", Dims{1, {2}}), net.integers(Dims{1, {2}}, {1, 2}), ElementWiseOperation::kSUM);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"elementwise 'sum'", "f32[2], i32[2]", "(elementwise C3)"});
}

}  // namespace rondo::test
