#include "kernels/cpu/structured/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace rondo::kernels {
namespace {

std::vector<float> numbers(const RandomShape& shape, uint64_t stream, int64_t split = 1000) {
  int64_t strides[kMaxStridedRank], stride = 1;
  for (int i = shape.rank - 1; i >= 0; --i) {
    strides[i] = stride * 4;
    stride *= shape.dims[i];
  }
  std::vector<float> y(static_cast<size_t>(stride));
  const Strided to{reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, strides};
  const int64_t units = random_units(shape);
  for (int64_t first = 0; first < units; first += split)
    random(shape, stream, to, first, std::min(first + split, units));
  return y;
}

RandomShape row(Distribution distribution, uint64_t seed, int64_t n) {
  RandomShape shape;
  shape.distribution = distribution;
  shape.seed = seed;
  shape.rank = 1;
  shape.dims[0] = n;
  return shape;
}

float unit(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

// The known answers that come with Random123 (kat_vectors, philox4x32 10).
TEST(Random, PhiloxKnownAnswers) {
  const std::vector<float> zero = numbers(row(Distribution::kUniform, 0, 4), 0);
  const uint32_t expected[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(zero[i], unit(expected[i]));
}

TEST(Random, BitsDoNotDependOnTheShares) {
  for (const Distribution d : {Distribution::kUniform, Distribution::kNormal}) {
    const RandomShape shape = row(d, 42, 5000);
    const std::vector<float> whole = numbers(shape, 7);
    EXPECT_EQ(whole, numbers(shape, 7, 1));
    EXPECT_NE(whole, numbers(shape, 8));
    const std::vector<float> prefix = numbers(row(d, 42, 1037), 7);
    EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), whole.begin()));
  }
}

TEST(Random, Moments) {
  constexpr int64_t kCount = 1 << 20;
  double sum = 0, squares = 0;
  for (float v : numbers(row(Distribution::kUniform, 5, kCount), 0)) {
    ASSERT_TRUE(v >= 0 && v < 1);
    sum += v;
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.002);
  sum = 0;
  for (float v : numbers(row(Distribution::kNormal, 5, kCount), 0)) {
    ASSERT_TRUE(std::isfinite(v));
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.005);
  EXPECT_NEAR(squares / kCount, 1, 0.01);
}

TEST(Random, StridedResult) {
  RandomShape shape = row(Distribution::kUniform, 1, 6);
  shape.rank = 2;
  shape.dims[0] = 2;
  shape.dims[1] = 3;
  const std::vector<float> dense = numbers(shape, 0);
  std::vector<float> y(6);
  const int64_t strides[] = {4, 8};
  random(shape, 0, {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, strides}, 0, 1);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(y[i % 3 * 2 + i / 3], dense[i]);
}

}  // namespace
}  // namespace rondo::kernels
