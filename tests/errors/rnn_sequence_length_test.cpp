// A recurrent layer made for another number of steps.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, RnnSequenceLength) {
  Net net;
  IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims3(3, 4, 7)), 1, 5, 6, RNNOperation::kRELU);
  rnn->setName("enc");
  net->markOutput(*rnn->getOutput(0));
  expect_refused(net, {"layer 'enc'", "4 steps", "made for 6", "(rnn_v2 C1)"});
}

}  // namespace rondo::test
