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
  std::vector<std::byte> scratch(topk_scratch_bytes(shape));
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

TEST(TopK, EqualsAStableSort) {
  for (const int64_t k : {1, 3, 7}) {
    check(k, true);
    check(k, false);
  }
}

}  // namespace
}  // namespace rondo::kernels
