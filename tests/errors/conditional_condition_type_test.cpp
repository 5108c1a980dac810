// A condition that is not a 0-D bool.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalConditionType) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  either->setCondition(x);
  net->markOutput(*either->addOutput(*either->addInput(x)->getOutput(0), x)->getOutput(0));
  expect_refused(net, {"conditional 'either'", "f32[2]", "0-d bool", "(conditional C1)"});
}

}  // namespace rondo::test
