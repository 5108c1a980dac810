// Branches that give different ranks, and a condition that only the run knows.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalBranchShapes) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  ITensor& flag =
      *net->addElementWise(net.input("flag", Dims{0, {}}), net.constant(Dims{0, {}}), ElementWiseOperation::kGREATER)
           ->getOutput(0);
  either->setCondition(flag);
  net->markOutput(*either->addOutput(*either->addInput(x)->getOutput(0), net.constant(Dims2(3, 1)))->getOutput(0));
  expect_refused(net, {"conditional 'either'", "f32[2]", "f32[3, 1]", "(conditional C2)"});
}

}  // namespace rondo::test
