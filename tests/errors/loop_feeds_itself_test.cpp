// A loop whose body reads the output of the loop.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopFeedsItself) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& last = counter.last();
  counter.value->setInput(1, net.add(last, *counter.value->getOutput(0)));
  net->markOutput(last);
  expect_refused(net, {"[Loop Output]' depends on its own output", "recurrence"});
}

}  // namespace rondo::test
