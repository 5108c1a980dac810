#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Ints = std::vector<int64_t>;

ir::Attrs attributes(DType to, int64_t axis = -1, Ints block = {}) {
  return {{"axis", axis}, {"block", std::move(block)}, {"to", static_cast<int64_t>(to)}};
}

Tensor i8(Ints dims, std::vector<double> data) { return tensor(DType::kInt8, std::move(dims), std::move(data)); }

void expect_both(ir::OpKind kind, const ir::Attrs& attrs, const Tensor& x, const Tensor& scale, const Tensor& y) {
  TestGraph g;
  const auto in = g.input("x", x.dtype, x.dims), s = g.input("s", scale.dtype, scale.dims);
  g.output(g.add(kind, attrs, {in, s}));
  expect_output(g, {x, scale}, y, 1e-6);
}

TEST(Quantize, RoundsHalvesToEvenAndClamps) {
  const Tensor x = f32({8}, {0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, 0});
  expect_both(ir::OpKind::k_quantize, attributes(DType::kInt8), x, f32({}, {1}),
              i8({8}, {0, 2, 2, 0, -2, 127, -128, 0}));
  expect_both(ir::OpKind::k_quantize, attributes(DType::kInt8), f32({3}, {64, 63.75, -64.5}), f32({1}, {0.5}),
              i8({3}, {127, 127, -128}));
}

TEST(Quantize, ScalePerAxis) {
  expect_both(ir::OpKind::k_quantize, attributes(DType::kInt8, 1), f32({2, 2}, {1, 1, 4, 4}), f32({2}, {1, 0.5}),
              i8({2, 2}, {1, 2, 4, 8}));
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat32, 0), i8({2, 2}, {1, 2, 3, 4}), f32({2}, {1, 10}),
              f32({2, 2}, {1, 2, 30, 40}));
}

TEST(Quantize, ScalePerBlock) {
  const Tensor x = i8({2, 4}, {1, 1, 1, 1, 1, 1, 1, 1});
  const Tensor y = f32({2, 4}, {1, 1, 2, 2, 3, 3, 4, 4}), scale = f32({2, 2}, {1, 2, 3, 4});
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat32), x, scale, y);
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat32, -1, {1, 2}), x, scale, y);
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat32), x, f32({1, 2}, {5, 6}),
              f32({2, 4}, {5, 5, 6, 6, 5, 5, 6, 6}));
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat32), i8({4}, {1, 2, 3, 4}), f32({2}, {1, 10}),
              f32({4}, {1, 2, 30, 40}));
}

TEST(Dequantize, StoresWhatIsAskedFor) {
  expect_both(ir::OpKind::k_dequantize, attributes(DType::kFloat16), i8({2}, {-128, 127}), f32({}, {0.5}),
              tensor(DType::kFloat16, {2}, {-64, 63.5}));
}

TEST(Quantize, AZeroPointOfZeroChangesNothing) {
  for (int64_t count : {int64_t{1}, int64_t{80}}) {  // 80: more than inference can see
    TestGraph g;
    const auto x = g.input("x", DType::kFloat32, {2, count});
    const std::vector<double> ones(static_cast<size_t>(count), 1), none(static_cast<size_t>(count), 0);
    const auto s = g.constant(DType::kFloat32, {count}, ones), z = g.constant(DType::kInt8, {count}, none);
    g.output(g.add(ir::OpKind::k_quantize, attributes(DType::kInt8, 1), {x, s, z}));
    std::vector<double> data(static_cast<size_t>(2 * count), 3);
    expect_output(g, {f32({2, count}, data)}, i8({2, count}, data));
  }
}

}  // namespace
}  // namespace rondo::ops
