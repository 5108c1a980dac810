// An LSTM without the weights of a gate.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, RnnMissingGate) {
  Net net;
  IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims3(3, 4, 7)), 1, 5, 4, RNNOperation::kLSTM);
  rnn->setName("enc");
  for (RNNGateType gate : {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET}) {
    rnn->setWeightsForGate(0, gate, true, net.weights(35));
    rnn->setWeightsForGate(0, gate, false, net.weights(25));
  }
  net->markOutput(*rnn->getOutput(0));
  expect_refused(net, {"layer 'enc': gate kCELL of layer 0 has no W", "(rnn_v2 C2)"});
}

}  // namespace rondo::test
