// An initial value that comes from inside its own loop.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopInitialFromInside) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* second = counter.loop->addRecurrence(*counter.next);
  second->setName("second");
  second->setInput(1, *second->getOutput(0));
  net->markOutput(*counter.loop->addLoopOutput(*second->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  expect_refused(net, {"layer 'second': its initial value", "inside loop 'counter'", "must come from outside"});
}

}  // namespace rondo::test
