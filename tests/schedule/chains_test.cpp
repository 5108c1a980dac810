// Which consecutive stages become a chain, what becomes local, and what the memory plan makes of it.
#include <gtest/gtest.h>

#include "passes/net.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

using ir::ValueId;
using passes::example_input;
using passes::Net;
using Ints = Net::Ints;

ValueId softmax(Net& net, ValueId x) {
  return net.op(ir::OpKind::k_softmax, {{"axis", int64_t{net.graph.type(x).rank() - 1}}}, {x});
}

/// softmax(a bᵀ · 0.5), with one matrix for each of the first axis.
ValueId weighted(Net& net, ValueId a, ValueId b) {
  const ValueId half = net.filled(Ints(static_cast<size_t>(net.graph.type(a).rank()), 1), 0.5);
  return softmax(net, net.mul(net.matrix_multiply(a, 0, b, 1), half));
}

ValueId normalized(Net& net, ValueId x) {
  const auto mean = [&](ValueId value) {
    const ir::Attrs attrs{
        {"op", int64_t{4}}, {"axes", int64_t{1} << (net.graph.type(x).rank() - 1)}, {"keep", int64_t{1}}};
    return net.op(ir::OpKind::k_reduce, attrs, {value});
  };
  const ValueId centred = net.pointwise("sub", {x, mean(x)});
  const ValueId shifted =
      net.add(mean(net.mul(centred, centred)), net.filled(Ints(static_cast<size_t>(net.graph.type(x).rank()), 1), 1));
  return net.mul(centred, net.pointwise("recip", {net.pointwise("sqrt", {shifted})}));
}

/// Lengths of the chains, in order.
std::vector<size_t> chains_of(const plan::Program& program) {
  std::vector<size_t> lengths;
  for (const plan::Chain& chain : program.chains) lengths.push_back(chain.steps.size());
  return lengths;
}

size_t local_count(const plan::Program& program) {
  size_t count = 0;
  for (const plan::Buffer& buffer : program.buffers) count += buffer.storage == plan::Storage::kLocal;
  return count;
}

plan::Program scheduled(const Net& net, const std::string& disabled = "") {
  return make_program(optimised(net.graph), passes::without(disabled));
}

void expect_chains(const Net& net, const std::vector<size_t>& lengths, size_t locals,
                   const std::vector<ops::Tensor>& inputs) {
  const plan::Program program = scheduled(net);
  EXPECT_EQ(chains_of(program), lengths) << plan::to_string(program);
  EXPECT_EQ(local_count(program), locals) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, inputs), "");
}

std::vector<ops::Tensor> examples(const std::vector<Ints>& shapes) {
  std::vector<ops::Tensor> inputs;
  for (size_t i = 0; i < shapes.size(); ++i) inputs.push_back(example_input(shapes[i], static_cast<uint32_t>(i + 1)));
  return inputs;
}

TEST(ChainsTest, AttentionIsOneChainForStaticAndDynamicLengths) {
  for (const bool dynamic : {false, true}) {
    for (const bool batched : {false, true}) {
      Net net;
      Ints dims = batched ? Ints{2, 3, 20, 4} : Ints{3, 20, 4}, declared = dims;
      if (dynamic) declared[dims.size() - 2] = -1;
      const ValueId q = net.input("q", declared), k = net.input("k", dims), v = net.input("v", dims);
      net.output(net.matmul(weighted(net, q, k), v), "y");
      expect_chains(net, {3}, 2, examples({dims, dims, dims}));
    }
  }
}

TEST(ChainsTest, TheScoresNeedNoArena) {
  Net net;
  const ValueId q = net.input("q", {3, 20, 4}), k = net.input("k", {3, 20, 4}), v = net.input("v", {3, 20, 4});
  net.output(net.matmul(weighted(net, q, k), v), "y");
  EXPECT_EQ(scheduled(net).arena_bytes, 0u);
  const plan::Program apart = scheduled(net, "chain_stages");
  EXPECT_GE(apart.arena_bytes, 3u * 20 * 20 * 4);
  EXPECT_TRUE(apart.chains.empty());
  EXPECT_EQ(local_count(apart), 0u);
}

TEST(ChainsTest, AProductAndItsNormalizationAreOne) {
  Net net;
  const ValueId x = net.input("x", {24, 6}), r = net.input("r", {24, 10});
  net.output(normalized(net, net.add(net.matmul(x, net.weights({6, 10})), r)), "y");
  expect_chains(net, {2}, 1, examples({{24, 6}, {24, 10}}));
}

