// A while condition that is not bool.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopWhileNotBool) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(*counter.value->getOutput(0), TripLimit::kWHILE);
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "while condition is f32[2]", "0-d bool", "(loop C6)"});
}

}  // namespace rondo::test
