// An elementwise layer over operands of different rank.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ElementwiseRanks) {
  Net net;
  IElementWiseLayer* sum =
      net->addElementWise(net.input("x", Dims3(2, 3, 4)), net.constant(Dims2(3, 4)), ElementWiseOperation::kSUM);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"elementwise 'sum'", "f32[2, 3, 4], f32[3, 4]", "rank", "shuffle", "(elementwise C1)"});
}

}  // namespace rondo::test
