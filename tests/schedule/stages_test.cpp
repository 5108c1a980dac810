// Recurrent cells become stages: how many, with what in them, and where their states live.
#include <gtest/gtest.h>

#include <algorithm>

#include "passes/net.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

using ir::ValueId;
using passes::example_input;
using passes::Net;
using Tensors = std::vector<ops::Tensor>;

constexpr int64_t kT = 6, kB = 3, kI = 5, kH = 4;

ops::Tensor scalar(DType dtype, double value) { return {dtype, {}, {value}}; }

/// LSTM over x [T, B, I] with one product per step for all gates; outputs y, last h, last c.
struct Lstm {
  Net net;
  Tensors inputs;

  explicit Lstm(bool full_width_bias = false, bool count_in_memory = false) {
    const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), c0 = net.input("c0", {kB, kH});
    inputs = {example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2), example_input({kB, kH}, 3)};
    ValueId count = net.i32(kT);
    if (count_in_memory) {
      count = net.input("count", {}, DType::kInt32);
      inputs.push_back(scalar(DType::kInt32, kT - 2));
    }
    const ValueId length = count_in_memory ? net.i32(kT) : count;
    const Net::Loop loop = net.open(count, {h0, c0}, {{x, 0, false}});
    ValueId gates = net.add(net.matmul(loop.slices[0], net.weights({kI, 4 * kH})),
                            net.matmul(loop.carried[0], net.weights({kH, 4 * kH})));
    if (full_width_bias) gates = net.add(gates, net.weights({1, 4 * kH}));
    const auto gate = [&](int64_t g) { return net.slice(gates, 1, g * kH, kH); };
    const ValueId c =
        net.add(net.mul(net.sigmoid(gate(1)), loop.carried[1]), net.mul(net.sigmoid(gate(0)), net.tanh(gate(2))));
    const ValueId h = net.mul(net.sigmoid(gate(3)), net.tanh(c));
    const Net::Values results = net.close(loop, {h, c}, {{h, length, 0, false}});
    net.output(results[2], "y");
    net.output(results[0], "hT");
    net.output(results[1], "cT");
  }
};

TEST(StagesTest, LstmIsOneStagePerIterationWithoutCopies) {
  Lstm lstm;
  const plan::Program program = make_program(optimised(lstm.net.graph), {});
  expect_one_clean_stage(program);
  EXPECT_EQ(placements(program), (std::vector<std::string>{"collected output", "in place"}));
  // input product, loop, copy of the last h; c is updated in its output, y is written in place
  EXPECT_EQ(program.blocks[0].steps.size(), 3u) << plan::to_string(program);
  EXPECT_EQ(count_copies(program, 0), 1u);
  EXPECT_EQ(check_schedules(lstm.net.graph, lstm.inputs), "");
}

TEST(StagesTest, InputProductLeftInTheLoopContinuesTheAccumulators) {
  Lstm lstm(true);
  passes::PassOptions options;
  for (const passes::Pass& pass : passes::pipeline()) {
    if (!pass.required) options.disabled.insert(pass.name);
  }
  const plan::Program program = make_program(optimised(lstm.net.graph, options), {});
  expect_one_clean_stage(program);
  const plan::Stage& stage = program.stages[program.steps[program.blocks[program.loops[0].body].steps[0]].index];
  ASSERT_EQ(stage.gemms.size(), 2u);
  EXPECT_TRUE(stage.gemms[1].accumulate);
  EXPECT_EQ(stage.gemms[1].gates, 4);
  EXPECT_EQ(program.tile_programs[stage.tile_program].acc_count, 4);
  passes::PassOptions strict;
  strict.strict_numerics = true;
  EXPECT_EQ(make_program(optimised(lstm.net.graph, options), strict).stages[0].gemms[1].accumulate, false);
  EXPECT_EQ(check_schedules(lstm.net.graph, lstm.inputs), "");
}

TEST(StagesTest, CountInMemoryKeepsTheStageAndPadsTheOutput) {
  Lstm lstm(false, true);
  const plan::Program program = make_program(optimised(lstm.net.graph), {});
  expect_one_clean_stage(program);
  EXPECT_EQ(placements(program), (std::vector<std::string>{"parity", "in place"}));
  for (const double count : {0.0, 1.0, 2.0, 6.0}) {
    lstm.inputs.back() = scalar(DType::kInt32, count);
    EXPECT_EQ(check_schedules(lstm.net.graph, lstm.inputs), "") << count;
  }
}

