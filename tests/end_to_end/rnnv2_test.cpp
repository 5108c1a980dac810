// RNNv2 with random weights against its equations in double precision: every cell, direction, input mode, with and
// without lengths and initial states, one layer and three.

#include "network_case.h"
#include "rnnv2_cells.h"

namespace rondo::test {
namespace {

struct Options {
  RNNOperation operation;
  bool bidirectional, skip, lengths, states;
  int64_t layers;
};

/// The low bits of an index choose everything but the cell.
Options options_of(int index) {
  const auto bit = [&](int i) { return (index >> i & 1) != 0; };
  return {static_cast<RNNOperation>(index >> 5), bit(0), bit(1), bit(2), bit(3), bit(4) ? 3 : 1};
}

std::string name_of(const testing::TestParamInfo<int>& info) {
  const Options o = options_of(info.param);
  const char* cells[] = {"Relu", "Tanh", "Lstm", "Gru"};
  return std::string(cells[static_cast<size_t>(o.operation)]) + (o.bidirectional ? "_bi" : "_uni") +
         (o.skip ? "_skip" : "_linear") + (o.lengths ? "_lengths" : "_full") + (o.states ? "_given" : "_zero") + "_" +
         std::to_string(o.layers);
}

RnnCells random_cells(const Options& o, Random& random) {
  RnnCells rnn{o.operation, o.bidirectional, o.skip, o.layers, 3, 5, o.skip ? 6 : 7, 6, {}, {}, {}, {}, {}, {}, {}};
  if (o.lengths) rnn.lengths = {2, 5, 1};
  const auto state_size = static_cast<size_t>(rnn.B * rnn.directions() * rnn.layers * rnn.H);
  if (o.states) rnn.h0 = random.floats(state_size);
  if (o.states && o.operation == RNNOperation::kLSTM) rnn.c0 = random.floats(state_size);
  for (int64_t pseudo = 0; pseudo < rnn.layers * rnn.directions(); ++pseudo) {
    const int64_t width = rnn.width(pseudo / rnn.directions());
    for (size_t g = 0; g < rnn.gates(); ++g) {
      rnn.W.push_back(random.floats(static_cast<size_t>(rnn.H * width), 0.5F));
      rnn.R.push_back(random.floats(static_cast<size_t>(rnn.H * rnn.H), 0.5F));
      rnn.Wb.push_back(random.floats(static_cast<size_t>(rnn.H), 0.5F));
      rnn.Rb.push_back(random.floats(static_cast<size_t>(rnn.H), 0.5F));
    }
  }
  return rnn;
}

Weights view(const std::vector<float>& values) {
  return {DataType::kFLOAT, values.data(), static_cast<int64_t>(values.size())};
}

void set_weights(IRNNv2Layer& layer, const RnnCells& rnn) {
  for (size_t at = 0; at < rnn.W.size(); ++at) {
    const auto pseudo = static_cast<int32_t>(at / rnn.gates());
    const RNNGateType gate = rnn.gate(at % rnn.gates());
    const bool first = pseudo < rnn.directions();
    if (!(rnn.skip && first)) layer.setWeightsForGate(pseudo, gate, true, view(rnn.W[at]));
    layer.setWeightsForGate(pseudo, gate, false, view(rnn.R[at]));
    layer.setBiasForGate(pseudo, gate, true, view(rnn.Wb[at]));
    layer.setBiasForGate(pseudo, gate, false, view(rnn.Rb[at]));
  }
}

/// Describes the layer over inputs x, then the states and lengths that there are; marks all its outputs.
std::vector<Array> describe(NetworkCase& net, const RnnCells& rnn, const std::vector<float>& x) {
  const int64_t states = rnn.directions() * rnn.layers;
  std::vector<Array> inputs = {floats_of({rnn.B, rnn.S, rnn.E}, x)};
  IRNNv2Layer* layer = net->addRNNv2(net.input("x", dims_of(inputs[0].dims)), static_cast<int32_t>(rnn.layers),
                                     static_cast<int32_t>(rnn.H), static_cast<int32_t>(rnn.S), rnn.operation);
  layer->setDirection(rnn.bidirectional ? RNNDirection::kBIDIRECTION : RNNDirection::kUNIDIRECTION);
  layer->setInputMode(rnn.skip ? RNNInputMode::kSKIP : RNNInputMode::kLINEAR);
  set_weights(*layer, rnn);
  if (!rnn.h0.empty()) {
    layer->setHiddenState(net.input("h0", Dims3(rnn.B, states, rnn.H)));
    inputs.push_back(floats_of({rnn.B, states, rnn.H}, rnn.h0));
  }
  if (!rnn.c0.empty()) {
    layer->setCellState(net.input("c0", Dims3(rnn.B, states, rnn.H)));
    inputs.push_back(floats_of({rnn.B, states, rnn.H}, rnn.c0));
  }
  if (!rnn.lengths.empty()) {
    layer->setSequenceLengths(net.input("lengths", Dims{1, {rnn.B}}, DataType::kINT32));
    inputs.push_back(array_of(DataType::kINT32, {rnn.B}, rnn.lengths));
  }
  for (int32_t i = 0; i < layer->getNbOutputs(); ++i) net.mark(*layer->getOutput(i));
  return inputs;
}

void expect_near(const Array& actual, const std::vector<double>& expected) {
  const auto values = actual.floats();
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(static_cast<double>(values[i]), expected[i], 1e-5 * std::fmax(1, std::fabs(expected[i]))) << i;
}

class RnnV2 : public testing::TestWithParam<int> {};

TEST_P(RnnV2, FollowsItsEquations) {
  Random random(static_cast<uint64_t>(GetParam()) + 1);
  const RnnCells rnn = random_cells(options_of(GetParam()), random);
  const auto x = random.floats(static_cast<size_t>(rnn.B * rnn.S * rnn.E));
  NetworkCase net;
  const auto inputs = describe(net, rnn, x);
  const auto out = net.run(inputs);
  const RnnCells::Result expected = rnn.reference(x);
  ASSERT_EQ(out.size(), rnn.operation == RNNOperation::kLSTM ? 3u : 2u);
  EXPECT_EQ(out[0].dims, (std::vector<int64_t>{rnn.B, rnn.S, rnn.directions() * rnn.H}));
  EXPECT_EQ(out[1].dims, (std::vector<int64_t>{rnn.B, rnn.directions() * rnn.layers, rnn.H}));
  expect_near(out[0], expected.all);
  expect_near(out[1], expected.h);
  if (out.size() == 3) expect_near(out[2], expected.c);
}

INSTANTIATE_TEST_SUITE_P(All, RnnV2, testing::Range(0, 4 * 32), name_of);

}  // namespace
}  // namespace rondo::test
