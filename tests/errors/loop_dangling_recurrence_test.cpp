// A recurrence without a next value.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopDanglingRecurrence) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->setName("steps");
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.constant(Dims{1, {2}}));
  state->setName("state");
  net->markOutput(*loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  expect_refused(net, {"layer 'state' of loop 'steps' has no next value", "setInput(1"});
}

}  // namespace rondo::test
