// Loops, conditionals and RNNv2 from the public API to values, by the reference interpreter.

#include <gtest/gtest.h>

#include "lowering.h"

namespace {

using namespace rondo;
using test::filled;
using test::interpreted;
using test::Net;
using Values = std::vector<double>;

ITensor& product(Net& net, ITensor& a, ITensor& b) {
  return *net->addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kNONE)->getOutput(0);
}

TEST(Loops, ReluRnn) {
  Net net;
  ITensor& x = net.input("x", Dims3(3, 4, 7));
  ITensor& steps = net.scalar(4);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(steps, TripLimit::kCOUNT);
  ITensor& step = *loop->addIterator(x, 1)->getOutput(0);
  IRecurrenceLayer* h = loop->addRecurrence(net.constant(Dims2(3, 5)));
  ITensor& sum =
      net.add(product(net, step, net.constant(Dims2(7, 5))), product(net, *h->getOutput(0), net.constant(Dims2(5, 5))));
  ITensor& next = *net->addActivation(sum, ActivationType::kRELU)->getOutput(0);
  h->setInput(1, next);
  ILoopOutputLayer* last = loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE);
  ILoopOutputLayer* all = loop->addLoopOutput(next, LoopOutput::kCONCATENATE, 1);
  all->setInput(1, steps);
  net->markOutput(*last->getOutput(0));
  net->markOutput(*all->getOutput(0));
  EXPECT_EQ(test::to_vector(all->getOutput(0)->getDimensions()), (std::vector<int64_t>{3, 4, 5}));
  EXPECT_EQ(h->getLoop(), loop);
  const auto results = interpreted(net, {filled({3, 4, 7}, 1)});
  EXPECT_EQ(results[0].data, Values(15, 1717));
  for (int t = 0; t < 4; ++t) EXPECT_EQ(results[1].data[static_cast<size_t>(t) * 5], (Values{12, 67, 342, 1717})[t]);
}

