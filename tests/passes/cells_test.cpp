#include "passes/cells.h"

#include <gtest/gtest.h>

#include "ir/text.h"
#include "passes/equivalence.h"
#include "passes/expand_structured.h"
#include "passes/net.h"
#include "passes/parts/loop_parts.h"

namespace rondo::passes {
namespace {

ir::Graph optimised(const Cell& cell, const PassOptions& options = {}) {
  ir::Graph graph = cell.graph;
  run_pipeline(graph, options);
  return graph;
}

size_t count_kind(const ir::Graph& graph, ir::RegionId region, ir::OpKind kind) {
  size_t count = 0;
  for (ir::OpId op : graph.region(region).ops) count += graph.op(op).kind == kind ? 1 : 0;
  return count;
}

ir::RegionId body_of(ir::Graph& graph, size_t loop = 0) {
  return LoopParts(graph, loops_inner_first(graph).at(loop)).body();
}

/// Products before (and after) the loops, and in the body of the first.
struct Products {
  size_t outside = 0, inside = 0;
};
Products products(const Cell& cell, const PassOptions& options = {}) {
  ir::Graph graph = optimised(cell, options);
  return {count_kind(graph, graph.main(), ir::OpKind::k_matmul),
          count_kind(graph, body_of(graph), ir::OpKind::k_matmul)};
}

class EveryCell : public testing::TestWithParam<Cell> {};

TEST_P(EveryCell, SameValuesWithAllPassesAndWithEachOff) {
  EXPECT_EQ(check_all_pipelines(GetParam().graph, GetParam().inputs), "");
}

TEST_P(EveryCell, StrictNumericsKeepEveryBit) {
  PassOptions strict;
  strict.strict_numerics = true;
  // Constants are sums of few multiples of 1/64, so folding them rounds nothing: strict results are bit-equal in double
  // too.
  // Structured ops have references of their own; the comparison starts behind their expansion.
  ir::Graph expanded = GetParam().graph;
  expand_structured(expanded, strict);
  const auto expected = ops::interpret(expanded, GetParam().inputs);
  EXPECT_EQ(check_pipeline(GetParam().graph, GetParam().inputs, expected, strict, 0), "");
}

TEST_P(EveryCell, SecondRunChangesNothing) {
  ir::Graph once = optimised(GetParam());
  ir::Graph twice = once;
  run_pipeline(twice, PassOptions{});
  EXPECT_EQ(ir::to_string(twice), ir::to_string(once));
}

TEST_P(EveryCell, SameInputSameText) {
  EXPECT_EQ(ir::to_string(optimised(GetParam())), ir::to_string(optimised(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Cells, EveryCell, testing::ValuesIn(all_cells()),
                         [](const auto& param) { return param.param.name; });

TEST(Cells, EightProductsBecomeOneOutsideAndOneInside) {
  ir::Graph graph = optimised(lstm_eight_products());
  const ir::RegionId body = body_of(graph);
  EXPECT_EQ(count_kind(graph, graph.main(), ir::OpKind::k_matmul), 1u);
  EXPECT_EQ(count_kind(graph, body, ir::OpKind::k_matmul), 1u);
  EXPECT_EQ(count_kind(graph, body, ir::OpKind::k_slice), 4u);
  EXPECT_EQ(LoopParts(graph, loops_inner_first(graph)[0]).iterated_count(), 1u);
  // The sum with the batched input product, then sigmoid x3, tanh x2, mul x3, add.
  EXPECT_EQ(count_kind(graph, body, ir::OpKind::k_pointwise), 10u);
}

TEST(Cells, SymbolicShapesOptimiseAlike) {
  EXPECT_EQ(products(lstm_dynamic()).outside, 1u);
  EXPECT_EQ(products(lstm_dynamic()).inside, 1u);
}

TEST(Cells, ConcatenatedProductIsSplitAndBatched) {
  EXPECT_EQ(products(lstm_concatenated()).outside, 1u);
  EXPECT_EQ(products(lstm_concatenated()).inside, 1u);
}

TEST(Cells, GruNeedsTwoProductsInsideOnlyWhenResetComesBefore) {
  EXPECT_EQ(products(gru_reset_before()).inside, 2u);
  EXPECT_EQ(products(gru_reset_after()).inside, 1u);
  EXPECT_EQ(products(gru_reset_before()).outside, 1u);
}

TEST(Cells, LargeBatchKeepsInputProductsInside) {
  EXPECT_EQ(products(lstm_large_batch()).outside, 0u);
  EXPECT_EQ(products(lstm_large_batch()).inside, 2u);
  PassOptions small_cache;
  small_cache.target.l2_bytes = 64;
  EXPECT_EQ(products(lstm_large_batch(), small_cache).outside, 1u);
}

TEST(Cells, DirectionsShareTheInputProductAndOneGroup) {
  ir::Graph graph = optimised(lstm_bidirectional());
  EXPECT_EQ(count_kind(graph, graph.main(), ir::OpKind::k_matmul), 1u);
  const auto loops = loops_inner_first(graph);
  ASSERT_EQ(loops.size(), 2u);
  EXPECT_EQ(graph.op(loops[0]).attrs.integer("group"), graph.op(loops[1]).attrs.integer("group"));
}

TEST(Cells, CounterGatherBecomesIteratorAndReadoutSinks) {
  ir::Graph graph = optimised(rnn_with_readout());
  LoopParts loop(graph, loops_inner_first(graph)[0]);
  EXPECT_EQ(loop.carried_count(), 1u);
  EXPECT_EQ(count_kind(graph, loop.body(), ir::OpKind::k_gather), 0u);
  EXPECT_EQ(count_kind(graph, loop.body(), ir::OpKind::k_matmul), 1u);
  EXPECT_EQ(count_kind(graph, graph.main(), ir::OpKind::k_matmul), 2u);
}

TEST(Cells, LargeTransposedWeightsAreJoinedOrStayViews) {
  constexpr int64_t width = 130;  // 66 KB per matrix: fold_constants leaves the transposes
  Net net;
  const ir::ValueId x = net.input("x", {3, 1, width}), h0 = net.filled({1, width}, 0), count = net.i32(3);
  const ir::ValueId w = net.weights({width, width}), r = net.weights({width, width}), s = net.weights({width, width});
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ir::ValueId u = net.matrix_multiply(loop.slices[0], 0, w, 1), v = net.matrix_multiply(loop.carried[0], 0, r, 1);
  const ir::ValueId gate = net.sigmoid(net.matrix_multiply(loop.carried[0], 0, s, 1));
  const ir::ValueId h = net.mul(net.tanh(net.add(u, v)), gate);
  net.output(net.close(loop, {h}, {})[0], "y");
  const std::vector<ops::Tensor> inputs{example_input({3, 1, width}, 1)};
  EXPECT_EQ(check_all_pipelines(net.graph, inputs), "");
  run_pipeline(net.graph, {});
  EXPECT_EQ(count_kind(net.graph, net.graph.main(), ir::OpKind::k_transpose), 1u);  // of w, which has no sibling
  EXPECT_EQ(count_kind(net.graph, body_of(net.graph), ir::OpKind::k_matmul), 1u);
}

TEST(Pipeline, ReportsEveryPassAndCallsTheObserver) {
  const Cell cell = relu_rnn_3d();
  ir::Graph graph = cell.graph;
  PassOptions options;
  std::vector<std::string> seen;
  options.observer = [&](const char* pass, bool before, const ir::Graph&) {
    seen.push_back((before ? "<" : ">") + std::string(pass));
  };
  options.disabled = {"merge_siblings", "expand_structured"};
  const std::vector<PassTiming> timings = run_pipeline(graph, options);
  EXPECT_EQ(timings.size(), pipeline().size() - 1);
  EXPECT_EQ(timings[0].name, "expand_structured");
  EXPECT_TRUE(timings[0].changed);
  EXPECT_EQ(seen.size(), 2 * timings.size());
  EXPECT_EQ(seen[1], ">expand_structured");
}

}  // namespace
}  // namespace rondo::passes
