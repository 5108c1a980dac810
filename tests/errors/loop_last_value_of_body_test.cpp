// A last value of something that is not a recurrence.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopLastValueOfBody) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* last = counter.loop->addLoopOutput(*counter.next, LoopOutput::kLAST_VALUE);
  last->setName("last");
  net->markOutput(*last->getOutput(0));
  expect_refused(net,
                 {"layer 'last' of loop 'counter'", "kLAST_VALUE", "not the output of a recurrence", "kCONCATENATE"});
}

}  // namespace rondo::test
