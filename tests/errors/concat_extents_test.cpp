// A concatenation of tensors that differ beside the axis.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConcatExtents) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims2(2, 3)), &net.constant(Dims2(2, 4))};
  IConcatenationLayer* joined = net->addConcatenation(inputs, 2);
  joined->setName("joined");
  joined->setAxis(0);
  net->markOutput(*joined->getOutput(0));
  expect_refused(net, {"concat 'joined'", "f32[2, 3], f32[2, 4]", "(concat C3)"});
}

}  // namespace rondo::test