// Its weights would pass once per block of rows.
TEST(ChainsTest, AProductWithConstantWeightsOpensAChainAndJoinsNone) {
  Net net;
  const ValueId x = net.input("x", {24, 6});
  const ValueId hidden = normalized(net, net.matmul(x, net.weights({6, 10})));
  net.output(normalized(net, net.matmul(hidden, net.weights({10, 8}))), "y");
  expect_chains(net, {2, 2}, 2, examples({{24, 6}}));
}

TEST(ChainsTest, WhatOthersReadStaysInMemory) {
  Net net;
  const ValueId x = net.input("x", {24, 6});
  const ValueId sums = net.matmul(x, net.weights({6, 10}));
  net.output(normalized(net, sums), "y");
  net.output(net.matmul(net.transpose(sums, {1, 0}), net.input("z", {24, 3})), "later");
  expect_chains(net, {}, 0, examples({{24, 6}, {24, 3}}));
}

TEST(ChainsTest, AnOutputStaysInMemory) {
  Net net;
  const ValueId sums = net.matmul(net.input("x", {24, 6}), net.weights({6, 10}));
  net.output(sums, "sums");
  net.output(normalized(net, sums), "y");
  expect_chains(net, {}, 0, examples({{24, 6}}));
}

TEST(ChainsTest, ColumnsOfTheOneAreNoRowsOfTheOther) {
  Net net;
  const ValueId sums = net.matmul(net.input("x", {24, 6}), net.weights({6, 20}));
  net.output(softmax(net, net.transpose(sums, {1, 0})), "y");
  expect_chains(net, {}, 0, examples({{24, 6}}));
}

// All keys and values are needed for each row: what makes them stands in front of the chain.
TEST(ChainsTest, ARightFactorComesFromOutside) {
  Net net;
  const ValueId x = net.input("x", {20, 6});
  const ValueId k = net.matmul(x, net.weights({6, 5}));
  net.output(net.matmul(softmax(net, net.matrix_multiply(k, 0, k, 1)), k), "y");
  const plan::Program program = scheduled(net);
  EXPECT_EQ(chains_of(program), (std::vector<size_t>{3})) << plan::to_string(program);
  EXPECT_EQ(program.chains[0].steps.front(), 1u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, examples({{20, 6}})), "");
}

TEST(ChainsTest, TheInspectorNamesEachLayerAndItsChain) {
  Net net;
  const ValueId x = net.input("x", {24, 6});
  net.output(normalized(net, net.matmul(x, net.weights({6, 10}))), "y");
  net.output(net.tanh(x), "z");
  size_t chained = 0, all = 0;
  const auto info = nlohmann::json::parse(scheduled(net).layer_info);
  for (const auto& layer : info["Layers"]) {
    ++all;
    EXPECT_TRUE(layer.contains("Name"));
    if (!layer.contains("chain")) continue;
    EXPECT_EQ(layer["chain"], 0);
    ++chained;
  }
  EXPECT_EQ(chained, 2u);
  EXPECT_EQ(all, 3u);
}

TEST(ChainsTest, AFewRowsMakeNone) {
  Net net;
  const ValueId r = net.input("r", {2, 10});
  net.output(softmax(net, net.add(net.matmul(net.input("x", {2, 6}), net.weights({6, 10})), r)), "y");
  EXPECT_TRUE(scheduled(net).chains.empty());
}

// What a chain reads at its start must not be where it writes at its end: its blocks run in turn.
TEST(ChainsTest, AChainIsOneStepForTheMemoryPlan) {
  Net net;
  const ValueId x = net.input("x", {20, 6});
  const ValueId q = net.tanh(net.input("z", {20, 6}));
  const ValueId y = net.matmul(softmax(net, net.matrix_multiply(q, 0, x, 1)), x);
  net.output(net.matmul(net.tanh(y), net.weights({6, 6})), "out");
  const plan::Program program = scheduled(net);
  ASSERT_EQ(chains_of(program), (std::vector<size_t>{3})) << plan::to_string(program);
  const auto buffer_of = [&](plan::ViewId view) { return program.buffers[program.views[view].buffer]; };
  const auto stage = [&](size_t i) { return program.stages[program.steps[program.chains[0].steps[i]].index]; };
  const plan::Buffer from = buffer_of(stage(0).gemms[0].a), to = buffer_of(stage(2).operands[0]);
  ASSERT_EQ(from.storage, plan::Storage::kArena);
  ASSERT_EQ(to.storage, plan::Storage::kArena);
  EXPECT_TRUE(from.offset + from.max_bytes <= to.offset || to.offset + to.max_bytes <= from.offset);
}

}  // namespace
}  // namespace rondo::schedule
