// A new dimension beyond the rank.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopOutputAxis) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* all = counter.loop->addLoopOutput(*counter.next, LoopOutput::kCONCATENATE, 2);
  all->setInput(1, net.scalar(3));
  net->markOutput(*all->getOutput(0));
  expect_refused(net, {"loop 'counter'", "dimension 2", "f32[2]", "(loop C8)"});
}

}  // namespace rondo::test
