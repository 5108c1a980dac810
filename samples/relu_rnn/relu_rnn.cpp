// A recurrent layer h = relu(x W + h R + b) written as a loop, in the two shapes programs use:
// 3-D [B, S, I], and 4-D [1, B, S, I] with shuffles that restore the layout of the RNNv2 layer.
// With all weights 1, I = 7, H = 5 and h0 = 1 the states are 12, 67, 342, 1717.

#include "support/sample.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;
std::vector<double> const kStates = {12, 67, 342, 1717};

struct Loop {
  ITensor* last;
  ITensor* all;
};

/// `lead` is 1 for the 4-D form, whose loop body works on [1, B, …], and empty for the 3-D form.
Loop add_relu_loop(INetworkDefinition& network, sample::WeightStore& weights, ITensor& x,
                   std::vector<int64_t> const& lead) {
  auto shape = [&](std::initializer_list<int64_t> tail) {
    Dims d{};
    for (int64_t e : lead) d.d[d.nbDims++] = e;
    for (int64_t e : tail) d.d[d.nbDims++] = e;
    return d;
  };
  auto constant = [&](Dims const& d, float value) -> ITensor& {
    return *network.addConstant(d, weights.floats(sample::volume(d), value))->getOutput(0);
  };
  ITensor& wx = constant(shape({kInput, kHidden}), 1);
  ITensor& wh = constant(shape({kHidden, kHidden}), 1);
  ITensor& bias = constant(shape({kBatch, kHidden}), 0);
  ITensor& h0 = constant(shape({kBatch, kHidden}), 1);
  ITensor& length = *network.addConstant(Dims{}, weights.scalar(kSteps))->getOutput(0);

  ILoop* loop = network.addLoop();
  loop->addTripLimit(length, TripLimit::kCOUNT);
  ITensor& x_t = *loop->addIterator(x, x.getDimensions().nbDims - 2, false)->getOutput(0);
  IRecurrenceLayer* h = loop->addRecurrence(h0);
  ITensor& a = *network.addMatrixMultiply(x_t, MatrixOperation::kNONE, wx, MatrixOperation::kNONE)->getOutput(0);
  ITensor& r =
      *network.addMatrixMultiply(*h->getOutput(0), MatrixOperation::kNONE, wh, MatrixOperation::kNONE)->getOutput(0);
  ITensor& s = *network.addElementWise(a, r, ElementWiseOperation::kSUM)->getOutput(0);
  ITensor& sb = *network.addElementWise(s, bias, ElementWiseOperation::kSUM)->getOutput(0);
  ITensor& next = *network.addActivation(sb, ActivationType::kRELU)->getOutput(0);
  h->setInput(1, next);

  ILoopOutputLayer* all = loop->addLoopOutput(next, LoopOutput::kCONCATENATE, 1);
  all->setInput(1, length);
  return {loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0), all->getOutput(0)};
}

void output(INetworkDefinition& network, ITensor& tensor, char const* name) {
  tensor.setName(name);
  network.markOutput(tensor);
}

void describe_3d(INetworkDefinition& network, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims3(kBatch, kSteps, kInput));
  Loop const loop = add_relu_loop(network, weights, x, {});
  output(network, *loop.all, "all");
  output(network, *loop.last, "last");
}

void describe_4d(INetworkDefinition& network, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims4(1, kBatch, kSteps, kInput));
  Loop const loop = add_relu_loop(network, weights, x, {1});
  IShuffleLayer* all = network.addShuffle(*loop.all);  // [1, S, B, H] -> [1, B, S, H]
  all->setFirstTranspose(Permutation{{0, 2, 1, 3}});
  all->setReshapeDimensions(Dims4(1, kBatch, kSteps, kHidden));
  IShuffleLayer* last = network.addShuffle(*loop.last);  // [1, B, H] -> [1, B, 1, H]
  last->setFirstTranspose(Permutation{{1, 0, 2}});
  last->setReshapeDimensions(Dims4(1, kBatch, 1, kHidden));
  output(network, *all->getOutput(0), "all");
  output(network, *last->getOutput(0), "last");
}

void run(char const* title, sample::Session& session, sample::Check& check) {
  sample::DeviceFloats x(std::vector<float>(kBatch * kSteps * kInput, 1.F));
  sample::DeviceFloats all(kBatch * kSteps * kHidden);
  sample::DeviceFloats last(kBatch * kHidden);
  void* bindings[] = {x.get(), all.get(), last.get()};
  session.time([&] { return session.context().executeV2(bindings); });
  std::vector<double> expected;
  for (int64_t b = 0; b < kBatch; ++b) expected.insert(expected.end(), kStates.begin(), kStates.end());
  std::printf("%s\n", title);
  check.rows("  all states ", all.to_host(), expected, 1e-6);
  check.rows("  last state ", last.to_host(), {1717, 1717, 1717}, 1e-6);
}

}  // namespace

int main(int argc, char** argv) {
  sample::Check check;
  sample::Session three(
      "relu_rnn_3d", argc, argv,
      [](IBuilder&, INetworkDefinition& n, IBuilderConfig&, sample::WeightStore& w) { describe_3d(n, w); });
  run("3-D", three, check);
  sample::Session four(
      "relu_rnn_4d", argc, argv,
      [](IBuilder&, INetworkDefinition& n, IBuilderConfig&, sample::WeightStore& w) { describe_4d(n, w); });
  run("4-D with shuffles", four, check);
  return check.verdict();
}
