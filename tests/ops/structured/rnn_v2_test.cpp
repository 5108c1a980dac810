#include <gtest/gtest.h>

#include "ops/structured/recurrent/rnn_v2.h"
#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;

/// The oracles have 8 decimals and weights of 0.1, which are stored as f32.
constexpr double kOracle = 5e-8;

struct Network {
  int64_t op = RnnLayout::kLstm, layers = 1, hidden = 5, direction = 0, input_mode = 0;
  ValueId h0{}, c0{}, lengths{};
};

/// Adds an rnn_v2 whose weights all are `weight` and biases `bias`; w2 replaces the weight in backward pseudo-layers.
std::vector<ValueId> add_rnn(TestGraph& g, ValueId x, const Network& n, double weight, double bias = 0, double w2 = 0) {
  const int64_t width = g.graph.dims().value(g.graph.type(x).dims.back());
  const int64_t gates[] = {1, 1, 4, 3};
  std::vector<ValueId> operands{x};
  for (ValueId v : {n.h0, n.c0, n.lengths}) {
    if (v.valid()) operands.push_back(v);
  }
  const int64_t directions = n.direction + 1;
  for (int64_t pseudo = 0; pseudo < n.layers * directions; ++pseudo) {
    const double w = w2 != 0 && pseudo % 2 == 1 ? w2 : weight;
    for (int64_t gate = 0; gate < gates[n.op]; ++gate) {
      const bool first = pseudo < directions;
      if (!first || n.input_mode == 0)
        operands.push_back(g.filled({n.hidden, first ? width : directions * n.hidden}, w));
      operands.push_back(g.filled({n.hidden, n.hidden}, w));
      operands.push_back(g.filled({n.hidden}, bias));
      operands.push_back(g.filled({n.hidden}, bias / 2));
    }
  }
  const ValueId y = g.add(OpKind::k_rnn_v2,
                          {{"op", n.op},
                           {"direction", n.direction},
                           {"input_mode", n.input_mode},
                           {"layers", n.layers},
                           {"hidden", n.hidden},
                           {"has_h0", int64_t{n.h0.valid()}},
                           {"has_c0", int64_t{n.c0.valid()}},
                           {"has_lengths", int64_t{n.lengths.valid()}}},
                          operands, "rnn");
  for (ValueId v : g.results_of(y)) g.output(v);
  return g.results_of(y);
}

/// Structured and expanded graph agree; returns the outputs.
std::vector<Tensor> run_both(const TestGraph& g, const std::vector<Tensor>& inputs) {
  const auto structured = g.run(inputs), expanded = g.run_expanded(inputs);
  EXPECT_EQ(structured.size(), expanded.size());
  for (size_t i = 0; i < structured.size(); ++i) expect_near(expanded[i], structured[i]);
  return expanded;
}

Tensor ones(std::vector<int64_t> dims) {
  int64_t volume = 1;
  for (int64_t extent : dims) volume *= extent;
  return f32(std::move(dims), std::vector<double>(static_cast<size_t>(volume), 1.0));
}

/// All elements of a step are alike: y [1, 3, 4, 5] is described by four numbers.
void expect_steps(const Tensor& y, const std::vector<double>& steps) {
  ASSERT_EQ(y.dims, (std::vector<int64_t>{1, 3, 4, 5}));
  for (size_t i = 0; i < y.data.size(); ++i) EXPECT_NEAR(y.data[i], steps[i / 5 % 4], kOracle) << i;
}

void expect_oracle(int64_t op, double weight, bool start_at_one, const std::vector<double>& steps) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {1, 3, 4, 7});
  Network n{.op = op};
  if (start_at_one) n.h0 = g.filled({3, 1, 5}, 1);
  add_rnn(g, x, n, weight);
  const auto out = run_both(g, {ones({1, 3, 4, 7})});
  expect_steps(out[0], steps);
  EXPECT_EQ(out[1].dims, (std::vector<int64_t>{1, 3, 1, 5}));
  for (double v : out[1].data) EXPECT_NEAR(v, steps[3], kOracle);
}

TEST(RnnV2, Gru) { expect_oracle(RnnLayout::kGru, 0.1, false, {0.20053662, 0.33875780, 0.43799385, 0.51113245}); }
TEST(RnnV2, GruFromOne) { expect_oracle(RnnLayout::kGru, 0.1, true, {0.95249536, 0.91352681, 0.88177705, 0.85605513}); }
TEST(RnnV2, GruSaturated) {
  expect_oracle(RnnLayout::kGru, 1, false, {0.00091105, 0.00181714, 0.00271831, 0.00361463});
}
TEST(RnnV2, Tanh) { expect_oracle(RnnLayout::kTanh, 0.1, false, {0.60436778, 0.76250981, 0.79366400, 0.79935818}); }
TEST(RnnV2, ReluFromZero) { expect_oracle(RnnLayout::kRelu, 1, false, {7, 42, 217, 1092}); }
TEST(RnnV2, ReluFromOne) { expect_oracle(RnnLayout::kRelu, 1, true, {12, 67, 342, 1717}); }

