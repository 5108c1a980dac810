// What a loop hands out.

#include "errors/mistake.h"

namespace rondo::test {

TEST(LoopConstraints, C10_ExtentsReadInTheBody) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->setName("rows");
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& row = *loop->addIterator(net.input("x", Dims2(3, 8)))->getOutput(0);
  ITensor& total = *net->addReduce(row, ReduceOperation::kSUM, 1, false)->getOutput(0);
  ITopKLayer* top = net->addTopK(row, TopKOperation::kMAX, 1, 1);
  top->setInput(1, *net->addCast(total, DataType::kINT32)->getOutput(0));
  ILoopOutputLayer* all = loop->addLoopOutput(*top->getOutput(0), LoopOutput::kCONCATENATE);
  all->setInput(1, net.scalar(3));
  net->markOutput(*all->getOutput(0));
  expect_refused(net, {"loop 'rows'", "fixed shape", "(loop C10)"});
}

}  // namespace rondo::test
