// A network without outputs.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, NoOutputs) {
  Net net;
  net->addUnary(net.input("x", Dims2(3, 4)), UnaryOperation::kABS);
  net->setName("empty");
  expect_refused(net, {"network 'empty' has no outputs", "markOutput"});
}

}  // namespace rondo::test
