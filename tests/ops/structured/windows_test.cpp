#include <gtest/gtest.h>

#include <cmath>

#include "ops/test_graph.h"

// convolution, deconvolution, pooling, padding, lrn

namespace rondo::ops {
namespace {

using ir::OpKind;
using Ints = std::vector<int64_t>;

/// x[i] = 1, 2, 3 ..
std::vector<double> counting(int64_t n) {
  std::vector<double> values;
  for (int64_t i = 1; i <= n; ++i) values.push_back(static_cast<double>(i));
  return values;
}

struct Axis {
  int64_t window = 1, stride = 1, pre = 0, post = 0, mode = 0, dilation = 1;
};

/// Windows of one row along the last of two axes.
ir::Attrs along_rows(const Axis& a) {
  return {{"kernel", Ints{1, a.window}},
          {"strides", Ints{1, a.stride}},
          {"pre", Ints{0, a.pre}},
          {"post", Ints{0, a.post}},
          {"mode", a.mode}};
}

ir::Attrs convolving(const Axis& a, int64_t outputs = 1, int64_t groups = 1) {
  return along_rows(a).set("dilations", Ints{1, a.dilation}).set("outputs", outputs).set("groups", groups);
}

ir::Attrs pooled(const Axis& a, int64_t type, bool exclude = true, double blend = 0) {
  return along_rows(a).set("type", type).set("exclude_padding", int64_t{exclude}).set("blend", blend);
}

enum Mode : int64_t { kDown, kUp, kSameUpper, kSameLower, kCaffeDown, kCaffeUp };

struct Extent {
  Axis axis;
  int64_t input, convolution, deconvolution, pooling;
};

TEST(Windows, ExtentsOfEveryMode) {
  const Extent cases[] = {
      {{3, 2, 0, 0, kDown}, 7, 3, 15, 3},      {{3, 2, 0, 0, kUp}, 8, 4, 17, 4},
      {{3, 2, 1, 1, kDown}, 6, 3, 11, 3},      {{3, 2, 1, 1, kUp}, 6, 4, 11, 4},
      {{3, 2, 1, 0, kDown}, 6, 3, 12, 3},      {{3, 2, 5, 5, kSameUpper}, 7, 4, 14, 4},
      {{3, 2, 0, 0, kSameLower}, 8, 4, 16, 4}, {{2, 3, 0, 0, kSameUpper}, 7, 3, 20, 3},
      {{3, 2, 3, 2, kDown}, 6, 5, 8, 5},       {{3, 2, 3, 2, kCaffeDown}, 6, 5, 8, 5},
      {{3, 2, 3, 2, kUp}, 6, 5, 8, 5},         {{2, 2, 1, 1, kCaffeUp}, 3, 3, 4, 2},
      {{2, 2, 1, 1, kUp}, 3, 3, 4, 3},         {{1, 2, 0, 0, kSameUpper}, 5, 3, 9, 3},
  };
  for (const Extent& c : cases) {
    TestGraph g;
    const auto x = g.input("x", DType::kFloat32, {1, 1, 1, c.input});
    const auto w = g.filled({c.axis.window}, 1);
    const auto extent = [&](ir::ValueId y) { return g.graph.dims().value(g.graph.type(y).dims[3]); };
    SCOPED_TRACE(testing::Message() << "window " << c.axis.window << ", mode " << c.axis.mode << ", input " << c.input);
    EXPECT_EQ(extent(g.add(OpKind::k_convolution, convolving(c.axis), {x, w})), c.convolution);
    EXPECT_EQ(extent(g.add(OpKind::k_deconvolution, convolving(c.axis), {x, w})), c.deconvolution);
    EXPECT_EQ(extent(g.add(OpKind::k_pooling, pooled(c.axis, 0), {x})), c.pooling);
  }
}

TEST(Windows, SymbolicExtents) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {-1, 1, 1, -1});
  const auto w = g.filled({3}, 1);
  const auto type = [&](Axis a) { return g.type_text(g.add(OpKind::k_convolution, convolving(a), {x, w})); };
  EXPECT_EQ(type({3, 1, 1, 1}), "f32[x.0, 1, 1, x.3]");  // a residual sum needs no check
  EXPECT_EQ(type({3, 1, 0, 0, kSameUpper}), "f32[x.0, 1, 1, x.3]");
  EXPECT_EQ(type({3, 2, 1, 1}), "f32[x.0, 1, 1, floordiv(x.3 + 1, 2)]");
  EXPECT_EQ(type({3, 2, 0, 0, kSameLower}), "f32[x.0, 1, 1, floordiv(x.3 + 1, 2)]");
  EXPECT_EQ(g.type_text(g.add(OpKind::k_deconvolution, convolving({3, 2, 0, 0, kSameUpper}), {x, w})),
            "f32[x.0, 1, 1, 2*x.3]");
}

