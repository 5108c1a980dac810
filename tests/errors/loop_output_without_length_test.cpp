// A concatenation of steps without a length.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopOutputWithoutLength) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* all = counter.loop->addLoopOutput(*counter.next, LoopOutput::kCONCATENATE);
  all->setName("all");
  net->markOutput(*all->getOutput(0));
  expect_refused(net, {"layer 'all' of loop 'counter' has no length", "setInput(1"});
}

}  // namespace rondo::test
