#include "ir/graph.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"
#include "ir/verify.h"

namespace rondo::ir {
namespace {

constexpr char kLoop[] = R"(
%x = input {index = 0} "x" : f32[4, 3]
%h0 = constant {data = hex:000000000000000000000000, dims = [3]} : f32[3]
%n = constant {data = hex:04000000, dims = []} : i32[]
%r, %y = loop(%n, %h0, %x, %n) {carried = 1, count = 1, iter_axes = [0], iter_reverse = [0], out_axes = [0], out_reverse = [0], while = 0} "rnn" : f32[3], f32[4, 3] {
  (%t: i64[], %h: f32[3], %xt: f32[3])
  %u = pointwise(%h, %xt) {fn = "add"} : f32[3]
  %v = pointwise(%u) {fn = "tanh"} : f32[3]
  yield %v, %v
}
output "y" %y
)";

OpId find(const Graph& graph, OpKind kind, size_t skip = 0) {
  for (uint32_t i = 0; i < graph.op_count(); ++i) {
    if (graph.op(OpId{i}).parent.valid() && graph.op(OpId{i}).kind == kind && skip-- == 0) return OpId{i};
  }
  return {};
}

TEST(GraphTest, AddsAndInserts) {
  Graph g;
  const OpId a = g.add_op(g.main(), OpKind::k_iota, {}, {}, 1, "a");
  const OpId c = g.add_op(g.main(), OpKind::k_pointwise, {}, {g.op(a).results[0]}, 2, "c");
  const OpId b = g.add_op(g.main(), OpKind::k_iota, {}, {}, 1, "b", c);
  EXPECT_EQ(g.region(g.main()).ops, (std::vector<OpId>{a, b, c}));
  EXPECT_EQ(g.value(g.op(c).results[1]).def_index, 1u);
  EXPECT_EQ(g.use_counts()[g.op(a).results[0].id], 1u);
}

TEST(GraphTest, ReferencesOutliveAdditions) {
  Graph g;
  const OpId first = g.add_op(g.main(), OpKind::k_iota, {}, {}, 1, "first");
  const Op* const op = &g.op(first);
  const Region* const region = &g.region(g.main());
  const TensorType* const type = &g.type(op->results[0]);
  for (int i = 0; i < 2000; ++i) g.add_region(g.add_op(g.main(), OpKind::k_iota, {}, {}, 1, "more"));
  EXPECT_EQ(op, &g.op(first));
  EXPECT_EQ(region, &g.region(g.main()));
  EXPECT_EQ(type, &g.type(g.op(first).results[0]));
}

TEST(GraphTest, ReplacesUsesEverywhere) {
  Graph g = parse_graph(kLoop);
  const OpId tanh = find(g, OpKind::k_pointwise, 1);
  const ValueId from = g.op(tanh).results[0];
  EXPECT_EQ(g.use_counts()[from.id], 2u);
  g.replace_uses(from, g.op(tanh).operands[0]);
  EXPECT_EQ(g.use_counts()[from.id], 0u);
  g.erase_op(tanh);
  verify_structure(g, "erase");
  EXPECT_EQ(to_string(g).find("tanh"), std::string::npos);
}

TEST(GraphTest, ErasesNestedRegions) {
  Graph g = parse_graph(kLoop);
  const OpId loop = find(g, OpKind::k_loop);
  EXPECT_THROW(g.erase_op(loop), InternalError) << "still used by an output";
  g.region(g.main()).results.clear();
  g.output_names().clear();
  g.erase_op(loop);
  EXPECT_FALSE(find(g, OpKind::k_pointwise).valid());
  EXPECT_EQ(g.use_counts()[g.op(find(g, OpKind::k_input)).results[0].id], 0u);
  g.compact();
  EXPECT_EQ(g.op_count(), 3u);
  EXPECT_EQ(g.region_count(), 1u);
  EXPECT_EQ(g.constant_count(), 2u);
  verify_structure(g, "compact");
}

TEST(GraphTest, MovesOpsBetweenRegions) {
  Graph g = parse_graph(kLoop);
  const OpId loop = find(g, OpKind::k_loop);
  const RegionId body = g.op(loop).regions[0];
  const OpId made = g.add_op(body, OpKind::k_iota, {}, {}, 1, "i");
  g.move_op(made, g.main(), loop);
  EXPECT_EQ(g.value(g.op(made).results[0]).region, g.main());
  verify_structure(g, "move");
  EXPECT_TRUE(g.is_inside(body, g.main()));
  EXPECT_TRUE(g.is_inside(body, body));
  EXPECT_FALSE(g.is_inside(g.main(), body));
}

TEST(GraphTest, ConstantsAreShared) {
  Graph g;
  EXPECT_EQ(g.add_constant_data(DType::kFloat32, Bytes{1, 2, 3, 4}), 0u);
  EXPECT_EQ(g.add_constant_data(DType::kInt32, Bytes{1, 2, 3, 4}), 1u);
  EXPECT_EQ(g.add_constant_data(DType::kFloat32, Bytes{1, 2, 3, 4}), 0u);
  EXPECT_EQ(g.add_constant_data(DType::kFloat32, Bytes{}), 2u);
}

TEST(GraphTest, CompactIsDeterministic) {
  Graph a = parse_graph(kLoop);
  Graph b = parse_graph(kLoop);
  const OpId extra = b.add_op(b.main(), OpKind::k_iota, {}, {}, 1, "extra", find(b, OpKind::k_loop));
  b.add_constant_data(DType::kInt8, Bytes{1, 2, 3});
  b.erase_op(extra);
  const OpId moved = find(b, OpKind::k_constant, 1);
  b.move_op(moved, b.main(), find(b, OpKind::k_input));
  a.move_op(find(a, OpKind::k_constant, 1), a.main(), find(a, OpKind::k_input));
  a.compact();
  b.compact();
  EXPECT_EQ(to_string(a), to_string(b));
  EXPECT_EQ(a.value_count(), b.value_count());
  EXPECT_EQ(a.op(OpId{0}).attrs, b.op(OpId{0}).attrs);
}

TEST(GraphTest, OpTable) {
  OpKind kind;
  ASSERT_TRUE(parse_op_kind("rnn_v2", &kind));
  EXPECT_STREQ(op_kind_name(kind), "rnn_v2");
  EXPECT_EQ(op_class(kind), OpClass::kStructured);
  EXPECT_EQ(op_class(OpKind::k_loop), OpClass::kPrimitive);
  EXPECT_FALSE(parse_op_kind("lstm", &kind));
}

}  // namespace
}  // namespace rondo::ir
