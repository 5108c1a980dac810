// A float tensor marked as output for shapes.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, OutputForShapesOfFloats) {
  Net net;
  ITensor& y = *net->addUnary(net.input("x", Dims2(3, 4)), UnaryOperation::kABS)->getOutput(0);
  EXPECT_FALSE(net->markOutputForShapes(y));
  expect_message(net, {"cannot be an output for shapes", "int32 or int64"});
}

}  // namespace rondo::test
