// Known results: nested loops, combined trip limits, hand-written cells and the four cells of RNNv2.

#include <cmath>

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;
using Doubles = std::vector<double>;

constexpr int64_t kBatch = 3, kSteps = 4, kInput = 7, kHidden = 5;

/// Every element of row r of `actual` is expected[r] up to `tolerance`, relative above 1.
void expect_rows(const Array& actual, const Doubles& expected, double tolerance) {
  const Values values = actual.floats();
  ASSERT_EQ(values.size() % expected.size(), 0u);
  const size_t width = values.size() / expected.size();
  for (size_t i = 0; i < values.size(); ++i) {
    const double wanted = expected[i / width];
    EXPECT_NEAR(static_cast<double>(values[i]), wanted, tolerance * std::fmax(1, std::fabs(wanted))) << "element " << i;
  }
}

Doubles repeated(const Doubles& states) {
  Doubles all;
  for (int64_t b = 0; b < kBatch; ++b) all.insert(all.end(), states.begin(), states.end());
  return all;
}

TEST(Oracles, NestedLoops) {
  NetworkCase net;
  ITensor& trips = net.scalar(3);
  ILoop* outer = net->addLoop();
  outer->addTripLimit(trips, TripLimit::kCOUNT);
  IRecurrenceLayer* x = outer->addRecurrence(net.constant(NetworkCase::scalar_dims(), 1));
  ILoop* inner = net->addLoop();
  inner->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
  IRecurrenceLayer* y = inner->addRecurrence(*x->getOutput(0));
  y->setInput(1, net.add(*y->getOutput(0), *y->getOutput(0)));
  ITensor& doubled = *inner->addLoopOutput(*y->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  ITensor& next = net.add(doubled, net.constant(NetworkCase::scalar_dims(), 1));
  x->setInput(1, next);
  net.mark(net.collect(*outer, next, LoopOutput::kCONCATENATE, trips));
  net.mark_last(*outer, *x);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].floats(), (Values{5, 21, 85}));
  EXPECT_EQ(out[1].floats(), (Values{85}));
}

TEST(Oracles, CountTenAndWhileBelowSix) {
  NetworkCase net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(10), TripLimit::kCOUNT);
  IRecurrenceLayer* x = loop->addRecurrence(net.constant(NetworkCase::scalar_dims(), 1));
  ITensor& six = net.constant(NetworkCase::scalar_dims(), 6);
  loop->addTripLimit(net.binary(*x->getOutput(0), six, ElementWiseOperation::kLESS), TripLimit::kWHILE);
  x->setInput(1, net.add(*x->getOutput(0), net.constant(NetworkCase::scalar_dims(), 1)));
  net.mark(net.collect(*loop, *x->getOutput(0), LoopOutput::kCONCATENATE, net.scalar(5)));
  net.mark_last(*loop, *x);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].floats(), (Values{1, 2, 3, 4, 5}));
  EXPECT_EQ(out[1].floats(), (Values{6}));
}

// Last value 7, concatenation 2, 4, 7: an iterator over the channels 1, 2, 3, starting at ones.
TEST(Oracles, IteratorOverChannels) {
  NetworkCase net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& channel = *loop->addIterator(net.input("x", Dims4(1, 3, 4, 5)), 1)->getOutput(0);
  IRecurrenceLayer* sum = loop->addRecurrence(net.constant(Dims3(1, 4, 5), 1));
  ITensor& next = net.add(*sum->getOutput(0), channel);
  sum->setInput(1, next);
  net.mark_last(*loop, *sum);
  net.mark(net.collect(*loop, next, LoopOutput::kCONCATENATE, net.scalar(3), 0));
  Values x(60);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(1 + i / 20);
  const auto out = net.run({floats_of({1, 3, 4, 5}, x)});
  ASSERT_EQ(out.size(), 2u);
  expect_rows(out[0], {7}, 0);
  EXPECT_EQ(out[1].dims, (std::vector<int64_t>{3, 1, 4, 5}));
  expect_rows(out[1], {2, 4, 7}, 0);
}