TEST(Convolution, TapsAndPadding) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 1, 5});
  const auto w = g.constant(DType::kFloat32, {3}, {1, 10, 100});
  const auto b = g.constant(DType::kFloat32, {1}, {0.5});
  g.output(g.add(OpKind::k_convolution, convolving({3, 2, 1, 1}), {x, w, b}));
  expect_output(g, {f32({1, 1, 1, 5}, counting(5))}, f32({1, 1, 1, 3}, {210.5, 432.5, 54.5}));
}

TEST(Convolution, GroupsSeeTheirChannelsOnly) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 4, 1, -1});
  const auto w = g.constant(DType::kFloat32, {2, 2, 1, 1}, {1, 10, 100, 1000});
  g.output(g.add(OpKind::k_convolution, convolving({}, 2, 2), {x, w}));
  expect_output(g, {f32({1, 4, 1, 2}, counting(8))}, f32({1, 2, 1, 2}, {31, 42, 7500, 8600}));
}

TEST(Convolution, KernelsFromTensorsAndDilation) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 1, 6});
  const auto w = g.input("w", DType::kFloat32, {1, 1, 1, 2});
  g.output(g.add(OpKind::k_convolution, convolving({2, 1, 0, 1, kDown, 3}), {x, w}));
  expect_output(g, {f32({1, 1, 1, 6}, counting(6)), f32({1, 1, 1, 2}, {1, 10})}, f32({1, 1, 1, 4}, {41, 52, 63, 4}));
}

TEST(Convolution, ThreeDimensions) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 2, 2, 2});
  const Ints ones(3, 1), zero(3, 0);
  g.output(g.add(OpKind::k_convolution,
                 {{"kernel", Ints{2, 2, 2}},
                  {"strides", ones},
                  {"dilations", ones},
                  {"pre", zero},
                  {"post", Ints{0, 0, 1}},
                  {"mode", int64_t{0}},
                  {"outputs", int64_t{1}},
                  {"groups", int64_t{1}}},
                 {x, g.filled({8}, 1)}));
  expect_output(g, {f32({1, 1, 2, 2, 2}, counting(8))}, f32({1, 1, 1, 1, 2}, {36, 20}));
}

TEST(Convolution, NoElements) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {-1, 1, 1, -1});
  g.output(g.add(OpKind::k_convolution, convolving({3}), {x, g.filled({3}, 1)}));
  expect_output(g, {f32({0, 1, 1, 4}, {})}, f32({0, 1, 1, 2}, {}));
  expect_output(g, {f32({1, 1, 1, 0}, {})}, f32({1, 1, 1, 0}, {}));
  expect_output(g, {f32({1, 1, 1, 2}, {1, 2})}, f32({1, 1, 1, 0}, {}));
}

TEST(Deconvolution, AddsKernels) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 1, 2});
  const auto w = g.constant(DType::kFloat32, {3}, {1, 10, 100});
  g.output(g.add(OpKind::k_deconvolution, convolving({3, 2}), {x, w}));
  expect_output(g, {f32({1, 1, 1, 2}, {1, 2})}, f32({1, 1, 1, 5}, {1, 10, 102, 20, 200}));
}

