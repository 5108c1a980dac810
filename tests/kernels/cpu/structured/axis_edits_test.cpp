// zero_tail, reverse_prefix and expr_values against plain loops over [2, 5, 3], on each axis.
#include <gtest/gtest.h>

#include <vector>

#include "kernels/cpu/structured/expr_values.h"
#include "kernels/cpu/structured/reverse_prefix.h"
#include "kernels/cpu/structured/zero_tail.h"

namespace rondo::kernels {
namespace {

constexpr int64_t kDims[] = {2, 5, 3};
constexpr int64_t kStrides[] = {15 * 4, 3 * 4, 4};

std::vector<float> ramp() {
  std::vector<float> y(30);
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i + 1);
  return y;
}

int64_t index_on(int axis, int64_t i) { return axis == 0 ? i / 15 : axis == 1 ? i / 3 % 5 : i % 3; }

TEST(ZeroTail, EqualsPlainLoops) {
  for (int axis = 0; axis < 3; ++axis) {
    for (int64_t begin = 0; begin <= 6; ++begin) {
      auto y = ramp(), wanted = ramp();
      zero_tail(kDims, axis, begin, {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, kStrides});
      for (int64_t i = 0; i < 30; ++i) {
        if (index_on(axis, i) >= begin) wanted[static_cast<size_t>(i)] = 0;
      }
      EXPECT_EQ(y, wanted) << axis << " from " << begin;
    }
  }
}

TEST(ReversePrefix, EqualsPlainLoops) {
  for (int axis = 0; axis < 3; ++axis) {
    for (int64_t length = 0; length <= 7; ++length) {
      auto y = ramp(), wanted = ramp();
      reverse_prefix(kDims, axis, length, {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, kStrides});
      const int64_t n = std::min(length, kDims[axis]);
      for (int64_t i = 0; i < 30; ++i) {
        const int64_t at = index_on(axis, i);
        if (at < n)
          wanted[static_cast<size_t>(i)] = ramp()[static_cast<size_t>(i + (n - 1 - 2 * at) * kStrides[axis] / 4)];
      }
      EXPECT_EQ(y, wanted) << axis << " first " << length;
    }
  }
}

TEST(ExprValues, ConvertsToTheDtype) {
  const std::vector<int64_t> values{3, -1, int64_t{1} << 40};
  std::vector<int64_t> wide(3);
  const int64_t wide_stride[] = {8};
  expr_values(values, {reinterpret_cast<std::byte*>(wide.data()), DType::kInt64, wide_stride});
  EXPECT_EQ(wide, values);
  std::vector<float> floats(6, 9);
  const int64_t spread[] = {8};
  expr_values(values, {reinterpret_cast<std::byte*>(floats.data()), DType::kFloat32, spread});
  EXPECT_EQ(floats, (std::vector<float>{3, 9, -1, 9, 1099511627776.0F, 9}));
}

}  // namespace
}  // namespace rondo::kernels
