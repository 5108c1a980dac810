// A gather along a dimension that the data lacks.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, GatherAxis) {
  Net net;
  IGatherLayer* rows = net->addGather(net.input("x", Dims2(3, 4)), net.integers(Dims{1, {2}}, {0, 1}), 2);
  rows->setName("rows");
  net->markOutput(*rows->getOutput(0));
  expect_refused(net, {"gather 'rows'", "axis 2", "(gather C2)"});
}

}  // namespace rondo::test
