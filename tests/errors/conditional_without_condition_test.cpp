// A conditional without a condition.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalWithoutCondition) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  ITensor& inside = *either->addInput(x)->getOutput(0);
  net->markOutput(*either->addOutput(inside, x)->getOutput(0));
  expect_refused(net, {"conditional 'either' has no condition", "setCondition"});
}

}  // namespace rondo::test
