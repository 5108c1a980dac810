#include <gtest/gtest.h>

#include "ops/test_graph.h"

// Recurrent networks written by hand, as users write them: API-level ops inside a loop. S = 4 steps, E = 7, H = 5, all
// ones.

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;

constexpr int64_t kSum = 0, kProd = 1, kRelu = 0, kSigmoid = 1, kTanh = 2, kTranspose = 1;

struct Cell {
  TestGraph& g;
  ir::RegionId region;

  ValueId join(int64_t op, ValueId a, ValueId b) {
    return g.add_in(region, OpKind::k_elementwise, {{"op", op}}, {a, b});
  }
  ValueId act(int64_t type, ValueId v) {
    return g.add_in(region, OpKind::k_activation, {{"type", type}, {"alpha", 0.0}, {"beta", 0.0}}, {v});
  }
  ValueId times(ValueId v, ValueId w) {
    return g.add_in(region, OpKind::k_matrix_multiply, {{"op0", int64_t{0}}, {"op1", kTranspose}}, {v, w});
  }
  ValueId gate(ValueId x, ValueId w, ValueId h, ValueId r, ValueId b) {
    return join(kSum, join(kSum, times(x, w), times(h, r)), b);
  }
};

Tensor ones(std::vector<int64_t> dims) {
  Tensor x = f32(std::move(dims), {});
  x.data.assign(static_cast<size_t>(x.volume()), 1.0);
  return x;
}

void expect_steps(const Tensor& y, const std::vector<double>& steps) {
  ASSERT_EQ(y.dims, (std::vector<int64_t>{3, 4, 5}));
  for (size_t i = 0; i < y.data.size(); ++i) EXPECT_NEAR(y.data[i], steps[i / 5 % 4], 5e-9);
}

TEST(SeedNetworks, ReluRnnWithDynamicShapes) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, -1, 7}), h0 = g.input("h0", DType::kFloat32, {-1, 5});
  const ValueId w = g.filled({5, 7}, 1), r = g.filled({5, 5}, 1), b = g.filled({1, 5}, 0);
  const ValueId shape = g.add(OpKind::k_shape, {{"to", int64_t{3}}}, {x});
  const ir::Attrs element{{"mode", int64_t{0}}, {"axis", int64_t{0}}, {"elementwise_dims", int64_t{0}}};
  const ValueId steps = g.add(OpKind::k_gather, element, {shape, g.constant(DType::kInt32, {}, {1})});
  const auto body = g.loop({.count = steps,
                            .initial = {h0},
                            .iterated = {x},
                            .lengths = {steps},
                            .iter_axes = {1},
                            .iter_reverse = {0},
                            .out_axes = {1},
                            .out_reverse = {0}});
  Cell cell{g, body.region};
  const ValueId h = cell.act(kRelu, cell.gate(body.args[2], w, body.args[1], r, b));
  const auto results = g.finish(body, {h, h});
  EXPECT_EQ(g.type_text(results[1]), "f32[x.0, x.1, 5]");
  for (ValueId v : results) g.output(v);
  for (const auto& out : {g.run({ones({3, 4, 7}), ones({3, 5})}), g.run_expanded({ones({3, 4, 7}), ones({3, 5})})}) {
    expect_steps(out[1], {12, 67, 342, 1717});
    expect_near(out[0], f32({3, 5}, std::vector<double>(15, 1717)));
  }
}

TEST(SeedNetworks, Lstm) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {3, 4, 7}), h0 = g.filled({3, 5}, 1), c0 = g.filled({3, 5}, 0);
  const ValueId w = g.filled({5, 7}, 1), r = g.filled({5, 5}, 1), b = g.filled({1, 5}, 0), steps = g.count(4);
  const auto body = g.loop({.count = steps,
                            .initial = {h0, c0},
                            .iterated = {x},
                            .lengths = {steps},
                            .iter_axes = {1},
                            .iter_reverse = {0},
                            .out_axes = {1},
                            .out_reverse = {0}});
  Cell cell{g, body.region};
  const auto gate = [&](int64_t type) { return cell.act(type, cell.gate(body.args[3], w, body.args[1], r, b)); };
  const ValueId f = gate(kSigmoid), i = gate(kSigmoid), o = gate(kSigmoid), candidate = gate(kTanh);
  const ValueId c = cell.join(kSum, cell.join(kProd, f, body.args[2]), cell.join(kProd, i, candidate));
  const ValueId h = cell.join(kProd, o, cell.act(kTanh, c));
  for (ValueId v : g.finish(body, {h, c, h})) g.output(v);
  for (const auto& out : {g.run({ones({3, 4, 7})}), g.run_expanded({ones({3, 4, 7})})}) {
    expect_steps(out[2], {0.76158690, 0.96400478, 0.99504676, 0.99932288});
    for (double v : out[1].data) EXPECT_NEAR(v, 3.99990612, 5e-9);
  }
}

}  // namespace
}  // namespace rondo::ops
