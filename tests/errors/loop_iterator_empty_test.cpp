// An iterator over a dimension of extent 0.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopIteratorEmpty) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(1), TripLimit::kCOUNT);
  IIteratorLayer* rows = counter.loop->addIterator(net.input("x", Dims2(0, 2)));
  counter.value->setInput(1, net.add(*rows->getOutput(0), *counter.value->getOutput(0)));
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "1 times", "f32[0, 2]", "(loop C9)"});
}

}  // namespace rondo::test
