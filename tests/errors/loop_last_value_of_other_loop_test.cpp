// A last value of the recurrence of another loop.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopLastValueOfOtherLoop) {
  Net net;
  Counter counter(net), other(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  other.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* last = counter.loop->addLoopOutput(*other.value->getOutput(0), LoopOutput::kLAST_VALUE);
  last->setName("last");
  net->markOutput(*last->getOutput(0));
  expect_refused(net, {"layer 'last' of loop 'counter'", "recurrence of this loop"});
}

}  // namespace rondo::test
