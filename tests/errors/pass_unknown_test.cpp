// A pass that does not exist.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PassUnknown) {
  Net net;
  EXPECT_FALSE(net.config->setPassEnabled("make_it_fast", false));
  expect_message(net, {"no pass is called 'make_it_fast'", "hoist_invariants"});
}

}  // namespace rondo::test
