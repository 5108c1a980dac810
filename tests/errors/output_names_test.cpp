// Two outputs of one name.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, OutputNames) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 4));
  for (int i = 0; i < 2; ++i) {
    ITensor& y = *net->addUnary(x, UnaryOperation::kABS)->getOutput(0);
    y.setName("y");
    net->markOutput(y);
  }
  expect_refused(net, {"network output 'y' has the name of another", "setName"});
}

}  // namespace rondo::test
