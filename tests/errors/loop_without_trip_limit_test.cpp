// A loop that nothing ends.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopWithoutTripLimit) {
  Net net;
  Counter counter(net);
  net->markOutput(counter.last());
  expect_refused(net, {"loop 'counter' has no trip limit", "addTripLimit"});
}

}  // namespace rondo::test