/// Cells from primitive layers in a loop over axis 1 of x, all weights 1.
struct OnesCell : NetworkCase {
  OnesCell() : loop(network->addLoop()) {
    loop->addTripLimit(scalar(kSteps), TripLimit::kCOUNT);
    step = loop->addIterator(input("x", Dims3(kBatch, kSteps, kInput)), 1)->getOutput(0);
  }
  IRecurrenceLayer* state(float initial) { return loop->addRecurrence(constant(Dims2(kBatch, kHidden), initial)); }
  ITensor& gate(IRecurrenceLayer& h, ActivationType type) {
    ITensor& from_x = matmul(*step, constant(Dims2(kInput, kHidden)));
    ITensor& from_h = matmul(*h.getOutput(0), constant(Dims2(kHidden, kHidden)));
    return activation(add(add(from_x, from_h), constant(Dims2(1, kHidden), 0)), type);
  }
  std::vector<Array> run_ones() {
    return run({floats_of({kBatch, kSteps, kInput}, Values(kBatch * kSteps * kInput, 1))});
  }
  ILoop* loop;
  ITensor* step;
};

TEST(Oracles, ReluCell) {
  for (const float h0 : {1.F, 0.F}) {
    OnesCell net;
    IRecurrenceLayer* h = net.state(h0);
    ITensor& next = net.gate(*h, ActivationType::kRELU);
    h->setInput(1, next);
    net.mark_last(*net.loop, *h);
    net.mark(net.collect(*net.loop, next, LoopOutput::kCONCATENATE, net.scalar(kSteps), 1));
    const Doubles states = h0 == 1 ? Doubles{12, 67, 342, 1717} : Doubles{7, 42, 217, 1092};
    const auto out = net.run_ones();
    ASSERT_EQ(out.size(), 2u);
    expect_rows(out[0], {states.back()}, 0);
    EXPECT_EQ(out[1].dims, (std::vector<int64_t>{kBatch, kSteps, kHidden}));
    expect_rows(out[1], repeated(states), 0);
  }
}

void expect_lstm(float h0, const Doubles& hidden, const Doubles& cell) {
  OnesCell net;
  IRecurrenceLayer *h = net.state(h0), *c = net.state(0);
  ITensor& i = net.gate(*h, ActivationType::kSIGMOID);
  ITensor& f = net.gate(*h, ActivationType::kSIGMOID);
  ITensor& g = net.gate(*h, ActivationType::kTANH);
  ITensor& o = net.gate(*h, ActivationType::kSIGMOID);
  ITensor& new_cell = net.add(net.product(f, *c->getOutput(0)), net.product(i, g));
  ITensor& new_hidden = net.product(o, net.activation(new_cell, ActivationType::kTANH));
  h->setInput(1, new_hidden);
  c->setInput(1, new_cell);
  net.mark(net.collect(*net.loop, new_hidden, LoopOutput::kCONCATENATE, net.scalar(kSteps), 1));
  net.mark(net.collect(*net.loop, new_cell, LoopOutput::kCONCATENATE, net.scalar(kSteps), 1));
  net.mark_last(*net.loop, *h);
  net.mark_last(*net.loop, *c);
  const auto out = net.run_ones();
  ASSERT_EQ(out.size(), 4u);
  expect_rows(out[0], repeated(hidden), 1e-6);
  if (cell.size() == hidden.size()) expect_rows(out[1], repeated(cell), 1e-6);
  expect_rows(out[2], {hidden.back()}, 1e-6);
  expect_rows(out[3], {cell.back()}, 1e-6);
}

TEST(Oracles, LstmCell) {
  expect_lstm(1, {0.76158690, 0.96400478, 0.99504676, 0.99932288}, {0.99999386, 1.99995338, 2.99993131, 3.99990612});
}

