// A length that only the run would know.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, LoopLengthUnknown) {
  Net net;
  Counter counter(net);
  ITensor& scores = net.input("scores", Dims{1, {4}});
  ITensor& count =
      *net->addCast(*net->addReduce(scores, ReduceOperation::kSUM, 1, false)->getOutput(0), DataType::kINT32)
           ->getOutput(0);
  counter.loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ILoopOutputLayer* all = counter.loop->addLoopOutput(*counter.next, LoopOutput::kCONCATENATE);
  all->setInput(1, count);
  net->markOutput(*all->getOutput(0));
  expect_refused(net, {"network input 'scores' [4] decides shapes", "int32"});
}

}  // namespace rondo::test
