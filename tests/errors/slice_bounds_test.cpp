// A slice that reads behind the edge.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, SliceBounds) {
  Net net;
  ISliceLayer* part = net->addSlice(net.input("x", Dims2(3, 4)), Dims2(0, 2), Dims2(3, 3), Dims2(1, 1));
  part->setName("part");
  net->markOutput(*part->getOutput(0));
  expect_refused(net, {"slice 'part'", "f32[3, 4]", "dimension 1", "index 4", "(slice C3)"});
}

}  // namespace rondo::test