TEST(Oracles, LstmCellFromZero) { expect_lstm(0, {0.76051707, 0.96394055, 0.99503780, 0.99932166}, {3.99899936}); }

const std::vector<RNNGateType> kPlainGates = {RNNGateType::kINPUT};
const std::vector<RNNGateType> kGruGates = {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN};
const std::vector<RNNGateType> kLstmGates = {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET,
                                             RNNGateType::kCELL};

/// One RNNv2 layer with equal weights on x [1, 3, 4, 7] of ones.
std::vector<Array> run_rnn(RNNOperation operation, const std::vector<RNNGateType>& gates, float weight, float h0,
                           int32_t steps = kSteps) {
  NetworkCase net;
  IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims4(1, kBatch, steps, kInput)), 1, kHidden, steps, operation);
  for (const RNNGateType gate : gates) {
    rnn->setWeightsForGate(0, gate, true, net.weights(kHidden * kInput, weight));
    rnn->setWeightsForGate(0, gate, false, net.weights(kHidden * kHidden, weight));
    rnn->setBiasForGate(0, gate, true, net.weights(kHidden, 0));
    rnn->setBiasForGate(0, gate, false, net.weights(kHidden, 0));
  }
  if (h0 != 0) rnn->setHiddenState(net.constant(Dims3(kBatch, 1, kHidden), h0));
  for (int32_t i = 0; i < rnn->getNbOutputs(); ++i) net.mark(*rnn->getOutput(i));
  return net.run({floats_of({1, kBatch, steps, kInput}, Values(static_cast<size_t>(kBatch * steps * kInput), 1))});
}

TEST(Oracles, RnnV2) {
  const struct {
    RNNOperation operation;
    const std::vector<RNNGateType>& gates;
    float weight, h0;
    Doubles states;
  } cases[] = {
      {RNNOperation::kRELU, kPlainGates, 1, 0, {7, 42, 217, 1092}},
      {RNNOperation::kRELU, kPlainGates, 1, 1, {12, 67, 342, 1717}},
      {RNNOperation::kTANH, kPlainGates, 0.1F, 0, {0.60436778, 0.76250981, 0.79366400, 0.79935818}},
      {RNNOperation::kGRU, kGruGates, 0.1F, 0, {0.20053662, 0.33875780, 0.43799385, 0.51113245}},
      {RNNOperation::kGRU, kGruGates, 0.1F, 1, {0.95249536, 0.91352681, 0.88177705, 0.85605513}},
      {RNNOperation::kGRU, kGruGates, 1, 0, {0.00091105, 0.00181714, 0.00271831, 0.00361463}},
      {RNNOperation::kLSTM, kLstmGates, 0.1F, 0, {0.25606443, 0.44362962, 0.56187040, 0.63011447}},
  };
  for (const auto& expected : cases) {
    SCOPED_TRACE(testing::Message() << "operation " << static_cast<int>(expected.operation) << ", weights "
                                    << expected.weight << ", h0 " << expected.h0);
    const auto out = run_rnn(expected.operation, expected.gates, expected.weight, expected.h0);
    ASSERT_GE(out.size(), 2u);
    expect_rows(out[0], repeated(expected.states), 1e-6);
    EXPECT_EQ(out[1].dims, (std::vector<int64_t>{1, kBatch, 1, kHidden}));
    expect_rows(out[1], {expected.states.back()}, 1e-6);
  }
}

TEST(Oracles, RnnV2CellStates) {
  const Doubles cells = {0.40383116, 0.75387499, 1.05925995, 1.31838748};
  for (int32_t steps = 1; steps <= kSteps; ++steps) {
    const auto out = run_rnn(RNNOperation::kLSTM, kLstmGates, 0.1F, 0, steps);
    ASSERT_EQ(out.size(), 3u);
    expect_rows(out[2], {cells[static_cast<size_t>(steps) - 1]}, 1e-6);
  }
}

}  // namespace
}  // namespace rondo::test