TEST(Deconvolution, GroupsPaddingAndBias) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 2, 1, 2});
  const auto w = g.constant(DType::kFloat32, {2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const auto b = g.constant(DType::kFloat32, {4}, {10, 20, 30, 40});
  g.output(g.add(OpKind::k_deconvolution, convolving({2, 1, 1, 0}, 4, 2), {x, w, b}));
  // Group 0: 1, 2 over kernels 1 2 and 3 4; group 1: 10, 100 over 5 6 and 7 8. The first of three results is cut off.
  expect_output(g, {f32({1, 2, 1, 2}, {1, 2, 10, 100})}, f32({1, 4, 1, 2}, {14, 14, 30, 28, 590, 630, 820, 840}));
}

TEST(Pooling, CountsOfTheAverage) {
  const auto average = [](Axis axis, bool exclude, Ints extents, const std::vector<double>& wanted) {
    for (const int64_t declared : {extents[3], int64_t{-1}}) {
      TestGraph g;
      const auto x = g.input("x", DType::kFloat32, {1, 1, 1, declared});
      g.output(g.add(OpKind::k_pooling, pooled(axis, 1, exclude), {x}));
      expect_output(g, {f32(extents, counting(extents[3]))},
                    f32({1, 1, 1, static_cast<int64_t>(wanted.size())}, wanted));
    }
  };
  average({3, 2}, true, {1, 1, 1, 5}, {2, 4});
  average({3, 2, 1, 1}, true, {1, 1, 1, 5}, {1.5, 3, 4.5});
  average({3, 2, 1, 1}, false, {1, 1, 1, 5}, {1, 3, 3});
  average({3, 3, 0, 0, kUp}, true, {1, 1, 1, 4}, {2, 4});
  average({3, 3, 0, 0, kUp}, false, {1, 1, 1, 4}, {2, 4. / 3});
  average({1, 1, 1, 0}, true, {1, 1, 1, 2}, {0, 1, 2});  // a window in padding only
}

TEST(Pooling, MaximumAndBlend) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 1, 4});
  g.output(g.add(OpKind::k_pooling, pooled({2, 2}, 2, true, 0.25), {x}));
  expect_output(g, {f32({1, 1, 1, 4}, {-1, -3, 5, 7})}, f32({1, 1, 1, 2}, {-1.25, 6.75}));

  TestGraph max;
  const auto y = max.input("x", DType::kFloat32, {1, 1, 1, 2});
  max.output(max.add(OpKind::k_pooling, pooled({1, 1, 1, 0}, 0), {y}));
  expect_output(max, {f32({1, 1, 1, 2}, {-5, -6})}, f32({1, 1, 1, 3}, {-INFINITY, -5, -6}));

  TestGraph bytes;
  const auto b = bytes.input("x", DType::kInt8, {1, 1, 1, 3});
  bytes.output(bytes.add(OpKind::k_pooling, pooled({2, 1, 0, 1}, 0), {b}));
  expect_output(bytes, {tensor(DType::kInt8, {1, 1, 1, 3}, {-7, -9, -100})},
                tensor(DType::kInt8, {1, 1, 1, 3}, {-7, -9, -100}));
}

TEST(Padding, AddsAndCuts) {
  TestGraph g;
  const auto x = g.input("x", DType::kInt32, {-1, 2, -1});
  g.output(g.add(OpKind::k_padding, {{"pre", Ints{1, -1}}, {"post", Ints{-1, 2}}}, {x}));
  EXPECT_EQ(g.type_text(g.graph.region(g.graph.main()).results[0]), "i32[x.0, 2, x.2 + 1]");
  expect_output(g, {tensor(DType::kInt32, {1, 2, 3}, counting(6))},
                tensor(DType::kInt32, {1, 2, 4}, {0, 0, 0, 0, 2, 3, 0, 0}));
}

TEST(LocalResponse, WindowOverChannels) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 3, 1, 1});
  g.output(g.add(OpKind::k_lrn, {{"window", int64_t{3}}, {"alpha", 3.0}, {"beta", 0.5}, {"k", 2.0}}, {x}));
  expect_output(g, {f32({1, 3, 1, 1}, {1, 2, 3})},
                f32({1, 3, 1, 1}, {1 / std::sqrt(7), 2 / std::sqrt(16), 3 / std::sqrt(15)}), 1e-7);
}

}  // namespace
}  // namespace rondo::ops
