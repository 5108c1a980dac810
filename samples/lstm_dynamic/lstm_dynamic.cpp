// An LSTM with dynamic shapes: three inputs (x, h0, c0), an optimization profile, a trip count taken from the shape of
// x, several shapes in one context, and a shape outside of the profile that must be refused.

#include "support/lstm_layers.h"

using namespace nvinfer1;

namespace {

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;

void describe(IBuilder& builder, INetworkDefinition& network, IBuilderConfig& config, sample::WeightStore& weights) {
  ITensor& x = *network.addInput("x", DataType::kFLOAT, Dims3(-1, -1, kInput));
  ITensor& h0 = *network.addInput("h0", DataType::kFLOAT, Dims2(-1, kHidden));
  ITensor& c0 = *network.addInput("c0", DataType::kFLOAT, Dims2(-1, kHidden));
  IOptimizationProfile* profile = builder.createOptimizationProfile();
  profile->setDimensions("x", OptProfileSelector::kMIN, Dims3(1, 1, kInput));
  profile->setDimensions("x", OptProfileSelector::kOPT, Dims3(kBatch, kSteps, kInput));
  profile->setDimensions("x", OptProfileSelector::kMAX, Dims3(kBatch * 2, kSteps * 2, kInput));
  for (char const* name : {"h0", "c0"}) {
    profile->setDimensions(name, OptProfileSelector::kMIN, Dims2(1, kHidden));
    profile->setDimensions(name, OptProfileSelector::kOPT, Dims2(kBatch, kHidden));
    profile->setDimensions(name, OptProfileSelector::kMAX, Dims2(kBatch * 2, kHidden));
  }
  config.addOptimizationProfile(profile);

  ITensor& shape = *network.addShape(x)->getOutput(0);
  ITensor& steps = *network.addSlice(shape, sample::dims({1}), sample::dims({1}), sample::dims({1}))->getOutput(0);
  IShuffleLayer* scalar = network.addShuffle(steps);
  scalar->setReshapeDimensions(Dims{});
  sample::LstmLayers const lstm =
      sample::add_lstm(network, weights, x, h0, c0, *scalar->getOutput(0), kInput, kHidden, false);
  sample::mark(network, *lstm.last_hidden, "last_hidden");
  sample::mark(network, *lstm.all_hidden, "all_hidden");
  sample::mark(network, *lstm.last_cell, "last_cell");
}

void run_shape(sample::Session& session, sample::Check& check, int64_t batch, int64_t steps) {
  sample::DeviceFloats x(std::vector<float>(static_cast<size_t>(batch * steps * kInput), 1.F));
  sample::DeviceFloats h0(std::vector<float>(static_cast<size_t>(batch * kHidden), 1.F));
  sample::DeviceFloats c0(std::vector<float>(static_cast<size_t>(batch * kHidden), 0.F));
  sample::DeviceFloats last_hidden(batch * kHidden), all_hidden(batch * steps * kHidden), last_cell(batch * kHidden);
  IExecutionContext& context = session.context();
  check.that(context.setInputShape("x", Dims3(batch, steps, kInput)), "set shape of x");
  check.that(context.setInputShape("h0", Dims2(batch, kHidden)), "set shape of h0");
  check.that(context.setInputShape("c0", Dims2(batch, kHidden)), "set shape of c0");
  Dims const all_dims = context.getTensorShape("all_hidden");
  check.that(all_dims.nbDims == 3 && all_dims.d[0] == batch && all_dims.d[1] == steps && all_dims.d[2] == kHidden,
             "output shape");
  void* addresses[] = {x.get(), h0.get(), c0.get(), last_hidden.get(), all_hidden.get(), last_cell.get()};
  for (int i = 0; i < 6; ++i) context.setTensorAddress(session.engine().getIOTensorName(i), addresses[i]);
  session.time([&] { return context.enqueueV3(nullptr); });

  std::vector<double> const known = {0.76158690, 0.96400478, 0.99504676, 0.99932288};
  std::vector<double> expected;
  for (int64_t b = 0; b < batch; ++b) expected.insert(expected.end(), known.begin(), known.begin() + steps);
  std::printf("batch %d, %d steps\n", static_cast<int>(batch), static_cast<int>(steps));
  check.rows("  all hidden", all_hidden.to_host(), expected, 1e-6);
  check.rows("  last hidden", last_hidden.to_host(),
             std::vector<double>(static_cast<size_t>(batch), known[static_cast<size_t>(steps - 1)]), 1e-6);
}

}  // namespace

int main(int argc, char** argv) {
  sample::Session session("lstm_dynamic", argc, argv, describe);
  sample::Check check;
  run_shape(session, check, 3, 4);
  run_shape(session, check, 1, 1);
  run_shape(session, check, 6, 3);
  run_shape(session, check, 3, 4);
  check.that(!session.context().setInputShape("x", Dims3(7, 4, kInput)),
             "a batch of 7 is outside of the profile and refused");
  return check.verdict();
}
