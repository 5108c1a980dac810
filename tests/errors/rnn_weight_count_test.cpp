// A recurrent layer with too few weights.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, RnnWeightCount) {
  Net net;
  IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims3(3, 4, 7)), 1, 5, 4, RNNOperation::kRELU);
  rnn->setName("enc");
  rnn->setWeightsForGate(0, RNNGateType::kINPUT, true, net.weights(30));
  rnn->setWeightsForGate(0, RNNGateType::kINPUT, false, net.weights(25));
  net->markOutput(*rnn->getOutput(0));
  expect_refused(net, {"layer 'enc': gate kINPUT of layer 0 has 30 weights for W", "5 x 7", "(rnn_v2 C2)"});
}

}  // namespace rondo::test
