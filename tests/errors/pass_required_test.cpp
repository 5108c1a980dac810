// A pass that the rest needs.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PassRequired) {
  Net net;
  EXPECT_FALSE(net.config->setPassEnabled("expand_structured", false));
  expect_message(net, {"pass 'expand_structured' cannot be disabled"});
  EXPECT_TRUE(net.config->getPassEnabled("expand_structured"));
}

}  // namespace rondo::test
