// A branch value used outside of its conditional.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalValueEscapes) {
  Net net;
  ITensor& x = net.input("x", Dims{1, {2}});
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  either->setCondition(net.boolean(true));
  ITensor& y = *net->addUnary(*either->addInput(x)->getOutput(0), UnaryOperation::kABS)->getOutput(0);
  y.setName("y");
  net->markOutput(y);
  expect_refused(net, {"tensor 'y' lies inside conditional 'either'", "IIfConditional::addOutput"});
}

}  // namespace rondo::test
