// A length that is no scalar, of a tensor too large to be read.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopLengthUnknown) {
  Net net;
  Counter counter(net);
  ITensor& scores = net.input("scores", Dims{1, {100}});
  ITensor& count =
      *net->addCast(*net->addUnary(scores, UnaryOperation::kABS)->getOutput(0), DataType::kINT32)->getOutput(0);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* all = counter.loop->addLoopOutput(*counter.next, LoopOutput::kCONCATENATE);
  all->setInput(1, count);
  net->markOutput(*all->getOutput(0));
  expect_refused(net, {"the length, decides a shape", "at most 64 elements", "i32[100]"});
}

}  // namespace rondo::test
