// A loop with two trip counts.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopTwoCounts) {
  Net net;
  Counter counter(net);
  EXPECT_NE(counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT), nullptr);
  EXPECT_EQ(counter.loop->addTripLimit(net.scalar(4), TripLimit::kCOUNT), nullptr);
  expect_message(net, {"loop 'counter' has a trip limit of kind kCOUNT already"});
}

}  // namespace rondo::test
