#include <gtest/gtest.h>

#include <cmath>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Ints = std::vector<int64_t>;

ir::Attrs attributes(int64_t axes, int64_t groups = 1, double epsilon = 0, bool v2 = false) {
  return {{"axes", axes}, {"groups", groups}, {"epsilon", epsilon}, {"v2", int64_t{v2}}};
}

void expect_normalized(const ir::Attrs& attrs, const Tensor& x, const Tensor& scale, const Tensor& bias,
                       const Ints& declared, const std::vector<double>& y) {
  TestGraph g;
  const auto in = g.input("x", x.dtype, declared);
  const auto s = g.input("s", scale.dtype, scale.dims), b = g.input("b", bias.dtype, bias.dims);
  g.output(g.add(ir::OpKind::k_normalization, attrs, {in, s, b}));
  expect_output(g, {x, scale, bias}, tensor(x.dtype, x.dims, y), 1e-6);
}

TEST(Normalization, LayerOverTheLastDimension) {
  const Tensor x = f32({2, 4}, {1, 3, 1, 3, 0, 8, 8, 0});
  for (const Ints& declared : {Ints{2, 4}, Ints{-1, 4}, Ints{-1, -1}}) {
    expect_normalized(attributes(2), x, f32({1, 4}, {1, 1, 2, 2}), f32({1, 4}, {0, 1, 0, 1}), declared,
                      {-1, 2, -2, 3, -1, 2, 2, -1});
  }
}

TEST(Normalization, InstanceAndBatch) {
  const Tensor x = f32({2, 2, 2}, {1, 3, 5, 5, 7, 5, 9, 1});
  expect_normalized(attributes(4, 1, 1e-9), x, f32({1, 2, 1}, {1, 2}), f32({1, 2, 1}, {0, 10}), {2, 2, 2},
                    {-1, 1, 10, 10, 1, -1, 12, 8});
  const double d = 1 / std::sqrt(5.0), e = 1 / std::sqrt(8.0);  // channels {1 3 7 5} and {5 5 9 1}
  expect_normalized(attributes(5), x, f32({1, 2, 1}, {1, 1}), f32({1, 1, 1}, {0}), {2, 2, 2},
                    {-3 * d, -1 * d, 0, 0, 3 * d, 1 * d, 4 * e, -4 * e});
}

TEST(Normalization, GroupsInBothGenerations) {
  const Tensor x = f32({1, 4, 2}, {1, 3, 3, 1, 0, 4, 4, 0});
  expect_normalized(attributes(4, 2), x, f32({1, 2, 1}, {1, 2}), f32({1, 2, 1}, {0, 1}), {1, 4, 2},
                    {-1, 1, 1, -1, -1, 3, 3, -1});
  expect_normalized(attributes(4, 2, 0, true), x, f32({1, 4, 1}, {1, 2, 3, 4}), f32({1, 4, 1}, {0, 0, 0, 1}),
                    {-1, -1, -1}, {-1, 1, 2, -2, -3, 3, 5, -3});
}

TEST(Normalization, AHugeMeanDoesNotCancelTheVariance) {
  TestGraph g;
  const Tensor x = f32({1, 2}, {16777214, 16777216}), one = f32({1, 1}, {1}), zero = f32({1, 1}, {0});
  const auto in = g.input("x", DType::kFloat32, {1, 2}), s = g.input("s", DType::kFloat32, {1, 1}),
             b = g.input("b", DType::kFloat32, {1, 1});
  g.output(g.add(ir::OpKind::k_normalization, attributes(2), {in, s, b}));
  expand_all(g.graph);
  InterpreterOptions rounded;
  rounded.round_to_dtype = true;
  expect_near(interpret(g.graph, {x, one, zero}, rounded)[0], f32({1, 2}, {-1, 1}), 1e-6);
}

TEST(Normalization, NothingToNormalize) {
  expect_normalized(attributes(2), f32({0, 3}, {}), f32({1, 3}, {1, 1, 1}), f32({1, 3}, {0, 0, 0}), {-1, 3}, {});
  expect_normalized(attributes(2), f32({2, 0}, {}), f32({1, 1}, {1}), f32({1, 1}, {0}), {2, -1}, {});
}

TEST(Normalization, StorageIsHalfButStatisticsAreNot) {
  const Tensor x = tensor(DType::kFloat16, {1, 4}, {1000, 1002, 1000, 1002});
  expect_normalized(attributes(2), x, f32({1, 1}, {1}), f32({1, 1}, {0}), {1, 4}, {-1, 1, -1, 1});
}

}  // namespace
}  // namespace rondo::ops
