// A loop that runs longer than what it iterates over.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopIteratorTooShort) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  IIteratorLayer* rows = counter.loop->addIterator(net.input("x", Dims2(3, 2)));
  counter.value->setInput(1, net.add(*rows->getOutput(0), *counter.value->getOutput(0)));
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "4 times", "f32[3, 2]", "(loop C9)"});
}

}  // namespace rondo::test
