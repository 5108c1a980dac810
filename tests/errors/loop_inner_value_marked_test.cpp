// An output marked inside a loop.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopInnerValueMarked) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  counter.next->setName("inner");
  net->markOutput(*counter.next);
  expect_refused(net, {"network output: tensor 'inner' lies inside loop 'counter'", "addLoopOutput"});
}

}  // namespace rondo::test