/// GRU whose reset gate works before or after the recurrent product.
Net gru(bool reset_before) {
  Net net;
  const ValueId x = net.input("x", {kT, kB, kI}), h0 = net.input("h0", {kB, kH}), count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId h = loop.carried[0], one = net.filled({1, 1}, 1);
  const auto part = [&](ValueId from) {
    return net.add(net.matmul(loop.slices[0], net.weights({kI, kH})), net.matmul(from, net.weights({kH, kH})));
  };
  const ValueId z = net.sigmoid(part(h)), r = net.sigmoid(part(h));
  const ValueId after =
      net.add(net.matmul(loop.slices[0], net.weights({kI, kH})), net.mul(r, net.matmul(h, net.weights({kH, kH}))));
  const ValueId n = net.tanh(reset_before ? part(net.mul(r, h)) : after);
  const ValueId next = net.add(net.mul(net.pointwise("sub", {one, z}), n), net.mul(z, h));
  const Net::Values results = net.close(loop, {next}, {{next, count, 1, true}});
  net.output(results[1], "y");
  net.output(results[0], "hT");
  return net;
}

TEST(StagesTest, GruHasOneOrTwoStages) {
  const Tensors inputs{example_input({kT, kB, kI}, 1), example_input({kB, kH}, 2)};
  const Net after = gru(false);
  expect_one_clean_stage(make_program(optimised(after.graph), {}));
  EXPECT_EQ(check_schedules(after.graph, inputs), "");
  const Net before = gru(true);
  const plan::Program program = make_program(optimised(before.graph), {});
  const uint32_t body = program.loops[0].body;
  EXPECT_EQ(program.blocks[body].steps.size(), 2u) << plan::to_string(program);
  EXPECT_EQ(count_copies(program, body), 0u);
  // Between the stages pass z and r*h, not 1-z and z*h.
  const plan::Stage& first = program.stages[program.steps[program.blocks[body].steps[0]].index];
  size_t stores = 0;
  for (const tile::Inst& inst : program.tile_programs[first.tile_program].insts)
    stores += inst.kind == tile::InstKind::kStore;
  EXPECT_EQ(stores, 2u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(before.graph, inputs), "");
}

TEST(StagesTest, UnequalColumnSlicesStillMakeOneStage) {
  Net net;
  const ValueId x = net.input("x", {kT, kB, 3 * kH}), h0 = net.input("h0", {kB, kH}), count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId product = net.matmul(loop.carried[0], net.weights({kH, 3 * kH}));
  const ValueId zr = net.sigmoid(net.add(net.slice(product, 1, 0, 2 * kH), net.slice(loop.slices[0], 1, 0, 2 * kH)));
  const ValueId n = net.tanh(net.add(net.mul(net.slice(product, 1, 2 * kH, kH), net.slice(zr, 1, kH, kH)),
                                     net.slice(loop.slices[0], 1, 2 * kH, kH)));
  const ValueId next = net.add(n, net.mul(net.slice(zr, 1, 0, kH), loop.carried[0]));
  const Net::Values results = net.close(loop, {next}, {{next, count, 0, false}});
  net.output(results[1], "y");
  expect_one_clean_stage(make_program(net.graph, {}));
  EXPECT_EQ(check_schedules(net.graph, {example_input({kT, kB, 3 * kH}, 1), example_input({kB, kH}, 2)}), "");
}

TEST(StagesTest, MaskOfARowIsComputedInTheStageOfTheCell) {
  Net net;
  const ValueId x = net.input("x", {kT, kB, kH}), h0 = net.input("h0", {kB, kH}),
                lengths = net.input("lengths", {kB, 1}, DType::kInt64);
  const ValueId count = net.i32(kT);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId valid = net.pointwise("less", {net.reshape(loop.step, {1, 1}), lengths});
  const ValueId candidate = net.tanh(net.add(net.matmul(loop.carried[0], net.weights({kH, kH})), loop.slices[0]));
  const ValueId wide = net.op(ir::OpKind::k_broadcast, {{"shape", net.constants({kB, kH})}}, {valid});
  const ValueId next = net.pointwise("select", {wide, candidate, loop.carried[0]});
  const Net::Values results = net.close(loop, {next}, {{next, count, 0, true}});
  net.output(results[0], "hT");
  net.output(results[1], "y");
  expect_one_clean_stage(make_program(net.graph, {}));
  EXPECT_EQ(
      check_schedules(
          net.graph, {example_input({kT, kB, kH}, 1), example_input({kB, kH}, 2), {DType::kInt64, {kB, 1}, {6, 1, 4}}}),
      "");
}

TEST(StagesTest, SameGraphGivesTheSameProgram) {
  const Lstm lstm;
  const ir::Graph graph = optimised(lstm.net.graph);
  const plan::Program a = make_program(graph, {}), b = make_program(graph, {});
  EXPECT_EQ(plan::to_string(a), plan::to_string(b));
  EXPECT_EQ(a.layer_info, b.layer_info);
  ASSERT_EQ(a.sources.size(), b.sources.size());
  for (uint32_t i = 0; i < a.sources.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(a.constant_bytes(i), b.constant_bytes(i)));
  }
}

}  // namespace
}  // namespace rondo::schedule
