// An operation that no enumerator stands for.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ElementwiseNoSuchOperation) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 4));
  EXPECT_EQ(net->addElementWise(x, x, static_cast<ElementWiseOperation>(99)), nullptr);
  expect_message(net, {"ElementWiseOperation is 99"});
  EXPECT_EQ(net->getNbLayers(), 0);
}

}  // namespace rondo::test
