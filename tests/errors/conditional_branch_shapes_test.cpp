// Branches that give different shapes.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalBranchShapes) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  either->setCondition(net.boolean(true));
  net->markOutput(*either->addOutput(*either->addInput(x)->getOutput(0), net.constant(Dims{1, {3}}))->getOutput(0));
  expect_refused(net, {"conditional 'either'", "2", "3", "(conditional C2)"});
}

}  // namespace rondo::test
