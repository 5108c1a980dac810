// A reduction over a dimension that the input lacks.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ReduceAxisOutside) {
  Net net;
  IReduceLayer* sum = net->addReduce(net.input("x", Dims2(3, 4)), ReduceOperation::kSUM, 1U << 2, false);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"reduce 'sum'", "f32[3, 4]", "(reduce C1)"});
}

}  // namespace rondo::test
