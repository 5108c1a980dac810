// A static LSTM written from primitive layers in a loop: x [3, 4, 7], H = 5, all weights 1, h0 = 1, c0 = 0.
// Hidden states per step: 0.76158690, 0.96400478, 0.99504676, 0.99932288; last cell state 3.99990612.

#include "support/lstm_layers.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;

void describe(IBuilder&, INetworkDefinition& network, IBuilderConfig&, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims3(kBatch, kSteps, kInput));
  ITensor& h0 = *network.addConstant(Dims2(kBatch, kHidden), weights.floats(kBatch * kHidden, 1.F))->getOutput(0);
  ITensor& c0 = *network.addConstant(Dims2(kBatch, kHidden), weights.floats(kBatch * kHidden, 0.F))->getOutput(0);
  ITensor& length = *network.addConstant(Dims{}, weights.scalar(kSteps))->getOutput(0);
  sample::LstmLayers const lstm = sample::add_lstm(network, weights, x, h0, c0, length, kInput, kHidden, false);
  sample::mark(network, *lstm.last_hidden, "last_hidden");
  sample::mark(network, *lstm.all_hidden, "all_hidden");
  sample::mark(network, *lstm.last_cell, "last_cell");
}

}  // namespace

int main(int argc, char** argv) {
  sample::Session session("lstm_loop", argc, argv, describe);
  sample::DeviceFloats x(std::vector<float>(kBatch * kSteps * kInput, 1.F));
  sample::DeviceFloats last_hidden(kBatch * kHidden), all_hidden(kBatch * kSteps * kHidden),
      last_cell(kBatch * kHidden);

  IExecutionContext& context = session.context();
  context.setTensorAddress("x", x.get());
  context.setTensorAddress("last_hidden", last_hidden.get());
  context.setTensorAddress("all_hidden", all_hidden.get());
  context.setTensorAddress("last_cell", last_cell.get());
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  session.time([&] { return context.enqueueV3(stream) && cudaStreamSynchronize(stream) == cudaSuccess; });
  cudaStreamDestroy(stream);

  std::vector<double> states;
  for (int64_t b = 0; b < kBatch; ++b) states.insert(states.end(), {0.76158690, 0.96400478, 0.99504676, 0.99932288});
  sample::Check check;
  check.rows("all hidden ", all_hidden.to_host(), states, 1e-6);
  check.rows("last hidden", last_hidden.to_host(), std::vector<double>(kBatch, 0.99932288), 1e-6);
  check.rows("last cell  ", last_cell.to_host(), std::vector<double>(kBatch, 3.99990612), 1e-6);
  return check.verdict();
}
