#include <gtest/gtest.h>

#include <cmath>

#include "ops/test_graph.h"

// conv, reduce_window

namespace rondo::ops {
namespace {

using ir::OpKind;
using Ints = std::vector<int64_t>;

struct Taps {
  int64_t stride = 1, dilation = 1, input_dilation = 1, pre = 0, post = 0;
};

ir::Attrs conv(TestGraph& g, const Taps& t, int64_t groups = 1) {
  ir::DimPool& dims = g.graph.dims();
  return {{"strides", Ints{t.stride}},
          {"dilations", Ints{t.dilation}},
          {"input_dilations", Ints{t.input_dilation}},
          {"pre", ir::Dims{dims.constant(t.pre)}},
          {"post", ir::Dims{dims.constant(t.post)}},
          {"groups", groups}};
}

void expect_row(const Taps& taps, const std::vector<double>& x, const std::vector<double>& w,
                const std::vector<double>& y) {
  TestGraph g;
  const auto length = [](const std::vector<double>& v) { return static_cast<int64_t>(v.size()); };
  const auto from = g.input("x", DType::kFloat32, {1, 1, -1});
  const auto kernel = g.constant(DType::kFloat32, {1, 1, length(w)}, w);
  g.output(g.add(OpKind::k_conv, conv(g, taps), {from, kernel}));
  expect_output(g, {f32({1, 1, length(x)}, x)}, f32({1, 1, length(y)}, y));
}

TEST(Conv, OneAxis) {
  expect_row({}, {1, 2, 3}, {1, 10}, {21, 32});
  expect_row({.stride = 2, .pre = 1, .post = 1}, {1, 2, 3}, {1, 10, 100}, {210, 32});
  expect_row({.dilation = 2}, {1, 2, 3}, {1, 10}, {31});
  expect_row({.pre = -1}, {1, 2, 3}, {1}, {2, 3});
  expect_row({.post = -1}, {1, 2, 3}, {1}, {1, 2});
  expect_row({.input_dilation = 2, .pre = 1, .post = 1}, {1, 2}, {1, 10}, {10, 1, 20, 2});
  expect_row({}, {1}, {1, 10}, {});
  expect_row({}, {}, {1, 10}, {});
}

TEST(Conv, OneAxisToThreeWithGroupsAndBias) {
  for (size_t axes = 1; axes <= 3; ++axes) {
    TestGraph g;
    Ints x{2, 4}, w{2, 2}, y{2, 2};
    for (size_t i = 0; i < axes; ++i) {
      x.push_back(3);
      w.push_back(2);
      y.push_back(2);
    }
    const Ints ones(axes, 1);
    const ir::Dims none(axes, g.graph.dims().constant(0));
    const auto from = g.input("x", DType::kFloat32, x);
    g.output(g.add(OpKind::k_conv,
                   {{"strides", ones},
                    {"dilations", ones},
                    {"input_dilations", ones},
                    {"pre", none},
                    {"post", none},
                    {"groups", int64_t{2}}},
                   {from, g.filled(w, 1), g.constant(DType::kFloat32, {2}, {100, 200})}));
    Tensor ramp = f32(x, {}), wanted = f32(y, {});
    const double taps = 2 * std::pow(2, static_cast<double>(axes));
    for (int64_t i = 0; i < ramp.volume(); ++i) ramp.data.push_back(1 + static_cast<double>(i * 2 / ramp.volume()));
    for (int64_t i = 0; i < wanted.volume(); ++i) {
      const int64_t plane = i * 4 / wanted.volume();
      wanted.data.push_back((plane % 2 == 0 ? 100 : 200) + taps * static_cast<double>(1 + plane / 2));
    }
    expect_output(g, {ramp}, wanted);
  }
}

ir::Attrs window(TestGraph& g, int64_t op, const Ints& windows, const Ints& strides, const Ints& pre,
                 const Ints& shape) {
  const auto dims = [&](const Ints& values) {
    ir::Dims result;
    for (const int64_t v : values) result.push_back(g.graph.dims().constant(v));
    return result;
  };
  return {{"op", op},         {"window", windows},   {"strides", strides}, {"dilations", Ints(windows.size(), 1)},
          {"pre", dims(pre)}, {"shape", dims(shape)}};
}

TEST(ReduceWindow, FourOperationsAndEmptyWindows) {
  const double wanted[4][2] = {{1, 5}, {1, 6}, {1, 3}, {1, 2}};
  const double empty[4] = {0, 1, -INFINITY, INFINITY};
  for (int64_t op = 0; op < 4; ++op) {
    TestGraph g;
    const auto x = g.input("x", DType::kFloat32, {3});
    g.output(g.add(OpKind::k_reduce_window, window(g, op, {2}, {2}, {1}, {4}), {x}));
    expect_output(g, {f32({3}, {1, 2, 3})}, f32({4}, {wanted[op][0], wanted[op][1], empty[op], empty[op]}));
  }
}

TEST(ReduceWindow, IntegersSaturateAndWrap) {
  TestGraph g;
  const auto x = g.input("x", DType::kInt8, {2});
  g.output(g.add(OpKind::k_reduce_window, window(g, 0, {2}, {1}, {0}, {1}), {x}));
  expect_output(g, {tensor(DType::kInt8, {2}, {100, 100})}, tensor(DType::kInt8, {1}, {127}));

  TestGraph empty;
  const auto y = empty.input("x", DType::kInt32, {1});
  empty.output(empty.add(OpKind::k_reduce_window, window(empty, 2, {1}, {1}, {1}, {2}), {y}));
  expect_output(empty, {tensor(DType::kInt32, {1}, {5})}, tensor(DType::kInt32, {2}, {-2147483648.0, 5}));
}

}  // namespace
}  // namespace rondo::ops
