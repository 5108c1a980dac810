// The RNNv2 layer in its four operations on x [1, 3, 4, 7] of ones, H = 5: the layer that newer TensorRT versions
// removed. It is built into the same loops as hand-written cells. Expected states come from the layer's documented
// equations.

#include "support/sample.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;

struct Case {
  char const* title;
  RNNOperation operation;
  std::vector<RNNGateType> gates;
  float weight;
  float initial_hidden;
  std::vector<double> states;
};

std::vector<Case> const kCases = {
    {"ReLU, weights 1", RNNOperation::kRELU, {RNNGateType::kINPUT}, 1.F, 1.F, {12, 67, 342, 1717}},
    {"tanh, weights 0.1",
     RNNOperation::kTANH,
     {RNNGateType::kINPUT},
     0.1F,
     0.F,
     {0.60436778, 0.76250981, 0.79366400, 0.79935818}},
    {"GRU, weights 0.1",
     RNNOperation::kGRU,
     {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN},
     0.1F,
     0.F,
     {0.20053662, 0.33875780, 0.43799385, 0.51113245}},
    {"GRU, weights 0.1, h0 1",
     RNNOperation::kGRU,
     {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN},
     0.1F,
     1.F,
     {0.95249536, 0.91352681, 0.88177705, 0.85605513}},
    {"LSTM, weights 0.1",
     RNNOperation::kLSTM,
     {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET, RNNGateType::kCELL},
     0.1F,
     0.F,
     {0.25606443, 0.44362962, 0.56187040, 0.63011447}},
};

void describe(Case const& c, INetworkDefinition& network, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims4(1, kBatch, kSteps, kInput));
  IRNNv2Layer* rnn = network.addRNNv2(x, 1, kHidden, kSteps, c.operation);
  sample::require(rnn != nullptr, "addRNNv2");
  ITensor& h0 =
      *network.addConstant(Dims3(kBatch, 1, kHidden), weights.floats(kBatch * kHidden, c.initial_hidden))->getOutput(0);
  rnn->setHiddenState(h0);
  for (RNNGateType gate : c.gates) {
    rnn->setWeightsForGate(0, gate, true, weights.floats(kHidden * kInput, c.weight));
    rnn->setWeightsForGate(0, gate, false, weights.floats(kHidden * kHidden, c.weight));
    rnn->setBiasForGate(0, gate, true, weights.floats(kHidden, 0.F));
    rnn->setBiasForGate(0, gate, false, weights.floats(kHidden, 0.F));
  }
  rnn->getOutput(0)->setName("all");
  network.markOutput(*rnn->getOutput(0));
  rnn->getOutput(1)->setName("last");
  network.markOutput(*rnn->getOutput(1));
}

}  // namespace

int main(int argc, char** argv) {
  sample::Check check;
  for (Case const& c : kCases) {
    sample::Session session("rnnv2", argc, argv,
                            [&](IBuilder&, INetworkDefinition& network, IBuilderConfig&, sample::WeightStore& weights) {
                              describe(c, network, weights);
                            });
    sample::DeviceFloats x(std::vector<float>(kBatch * kSteps * kInput, 1.F));
    sample::DeviceFloats all(kBatch * kSteps * kHidden), last(kBatch * kHidden);
    void* bindings[] = {x.get(), all.get(), last.get()};
    session.time([&] { return session.context().executeV2(bindings); });
    std::vector<double> expected;
    for (int64_t b = 0; b < kBatch; ++b) expected.insert(expected.end(), c.states.begin(), c.states.end());
    std::printf("%s\n", c.title);
    check.rows("  all ", all.to_host(), expected, 1e-6);
    check.rows("  last", last.to_host(), std::vector<double>(kBatch, c.states.back()), 1e-6);
  }
  return check.verdict();
}
