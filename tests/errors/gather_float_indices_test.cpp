// A gather by float indices.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, GatherFloatIndices) {
  Net net;
  IGatherLayer* rows = net->addGather(net.input("x", Dims2(3, 4)), net.constant(Dims{1, {2}}), 0);
  rows->setName("rows");
  net->markOutput(*rows->getOutput(0));
  expect_refused(net, {"gather 'rows'", "f32[2]", "(gather C1)"});
}

}  // namespace rondo::test
