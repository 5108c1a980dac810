// Unit dimensions taken out and put in.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

TEST(SqueezeConstraints, C1_AxisTwice) {
  Net net;
  ISqueezeLayer* layer = net->addSqueeze(net.input("x", Dims2(1, 3)), net.integers(Dims{1, {2}}, {0, -2}));
  layer->setName("flat");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"squeeze 'flat'", "named twice", "(squeeze C1)"});
}

TEST(SqueezeConstraints, C2_ExtentOfThree) {
  Net net;
  ISqueezeLayer* layer = net->addSqueeze(net.input("x", Dims2(1, 3)), net.integers(Dims{1, {1}}, {1}));
  layer->setName("flat");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"squeeze 'flat'", "(squeeze C2)"});
}

TEST(SqueezeConstraints, AxesThatAreData) {
  Net net;
  ITensor& x = net.input("x", Dims2(1, 3));
  ITensor& axes = *net->addCast(x, DataType::kINT32)->getOutput(0);
  ITensor& list = *net->addReduce(axes, ReduceOperation::kSUM, 2, false)->getOutput(0);
  ISqueezeLayer* layer = net->addSqueeze(x, list);
  layer->setName("flat");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"layer 'flat'", "input 1, axes, must be constants"});
}

TEST(UnsqueezeConstraints, C1_AxisTwice) {
  Net net;
  IUnsqueezeLayer* layer = net->addUnsqueeze(net.input("x", Dims2(2, 3)), net.integers(Dims{1, {2}}, {1, 1}));
  layer->setName("tall");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"unsqueeze 'tall'", "named twice", "(unsqueeze C1)"});
}

TEST(UnsqueezeConstraints, C2_RankNine) {
  Net net;
  IUnsqueezeLayer* layer =
      net->addUnsqueeze(net.input("x", Dims{8, {1, 1, 1, 1, 1, 1, 1, 1}}), net.integers(Dims{1, {1}}, {0}));
  layer->setName("tall");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"unsqueeze 'tall'", "above 8", "(unsqueeze C2)"});
}

}  // namespace rondo::test
