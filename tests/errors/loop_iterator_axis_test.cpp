// An iterator over a dimension that its tensor lacks.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopIteratorAxis) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IIteratorLayer* rows = counter.loop->addIterator(net.input("x", Dims2(3, 2)), 2);
  counter.value->setInput(1, net.add(*rows->getOutput(0), *counter.value->getOutput(0)));
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "dimension 2", "f32[3, 2]", "(loop C3)"});
}

}  // namespace rondo::test