TEST(RnnV2, Lstm) {
  TestGraph g;
  add_rnn(g, g.input("x", DType::kFloat32, {1, 3, 4, 7}), {}, 0.1);
  const auto out = run_both(g, {ones({1, 3, 4, 7})});
  expect_steps(out[0], {0.25606443, 0.44362962, 0.56187040, 0.63011447});
  for (double v : out[2].data) EXPECT_NEAR(v, 1.31838748, kOracle);
}

TEST(RnnV2, LstmFromOneAsInTheLoopPrograms) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {1, 3, 4, 7});
  add_rnn(g, x, {.h0 = g.filled({3, 1, 5}, 1), .c0 = g.filled({1, 3, 1, 5}, 0)}, 1);
  const auto out = run_both(g, {ones({1, 3, 4, 7})});
  expect_steps(out[0], {0.76158690, 0.96400478, 0.99504676, 0.99932288});
  for (double v : out[2].data) EXPECT_NEAR(v, 3.99990612, kOracle);
}

TEST(RnnV2, BidirectionalPutsBackwardResultsAtTheirOwnIndex) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {1, 3, 1});
  add_rnn(g, x, {.op = RnnLayout::kRelu, .hidden = 1, .direction = 1}, 1, 0, 2);
  const auto out = run_both(g, {f32({1, 3, 1}, {1, 10, 100})});
  // forward sums up; backward h = 2 x + 2 h from the end: 200, 420, 842
  expect_near(out[0], f32({1, 3, 2}, {1, 842, 11, 420, 111, 200}));
  expect_near(out[1], f32({1, 2, 1}, {111, 842}));
}

TEST(RnnV2, LengthsStopRowsAndBackwardStartsAtTheLastStep) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 3, 1});
  const ValueId lengths = g.input("lengths", DType::kInt32, {2});
  add_rnn(g, x, {.op = RnnLayout::kRelu, .hidden = 1, .direction = 1, .lengths = lengths}, 1, 0, 2);
  const auto out = run_both(g, {f32({2, 3, 1}, {1, 10, 100, 1, 10, 100}), tensor(DType::kInt32, {2}, {2, 3})});
  expect_near(out[0], f32({2, 3, 2}, {1, 42, 11, 20, 0, 0, 1, 842, 11, 420, 111, 200}));
  expect_near(out[1], f32({2, 2, 1}, {11, 42, 111, 842}));
}

TEST(RnnV2, SkipModeAddsTheInputItself) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {1, 2, 2});
  add_rnn(g, x, {.op = RnnLayout::kRelu, .layers = 2, .hidden = 2, .input_mode = 1}, 1);
  const auto out = run_both(g, {f32({1, 2, 2}, {1, 2, 3, 4})});
  // layer 0: [1, 2], [3 + 3, 4 + 3]; layer 1: sum over both units of layer 0 and of its own state
  expect_near(out[0], f32({1, 2, 2}, {3, 3, 19, 19}));
}

TEST(RnnV2, DynamicShapesAndNoLeadingDimension) {
  for (const std::vector<int64_t>& dims : {std::vector<int64_t>{3, 2}, {2, 3, 2}, {2, 1, 3, 2}}) {
    TestGraph g;
    std::vector<int64_t> open(dims.size(), -1);
    open.back() = 2;
    add_rnn(g, g.input("x", DType::kFloat32, open), {.op = RnnLayout::kGru, .layers = 2, .hidden = 3, .direction = 1},
            0.3, 0.1, 0.2);
    Tensor x = ones(dims);
    for (size_t i = 0; i < x.data.size(); ++i) x.data[i] = 0.1 * static_cast<double>(i) - 0.4;
    run_both(g, {x});
  }
}

TEST(RnnV2, ZeroStepsKeepTheInitialState) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 0, 3});
  add_rnn(g, x, {.op = RnnLayout::kTanh, .hidden = 1, .h0 = g.constant(DType::kFloat32, {2, 1, 1}, {5, 6})}, 1);
  const auto out = run_both(g, {f32({2, 0, 3}, {})});
  expect_near(out[1], f32({2, 1, 1}, {5, 6}));
}

TEST(RnnV2, Refusals) {
  const auto message = [](std::vector<int64_t> dims, Network n, int64_t h0_rows = 0) {
    return error_of([&] {
      TestGraph g;
      const ValueId x = g.input("x", DType::kFloat32, dims);
      if (h0_rows != 0) n.h0 = g.filled({h0_rows, 1, n.hidden}, 0);
      add_rnn(g, x, n, 1);
    });
  };
  EXPECT_NE(message({7}, {}).find("(rnn_v2 C1)"), std::string::npos);
  EXPECT_NE(message({3, 4, 7}, {.input_mode = 1}).find("(rnn_v2 C3)"), std::string::npos);
  EXPECT_NE(message({3, 4, 7}, {}, 2).find("rnn_v2 'rnn': "), std::string::npos);
  EXPECT_NE(message({3, 4, 7}, {}, 2).find("(rnn_v2 C4)"), std::string::npos);
  EXPECT_NE(message({3, 4, 7}, {.hidden = 0}).find("(rnn_v2 C8)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
