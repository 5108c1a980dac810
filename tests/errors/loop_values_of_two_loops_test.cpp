// A sum of values from inside two separate loops.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopValuesOfTwoLoops) {
  Net net;
  Counter left(net), right(net);
  left.loop->setName("left");
  right.loop->setName("right");
  left.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  right.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IElementWiseLayer* sum = net->addElementWise(*left.next, *right.next, ElementWiseOperation::kSUM);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"layer 'sum'", "loop 'left'", "loop 'right'", "do not nest", "addLoopOutput"});
}

}  // namespace rondo::test
