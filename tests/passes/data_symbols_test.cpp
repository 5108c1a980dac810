// What passes may do around extents that are read from data.
#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "ops/op_def.h"
#include "passes/eliminate_dead.h"
#include "passes/hoist_invariants.h"
#include "passes/normalise.h"

namespace rondo::passes {
namespace {

ir::Graph graph_of(const std::string& text) {
  ir::Graph graph = ir::parse_graph(text);
  ops::infer_graph(graph);
  return graph;
}

size_t count(const ir::Graph& graph, ir::OpKind kind, ir::RegionId region) {
  size_t found = 0;
  for (const ir::OpId op : graph.region(region).ops) found += graph.op(op).kind == kind;
  return found;
}

const std::string kTwoReads = R"(symbol a data 0 [0, 2, 8]
symbol b data 0 [0, 2, 6]
%0 = input {index = 0} "x" : f32[8]
%1 = input {index = 1} "n" : i64[1]
%2 = read_values(%1) {values = dims[a]} "first" : i64[1]
%3 = read_values(%1) {values = dims[b]} "second" : i64[1]
%4 = slice(%0) {size = dims[a], start = dims[0], stride = [1]} : f32[a]
%5 = slice(%0) {size = dims[b], start = dims[0], stride = [1]} : f32[b]
%6 = pointwise(%4) {fn = "tanh"} : f32[a]
%7 = pointwise(%5) {fn = "tanh"} : f32[b]
)";

TEST(DataSymbolPasses, ReadsOfOneTensorBecomeOne) {
  ir::Graph graph = graph_of(kTwoReads + "output \"y\" %6\noutput \"z\" %7\n");
  normalise(graph, {});
  ir::verify_structure(graph, "normalise");
  EXPECT_EQ(count(graph, ir::OpKind::k_read_values, graph.main()), 1u) << ir::to_string(graph);
  EXPECT_EQ(count(graph, ir::OpKind::k_pointwise, graph.main()), 1u) << ir::to_string(graph);
  EXPECT_EQ(graph.dims().symbol_range(0).max, 6) << "what both accept";
}

TEST(DataSymbolPasses, AReadLivesAsLongAsItsSymbol) {
  ir::Graph graph = graph_of(kTwoReads + "output \"y\" %6\n");
  eliminate_dead(graph, {});
  ir::verify_structure(graph, "eliminate_dead");
  EXPECT_EQ(count(graph, ir::OpKind::k_read_values, graph.main()), 1u);
  EXPECT_EQ(count(graph, ir::OpKind::k_slice, graph.main()), 1u);
}

TEST(DataSymbolPasses, WhatMentionsASymbolOfTheBodyStaysInTheBody) {
  ir::Graph graph = graph_of(R"(symbol d data 0 [0, 2, 4]
%0 = input {index = 0} "x" : f32[4]
%1 = input {index = 1} "n" : i64[3]
%2 = constant {data = hex:03000000, dims = []} : i32[]
%3 = loop(%2, %1, %2) {carried = 0, count = 1, iter_axes = [0], iter_reverse = [0], out_axes = [0], out_reverse = [0], while = 0} "loop" : f32[3] {
  (%4: i64[], %5: i64[])
  %6 = read_values(%5) {values = dims[d]} "read" : i64[]
  %7 = pointwise(%0) {fn = "tanh"} : f32[4]
  %8 = slice(%7) {size = dims[d], start = dims[0], stride = [1]} : f32[d]
  %9 = reduce(%8) {axes = 1, keep = 0, op = 0} : f32[]
  yield %9
}
output "y" %3
)");
  hoist_invariants(graph, {});
  ir::verify_structure(graph, "hoist_invariants");
  EXPECT_EQ(count(graph, ir::OpKind::k_pointwise, graph.main()), 1u);
  EXPECT_EQ(count(graph, ir::OpKind::k_slice, graph.main()), 0u) << ir::to_string(graph);
  run_pipeline(graph, {});
  EXPECT_EQ(count(graph, ir::OpKind::k_read_values, graph.main()), 0u) << ir::to_string(graph);
}

}  // namespace
}  // namespace rondo::passes
