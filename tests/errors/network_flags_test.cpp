// Creation flags that stand for nothing.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, NetworkFlags) {
  Net net;
  EXPECT_EQ(net.builder->createNetworkV2(1U << 20), nullptr);
  expect_message(net, {"createNetworkV2: flags 1048576"});
}

}  // namespace rondo::test
