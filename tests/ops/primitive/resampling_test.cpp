#include <gtest/gtest.h>

#include <cmath>

#include "ops/test_graph.h"

// resize, grid_sample: the examples of the ONNX operators

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

struct ResizeCase {
  int64_t mode = 0, transform = 1, selector = 0, rounding = 2, exclude_outside = 0;
  Ints shape;
  Tensor x;
  double coeff = -0.75;
};

std::vector<double> resized(const ResizeCase& c) {
  TestGraph g;
  ir::Dims shape;
  for (int64_t extent : c.shape) shape.push_back(g.graph.dims().constant(extent));
  const ValueId x = g.input("x", c.x.dtype, c.x.dims);
  g.output(g.add(OpKind::k_resize,
                 {{"shape", shape},
                  {"mode", c.mode},
                  {"transform", c.transform},
                  {"selector", c.selector},
                  {"rounding", c.rounding},
                  {"cubic_coeff", c.coeff},
                  {"exclude_outside", c.exclude_outside}},
                 {x}));
  const Tensor y = g.run({c.x})[0];
  EXPECT_EQ(y.dims, c.shape);
  return y.data;
}

std::vector<double> counted(int64_t from, int64_t count) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>(from + i));
  return values;
}

void expect_close(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance = 1e-6) {
  ASSERT_GE(actual.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], tolerance) << "element " << i;
}

TEST(Resize, LinearUpsampling) {
  const Tensor x = f32({1, 1, 2, 2}, {1, 2, 3, 4});
  expect_close(resized({.mode = 1, .transform = 2, .shape = {1, 1, 4, 4}, .x = x}),
               {1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4});
  expect_close(
      resized({.mode = 1, .transform = 0, .shape = {1, 1, 4, 4}, .x = x}),
      {1, 4.0 / 3, 5.0 / 3, 2, 5.0 / 3, 2, 7.0 / 3, 8.0 / 3, 7.0 / 3, 8.0 / 3, 3, 10.0 / 3, 3, 10.0 / 3, 11.0 / 3, 4});
}

TEST(Resize, LinearDownsampling) {
  const Tensor x = f32({1, 1, 2, 4}, counted(1, 8));
  expect_close(resized({.mode = 1, .transform = 2, .shape = {1, 1, 1, 2}, .x = x}), {3.5, 5.5});
  expect_close(resized({.mode = 1, .transform = 0, .shape = {1, 1, 1, 2}, .x = x}), {1, 4});
}

TEST(Resize, CubicUpsampling) {
  const Tensor x = f32({1, 1, 4, 4}, counted(1, 16));
  expect_close(resized({.mode = 2, .transform = 2, .shape = {1, 1, 8, 8}, .x = x}),
               {0.47265625, 0.76953125, 1.24609375, 1.875, 2.28125, 2.91015625, 3.38671875, 3.68359375});
}

TEST(Resize, CubicLeavesOutWhatIsOutside) {
  // Of the taps around -1/4 the first two lie outside; the others share the weight.
  const double w2 = 0.87890625, w3 = -0.10546875;
  const auto y = resized({.mode = 2, .transform = 2, .exclude_outside = 1, .shape = {8}, .x = f32({4}, {1, 2, 3, 4})});
  EXPECT_NEAR(y[0], (1 * w2 + 2 * w3) / (w2 + w3), 1e-9);
}

TEST(Resize, NearestRoundings) {
  const Tensor x = f32({4}, {0, 1, 2, 3});
  const auto y = [&](int64_t transform, int64_t rounding) {
    return resized({.transform = transform, .rounding = rounding, .shape = {8}, .x = x});
  };
  using Values = std::vector<double>;
  EXPECT_EQ(y(1, 0), (Values{0, 1, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(y(1, 1), (Values{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(y(1, 2), (Values{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(y(1, 3), (Values{0, 1, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(y(2, 2), (Values{0, 0, 0, 1, 1, 2, 2, 3}));
  EXPECT_EQ(y(2, 3), (Values{0, 1, 1, 2, 2, 3, 3, 3}));
}

TEST(Resize, TheSelectorRulesASinglePixel) {
  const Tensor x = f32({5}, {0, 1, 2, 3, 4});
  EXPECT_EQ(resized({.mode = 1, .transform = 2, .selector = 0, .shape = {1}, .x = x}), std::vector<double>{2});
  EXPECT_EQ(resized({.mode = 1, .transform = 2, .selector = 1, .shape = {1}, .x = x}), std::vector<double>{0});
}

TEST(Resize, EmptyResultsNeedNothing) {
  EXPECT_TRUE(resized({.shape = {0, 3}, .x = f32({0, 4}, {})}).empty());
  EXPECT_TRUE(resized({.shape = {2, 0}, .x = f32({3, 4}, counted(0, 12))}).empty());
}

std::vector<double> sampled(const Tensor& x, const Tensor& grid, int64_t mode, int64_t padding, bool align) {
  TestGraph g;
  const ValueId a = g.input("x", x.dtype, x.dims), b = g.input("grid", grid.dtype, Ints(grid.dims.size(), -1));
  g.output(
      g.add(OpKind::k_grid_sample, {{"mode", mode}, {"padding", padding}, {"align_corners", int64_t{align}}}, {a, b}));
  return g.run({x, grid})[0].data;
}

TEST(GridSample, TheExampleOfOnnx) {
  Tensor grid = f32({1, 6, 6, 2}, {});
  for (double y : {-1.0, -0.6, -0.2, 0.2, 0.6, 1.0}) {
    for (double x : {-1.0, -0.6, -0.2, 0.2, 0.6, 1.0}) grid.data.insert(grid.data.end(), {x, y});
  }
  const Tensor x = f32({1, 1, 4, 4}, counted(0, 16));
  expect_close(sampled(x, grid, 1, 3, false), {0, 0.15, 0.55, 0.95, 1.35, 0.75, 0.6, 1.5, 2.3, 3.1, 3.9, 2.1});
}

TEST(GridSample, Paddings) {
  const Tensor x = f32({1, 1, 2, 3}, counted(0, 6));
  // Far below, a little outside, in the corner, far above.
  const Tensor grid = f32({1, 1, 4, 2}, {-10, -10, 0.5, -1.2, 1, 1, 10, 10});
  expect_close(sampled(x, grid, 1, 2, true), {0, 1.5, 5, 5});
  expect_close(sampled(x, grid, 0, 3, true), {0, 2, 5, 0});
  expect_close(sampled(x, grid, 1, 4, true), {2.5, 1.8, 5, 2.5});
}

TEST(GridSample, NotANumberIsFarBelow) {
  const Tensor x = f32({1, 1, 1, 3}, {1, 2, 3}), grid = f32({1, 1, 1, 2}, {NAN, 0});
  EXPECT_EQ(sampled(x, grid, 0, 3, false), std::vector<double>{0});
  EXPECT_EQ(sampled(x, grid, 0, 2, false), std::vector<double>{1});
}

TEST(GridSample, ThreeSpatialDimensions) {
  const Tensor x = f32({1, 1, 2, 2, 2}, counted(0, 8)), grid = f32({1, 1, 1, 2, 3}, {0, 0, 0, 1, -1, -1});
  expect_close(sampled(x, grid, 1, 2, true), {3.5, 1});
}

}  // namespace
}  // namespace rondo::ops
