// A layer that reads its own output.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, CycleWithoutRecurrence) {
  Net net;
  IUnaryLayer* first = net->addUnary(net.input("x", Dims2(3, 4)), UnaryOperation::kABS);
  first->setName("first");
  IUnaryLayer* second = net->addUnary(*first->getOutput(0), UnaryOperation::kABS);
  first->setInput(0, *second->getOutput(0));
  EXPECT_EQ(second->getOutput(0)->getDimensions().nbDims, -1);
  net->markOutput(*second->getOutput(0));
  expect_refused(net, {"depends on its own output", "recurrence"});
}

}  // namespace rondo::test
