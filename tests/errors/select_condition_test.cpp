// A select by a condition that is not bool.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, SelectCondition) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 4));
  ISelectLayer* choice = net->addSelect(x, x, x);
  choice->setName("choice");
  net->markOutput(*choice->getOutput(0));
  expect_refused(net, {"'choice'", "bool condition", "f32[3, 4]"});
}

}  // namespace rondo::test
