// An elementwise layer over extents that do not broadcast.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ElementwiseExtents) {
  Net net;
  IElementWiseLayer* sum =
      net->addElementWise(net.input("x", Dims2(3, 4)), net.constant(Dims2(3, 5)), ElementWiseOperation::kSUM);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"elementwise 'sum'", "f32[3, 4], f32[3, 5]", "(elementwise C2)"});
}

}  // namespace rondo::test
