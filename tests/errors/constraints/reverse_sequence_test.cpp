// Sequences turned around.

#include "errors/mistake.h"

namespace rondo::test {
namespace {

IReverseSequenceLayer* reversed(Net& net, ITensor& lengths, int32_t batch, int32_t sequence) {
  IReverseSequenceLayer* layer = net->addReverseSequence(net.input("x", Dims3(3, 2, 4)), lengths);
  layer->setName("back");
  layer->setBatchAxis(batch);
  layer->setSequenceAxis(sequence);
  net->markOutput(*layer->getOutput(0));
  return layer;
}

}  // namespace

TEST(ReverseSequenceConstraints, C1_FloatLengths) {
  Net net;
  reversed(net, net.constant(Dims{1, {2}}), 1, 0);
  expect_refused(net, {"reverse_sequence 'back'", "1-D i32 or i64", "(reverse_sequence C1)"});
}

TEST(ReverseSequenceConstraints, C2_AxisOutside) {
  Net net;
  reversed(net, net.integers(Dims{1, {2}}, {1, 2}), 3, 0);
  expect_refused(net, {"axis 3", "(reverse_sequence C2)"});
}

TEST(ReverseSequenceConstraints, C3_OneAxisForBoth) {
  Net net;
  reversed(net, net.integers(Dims{1, {2}}, {1, 2}), 1, 1);
  expect_refused(net, {"both batch and sequence", "(reverse_sequence C3)"});
}

TEST(ReverseSequenceConstraints, C4_MissingLength) {
  Net net;
  reversed(net, net.integers(Dims{1, {1}}, {1}), 1, 0);
  expect_refused(net, {"batch dimension 1", "(reverse_sequence C4)"});
}

}  // namespace rondo::test
