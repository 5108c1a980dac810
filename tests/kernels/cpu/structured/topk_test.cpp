#include "kernels/cpu/structured/topk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace rondo::kernels {
namespace {

/// x [3, 7, 2], top-k along axis 1, against a stable sort of each row.
void check(int64_t k, bool largest) {
  constexpr int64_t kA = 3, kN = 7, kB = 2;
  std::vector<float> x;
  for (int i = 0; i < kA * kN * kB; ++i) x.push_back(static_cast<float>((i * 5) % 9));
  x[4] = NAN;
  std::vector<float> values(static_cast<size_t>(kA * k * kB), -1);
  std::vector<int32_t> indices(values.size(), -1);
  TopKShape shape;
  shape.rank = 3;
  shape.dims[0] = kA, shape.dims[1] = kN, shape.dims[2] = kB;
  shape.axis = 1;
  shape.k = k;
  shape.largest = largest;
  const int64_t xs[] = {kN * kB * 4, kB * 4, 4}, ys[] = {k * kB * 4, kB * 4, 4};
  std::vector<std::byte> scratch(topk_scratch_bytes(shape, DType::kFloat32));
  const Strided from{reinterpret_cast<std::byte*>(x.data()), DType::kFloat32, xs};
  for (int64_t r = 0; r < topk_rows(shape); ++r) {
    topk(shape, from, {reinterpret_cast<std::byte*>(values.data()), DType::kFloat32, ys},
         {reinterpret_cast<std::byte*>(indices.data()), DType::kInt32, ys}, r, r + 1, scratch.data());
  }
  for (int64_t a = 0; a < kA; ++a) {
    for (int64_t b = 0; b < kB; ++b) {
      const auto at = [&](int64_t i) { return x[static_cast<size_t>((a * kN + i) * kB + b)]; };
      std::vector<int64_t> order(kN);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
        if (std::isnan(at(i)) || std::isnan(at(j))) return !std::isnan(at(i)) && std::isnan(at(j));
        return largest ? at(i) > at(j) : at(i) < at(j);
      });
      for (int64_t i = 0; i < k; ++i) {
        const auto out = static_cast<size_t>((a * k + i) * kB + b);
        EXPECT_EQ(indices[out], order[static_cast<size_t>(i)]);
        const float wanted = at(order[static_cast<size_t>(i)]);
        EXPECT_TRUE(values[out] == wanted || (std::isnan(values[out]) && std::isnan(wanted)));
      }
    }
  }
}

/// One long row of few different values, so that many are equal, against a stable sort.
template <class T>
void check_row(DType dtype, int64_t n, int64_t k, bool largest) {
  std::vector<T> x;
  uint32_t state = 1;
  for (int64_t i = 0; i < n; ++i) {
    state = state * 1664525 + 1013904223;
    x.push_back(static_cast<T>(static_cast<int32_t>(state >> 16) % 1999 - 999));
  }
  std::vector<T> values(static_cast<size_t>(k));
  std::vector<int64_t> indices(values.size()), order(static_cast<size_t>(n));
  TopKShape shape;
  shape.rank = 1;
  shape.dims[0] = n;
  shape.k = k;
  shape.largest = largest;
  const int64_t xs[] = {sizeof(T)}, is[] = {8};
  std::vector<uint64_t> scratch(topk_scratch_bytes(shape, dtype) / 8);
  topk(shape, {reinterpret_cast<std::byte*>(x.data()), dtype, xs},
       {reinterpret_cast<std::byte*>(values.data()), dtype, xs},
       {reinterpret_cast<std::byte*>(indices.data()), DType::kInt64, is}, 0, 1,
       reinterpret_cast<std::byte*>(scratch.data()));
  std::iota(order.begin(), order.end(), 0);
  const auto at = [&](int64_t i) { return x[static_cast<size_t>(i)]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return largest ? at(i) > at(j) : at(i) < at(j); });
  order.resize(values.size());
  EXPECT_EQ(indices, order) << n << " " << k << " " << dtype_name(dtype);
}

TEST(TopK, LongRowsOfEveryType) {
  for (const bool largest : {true, false}) {
    for (const auto& [n, k] :
         {std::pair<int64_t, int64_t>{5000, 1}, {5000, 7}, {300, 299}, {9000, 3840}, {4096, 4096}}) {
      check_row<float>(DType::kFloat32, n, k, largest);
      check_row<int8_t>(DType::kInt8, n, k, largest);
      check_row<uint8_t>(DType::kUint8, n, k, largest);
      check_row<int32_t>(DType::kInt32, n, k, largest);
      check_row<int64_t>(DType::kInt64, n, k, largest);
    }
  }
}

/// Values of one row, given as bits, in the order of the largest first.
void check_half(DType dtype, const std::vector<uint16_t>& x, const std::vector<int32_t>& expected) {
  const auto n = static_cast<int64_t>(x.size());
  for (const bool largest : {true, false}) {
    std::vector<uint16_t> from = x, values(x.size());
    std::vector<int32_t> indices(x.size());
    TopKShape shape;
    shape.rank = 1;
    shape.dims[0] = shape.k = n;
    shape.largest = largest;
    const int64_t xs[] = {2}, is[] = {4};
    std::vector<uint64_t> scratch(topk_scratch_bytes(shape, dtype) / 8);
    topk(shape, {reinterpret_cast<std::byte*>(from.data()), dtype, xs},
         {reinterpret_cast<std::byte*>(values.data()), dtype, xs},
         {reinterpret_cast<std::byte*>(indices.data()), DType::kInt32, is}, 0, 1,
         reinterpret_cast<std::byte*>(scratch.data()));
    if (largest) {
      EXPECT_EQ(indices, expected);
    }
    EXPECT_EQ(indices.back(), expected.back());  // NaN is last in both orders
  }
}

TEST(TopK, HalvesWithZerosInfinitiesAndNaN) {
  // NaN, 1, -inf, -0, +0, inf, -1
  check_half(DType::kFloat16, {0x7e00, 0x3c00, 0xfc00, 0x8000, 0x0000, 0x7c00, 0xbc00}, {5, 1, 3, 4, 6, 2, 0});
  check_half(DType::kBFloat16, {0x7fc0, 0x3f80, 0xff80, 0x8000, 0x0000, 0x7f80, 0xbf80}, {5, 1, 3, 4, 6, 2, 0});
}

TEST(TopK, EqualsAStableSort) {
  for (const int64_t k : {1, 3, 7}) {
    check(k, true);
    check(k, false);
  }
}

}  // namespace
}  // namespace rondo::kernels
