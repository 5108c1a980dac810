// A recurrence whose value grows.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopGrowingRecurrence) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->setName("steps");
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.constant(Dims{1, {2}}));
  state->setName("state");
  ITensor* twice[] = {state->getOutput(0), state->getOutput(0)};
  IConcatenationLayer* longer = net->addConcatenation(twice, 2);
  longer->setAxis(0);
  state->setInput(1, *longer->getOutput(0));
  net->markOutput(*loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  expect_refused(net, {"loop 'steps'", "recurrence 'state'", "f32[2]", "f32[4]", "(loop C2)"});
}

}  // namespace rondo::test
