// A conditional with two conditions.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConditionalTwoConditions) {
  Net net;
  IIfConditional* either = net->addIfConditional();
  either->setName("either");
  EXPECT_NE(either->setCondition(net.boolean(true)), nullptr);
  EXPECT_EQ(either->setCondition(net.boolean(false)), nullptr);
  expect_message(net, {"conditional 'either' has a condition already"});
}

}  // namespace rondo::test
