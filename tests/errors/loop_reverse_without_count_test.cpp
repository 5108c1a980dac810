// A reverse iterator in a loop without a trip count.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopReverseWithoutCount) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.boolean(true), TripLimit::kWHILE);
  IIteratorLayer* rows = counter.loop->addIterator(net.input("x", Dims2(3, 2)), 0, true);
  counter.value->setInput(1, net.add(*rows->getOutput(0), *counter.value->getOutput(0)));
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "reverse", "COUNT", "(loop C4)"});
}

}  // namespace rondo::test
