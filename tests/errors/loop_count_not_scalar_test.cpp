// A trip count that is not 0-D.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopCountNotScalar) {
  Net net;
  Counter counter(net);
  counter.loop->addTripLimit(net.integers(Dims{1, {1}}, {3}), TripLimit::kCOUNT);
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter'", "trip count is i32[1]", "0-d", "(loop C1)"});
}

}  // namespace rondo::test
