// A bidirectional LSTM from primitive layers: one loop with a forward iterator, one with a reverse iterator, their
// states concatenated. The input grows with the step, so that the directions differ; a double-precision loop checks
// every value.

#include "support/lstm_layers.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;

void describe(IBuilder&, INetworkDefinition& network, IBuilderConfig&, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims3(kBatch, kSteps, kInput));
  ITensor& h0 = *network.addConstant(Dims2(kBatch, kHidden), weights.floats(kBatch * kHidden, 1.F))->getOutput(0);
  ITensor& c0 = *network.addConstant(Dims2(kBatch, kHidden), weights.floats(kBatch * kHidden, 0.F))->getOutput(0);
  ITensor& length = *network.addConstant(Dims{}, weights.scalar(kSteps))->getOutput(0);
  sample::LstmLayers const forward = sample::add_lstm(network, weights, x, h0, c0, length, kInput, kHidden, false);
  sample::LstmLayers const backward = sample::add_lstm(network, weights, x, h0, c0, length, kInput, kHidden, true);
  ITensor* both[] = {forward.all_hidden, backward.all_hidden};
  IConcatenationLayer* joined = network.addConcatenation(both, 2);
  joined->setAxis(2);
  sample::mark(network, *joined->getOutput(0), "states");
  sample::mark(network, *forward.last_hidden, "forward_last");
  sample::mark(network, *backward.last_hidden, "backward_last");
}

/// The hidden state after each step; all units are equal because all weights are 1.
std::vector<double> lstm_states(std::vector<double> const& inputs) {
  auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  std::vector<double> states;
  double h = 1, c = 0;
  for (double x : inputs) {
    double const a = kInput * x + kHidden * h;
    c = sigmoid(a) * c + sigmoid(a) * std::tanh(a);
    h = sigmoid(a) * std::tanh(c);
    states.push_back(h);
  }
  return states;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<double> const steps = {-0.9, -0.2, 0.1, -0.5};
  std::vector<float> host_x;
  for (int64_t b = 0; b < kBatch; ++b) {
    for (double s : steps) host_x.insert(host_x.end(), kInput, static_cast<float>(s));
  }
  sample::Session session("lstm_bidirectional", argc, argv, describe);
  sample::DeviceFloats x(host_x);
  sample::DeviceFloats states(kBatch * kSteps * 2 * kHidden), forward_last(kBatch * kHidden),
      backward_last(kBatch * kHidden);
  void* bindings[] = {x.get(), states.get(), forward_last.get(), backward_last.get()};
  session.time([&] { return session.context().executeV2(bindings); });

  std::vector<double> const forward = lstm_states(steps);
  std::vector<double> const backward = lstm_states({steps.rbegin(), steps.rend()});
  std::vector<double> expected;
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int64_t t = 0; t < kSteps; ++t) {
      expected.push_back(forward[static_cast<size_t>(t)]);
      expected.push_back(backward[static_cast<size_t>(kSteps - 1 - t)]);
    }
  }
  sample::Check check;
  check.rows("states       ", states.to_host(), expected, 1e-6);
  check.rows("forward last ", forward_last.to_host(), std::vector<double>(kBatch, forward.back()), 1e-6);
  check.rows("backward last", backward_last.to_host(), std::vector<double>(kBatch, backward.back()), 1e-6);
  return check.verdict();
}