// Outer 3 times: x := inner + 1, where the inner loop doubles a copy of x twice.
TEST(Loops, NestedLoops) {
  Net net;
  ITensor& outer_count = net.scalar(3);
  ILoop* outer = net->addLoop();
  outer->addTripLimit(outer_count, TripLimit::kCOUNT);
  IRecurrenceLayer* x = outer->addRecurrence(net.constant(Dims{1, {1}}));
  ILoop* inner = net->addLoop();
  inner->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
  IRecurrenceLayer* y = inner->addRecurrence(*x->getOutput(0));
  y->setInput(1, net.add(*y->getOutput(0), *y->getOutput(0)));
  ITensor& doubled = *inner->addLoopOutput(*y->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  ITensor& next = net.add(doubled, net.constant(Dims{1, {1}}));
  x->setInput(1, next);
  ILoopOutputLayer* all = outer->addLoopOutput(next, LoopOutput::kCONCATENATE);
  all->setInput(1, outer_count);
  net->markOutput(*all->getOutput(0));
  net->markOutput(*outer->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  const auto results = interpreted(net);
  EXPECT_EQ(results[0].data, (Values{5, 21, 85}));
  EXPECT_EQ(results[1].data, (Values{85}));
}

// The inner loop's only tie to the outer one is a value its body reads.
TEST(Loops, InnerLoopCapturesOuterRecurrence) {
  Net net;
  ILoop* outer = net->addLoop();
  outer->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* x = outer->addRecurrence(net.constant(Dims{1, {1}}));
  ILoop* inner = net->addLoop();
  inner->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  IRecurrenceLayer* y = inner->addRecurrence(net.constant(Dims{1, {1}}, 0));
  y->setInput(1, net.add(*y->getOutput(0), *x->getOutput(0)));
  x->setInput(1, *inner->addLoopOutput(*y->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  net->markOutput(*outer->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  EXPECT_EQ(interpreted(net)[0].data, (Values{64}));
}

TEST(Loops, CountAndWhileEndAtTheFirst) {
  Net net;
  ITensor& count = net.scalar(10);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(count, TripLimit::kCOUNT);
  IRecurrenceLayer* x = loop->addRecurrence(net.constant(Dims{0, {}}));
  ITensor& below =
      *net->addElementWise(*x->getOutput(0), net.constant(Dims{0, {}}, 6), ElementWiseOperation::kLESS)->getOutput(0);
  loop->addTripLimit(below, TripLimit::kWHILE);
  x->setInput(1, net.add(*x->getOutput(0), net.constant(Dims{0, {}})));
  ILoopOutputLayer* all = loop->addLoopOutput(*x->getOutput(0), LoopOutput::kCONCATENATE);
  all->setInput(1, count);
  ILoopOutputLayer* back = loop->addLoopOutput(*x->getOutput(0), LoopOutput::kREVERSE);
  back->setInput(1, count);
  net->markOutput(*all->getOutput(0));
  net->markOutput(*loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  net->markOutput(*back->getOutput(0));
  const auto results = interpreted(net);
  EXPECT_EQ(results[0].data, (Values{1, 2, 3, 4, 5, 0, 0, 0, 0, 0}));
  EXPECT_EQ(results[1].data, (Values{6}));
  EXPECT_EQ(results[2].data, (Values{5, 4, 3, 2, 1, 0, 0, 0, 0, 0}));
}

TEST(Loops, ZeroTripsGiveTheInitialValue) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(0), TripLimit::kCOUNT);
  IRecurrenceLayer* x = loop->addRecurrence(net.constant(Dims{1, {2}}, 7));
  x->setInput(1, net.add(*x->getOutput(0), *x->getOutput(0)));
  net->markOutput(*loop->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  EXPECT_EQ(interpreted(net)[0].data, (Values{7, 7}));
}

TEST(Loops, IndependentLoopsAndInvariantValues) {
  Net net;
  ITensor& x = net.input("x", Dims2(3, 2));
  ITensor& heavy = *net->addUnary(net.constant(Dims{1, {2}}, 4), UnaryOperation::kSQRT)->getOutput(0);
  ITensor* last = nullptr;
  for (bool reverse : {false, true}) {
    ILoop* loop = net->addLoop();
    loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
    ITensor& step = *loop->addIterator(x, 0, reverse)->getOutput(0);
    IRecurrenceLayer* h = loop->addRecurrence(last ? *last : net.constant(Dims{1, {2}}, 0));
    // 2 h + x: the order of the steps shows in the result
    ITensor& twice = *net->addElementWise(*h->getOutput(0), heavy, ElementWiseOperation::kPROD)->getOutput(0);
    h->setInput(1, net.add(twice, step));
    last = loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
    net->markOutput(*last);
  }
  ops::Tensor data = filled({3, 2}, 0);
  data.data = {1, 1, 10, 10, 100, 100};
  const auto results = interpreted(net, {data});
  EXPECT_EQ(results[0].data, (Values{124, 124}));
  EXPECT_EQ(results[1].data, (Values{1413, 1413})) << "8 * 124 + 4 * 100 + 2 * 10 + 1";
}

TEST(Loops, LoopsWithoutOutputsAreRemoved) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->addRecurrence(net.constant(Dims{1, {2}}));  // unfinished, but nobody looks
  net->markOutput(*net->addUnary(net.input("x", Dims2(2, 2)), UnaryOperation::kABS)->getOutput(0));
  EXPECT_EQ(test::lowered(net).graph.op_count(), 2u);
}

TEST(Loops, UnrolledDepthDoesNotRecurse) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
  IRecurrenceLayer* h = loop->addRecurrence(net.constant(Dims{1, {1}}));
  ITensor* value = h->getOutput(0);
  for (int i = 0; i < 20000; ++i) value = net->addUnary(*value, UnaryOperation::kNEG)->getOutput(0);
  h->setInput(1, *value);
  net->markOutput(*loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  EXPECT_GT(test::lowered(net).graph.op_count(), 20000u);
}

TEST(Conditionals, OnlyTheTakenBranchCounts) {
  for (bool taken : {true, false}) {
    Net net;
    ITensor& x = net.input("x", Dims{1, {2}});
    IIfConditional* either = net->addIfConditional();
    either->setCondition(net.boolean(taken));
    ITensor& inside = *either->addInput(x)->getOutput(0);
    IIfConditionalOutputLayer* out = either->addOutput(net.add(inside, inside), inside);
    EXPECT_EQ(out->getConditional(), either);
    EXPECT_EQ(out->getOutput(0)->getDimensions().d[0], 2);
    net->markOutput(*out->getOutput(0));
    EXPECT_EQ(interpreted(net, {filled({2}, 3)})[0].data, Values(2, taken ? 6 : 3));
  }
}

TEST(Conditionals, LoopInABranchAndBranchInALoop) {
  Net net;
  ILoop* outer = net->addLoop();
  outer->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  IRecurrenceLayer* x = outer->addRecurrence(net.constant(Dims{0, {}}, 1));
  ITensor& small =
      *net->addElementWise(*x->getOutput(0), net.constant(Dims{0, {}}, 5), ElementWiseOperation::kLESS)->getOutput(0);
  IIfConditional* either = net->addIfConditional();
  either->setCondition(small);
  ITensor& inside = *either->addInput(*x->getOutput(0))->getOutput(0);
  ILoop* inner = net->addLoop();  // doubles twice, in the first branch only
  inner->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
  IRecurrenceLayer* y = inner->addRecurrence(inside);
  y->setInput(1, net.add(*y->getOutput(0), *y->getOutput(0)));
  ITensor& doubled = *inner->addLoopOutput(*y->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  ITensor& plus_one = net.add(inside, net.constant(Dims{0, {}}, 1));
  x->setInput(1, *either->addOutput(doubled, plus_one)->getOutput(0));
  net->markOutput(*outer->addLoopOutput(*x->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  EXPECT_EQ(interpreted(net)[0].data, (Values{18})) << "1 -> 4 -> 16 -> 17 -> 18";
}

void set_gates(Net& net, IRNNv2Layer& rnn, std::vector<RNNGateType> gates, float value) {
  for (RNNGateType gate : gates) {
    rnn.setWeightsForGate(0, gate, true, net.weights(35, value));
    rnn.setWeightsForGate(0, gate, false, net.weights(25, value));
    rnn.setBiasForGate(0, gate, true, net.weights(5, 0));
  }
}

TEST(RnnV2, MatchesItsOracles) {
  const std::vector<RNNGateType> plain = {RNNGateType::kINPUT};
  const std::vector<RNNGateType> gru = {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN};
  const std::vector<RNNGateType> lstm = {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET,
                                         RNNGateType::kCELL};
  const struct {
    RNNOperation op;
    std::vector<RNNGateType> gates;
    Values h;
  } cases[] = {{RNNOperation::kTANH, plain, {0.60436778, 0.76250981, 0.79366400, 0.79935818}},
               {RNNOperation::kGRU, gru, {0.20053662, 0.33875780, 0.43799385, 0.51113245}},
               {RNNOperation::kLSTM, lstm, {0.25606443, 0.44362962, 0.56187040, 0.63011447}}};
  for (const auto& test : cases) {
    Net net;
    IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims4(1, 3, 4, 7)), 1, 5, 4, test.op);
    set_gates(net, *rnn, test.gates, 0.1f);
    net->markOutput(*rnn->getOutput(0));
    net->markOutput(*rnn->getOutput(1));
    EXPECT_EQ(rnn->getDataLength(), 7);
    EXPECT_EQ(rnn->getNbOutputs(), test.op == RNNOperation::kLSTM ? 3 : 2);
    const auto results = interpreted(net, {filled({1, 3, 4, 7}, 1)});
    EXPECT_EQ(results[1].dims, (std::vector<int64_t>{1, 3, 1, 5}));
    for (size_t t = 0; t < 4; ++t) EXPECT_NEAR(results[0].data[t * 5], test.h[t], 2e-7) << t;
  }
}

TEST(RnnV2, SwitchesItsOperation) {
  Net net;
  IRNNv2Layer* rnn = net->addRNNv2(net.input("x", Dims4(1, 3, 4, 7)), 1, 5, 4, RNNOperation::kLSTM);
  rnn->setOperation(RNNOperation::kRELU);
  set_gates(net, *rnn, {RNNGateType::kINPUT}, 1);
  rnn->setHiddenState(net.constant(Dims3(3, 1, 5)));
  net->markOutput(*rnn->getOutput(0));
  EXPECT_EQ(rnn->getLayerCount(), 1);
  EXPECT_EQ(rnn->getHiddenSize(), 5);
  EXPECT_EQ(rnn->getMaxSeqLength(), 4);
  EXPECT_EQ(rnn->getOutput(2), nullptr);
  const auto results = interpreted(net, {filled({1, 3, 4, 7}, 1)});
  for (size_t t = 0; t < 4; ++t) EXPECT_EQ(results[0].data[t * 5], (Values{12, 67, 342, 1717})[t]);
}

}  // namespace
