#include "kernels/cpu/conv/conv_kernels.h"

#include <bit>
#include <cmath>

#include "kernels/cpu/conv/conv_case.h"

namespace rondo::kernels::testing {
namespace {

// What the determinism rule demands of an element, computed alone.
float sequential(Isa isa, const ConvTile& t, int row, int64_t pixel) {
  float sum = t.bias[row];
  for (int64_t k = 0; k < t.k; ++k) {
    const float w = t.w[row * t.w_row + k], x = t.x[t.offset[k] + pixel];
    sum = isa == Isa::kScalar ? w * x + sum : std::fmaf(w, x, sum);
  }
  return sum;
}

void expect_sequential(Isa isa, ConvFn fn, int rows, int64_t pixels, bool edge) {
  constexpr int64_t kTaps = 37;
  const std::vector<float> w = random_floats(static_cast<size_t>(rows * kTaps), 1),
                           bias = random_floats(kMaxConvRows, 2);
  std::vector<int32_t> offset(kTaps);
  for (size_t k = 0; k < offset.size(); ++k) offset[k] = static_cast<int32_t>((k * 29) % 50);
  const std::vector<float> x = random_floats(static_cast<size_t>(50 + pixels), 3);
  std::vector<float> y(static_cast<size_t>(rows * (pixels + 1)), -7);
  ConvTile tile;
  tile.w = w.data(), tile.w_row = kTaps, tile.x = x.data(), tile.offset = offset.data(), tile.k = kTaps;
  tile.bias = bias.data(), tile.y = y.data(), tile.y_row = pixels + 1, tile.pixels = edge ? pixels : 0;
  fn(tile);
  for (int r = 0; r < rows; ++r) {
    const float* row = y.data() + r * tile.y_row;
    for (int64_t p = 0; p < pixels; ++p) {
      ASSERT_EQ(std::bit_cast<uint32_t>(row[p]), std::bit_cast<uint32_t>(sequential(isa, tile, r, p)))
          << isa_name(isa) << ' ' << rows << " rows, " << pixels << " pixels";
    }
    EXPECT_EQ(row[pixels], -7);
  }
}

TEST(ConvKernels, EveryMicroKernelIsTheSequentialSumToTheBit) {
  for (const Isa isa : isas()) {
    const ConvKernels& kernels = conv_kernels(isa);
    for (int rows = 1; rows <= kernels.max_rows; ++rows) {
      ASSERT_GE(kernels.max_vectors[rows], 1);
      for (int v = 1; v <= kernels.max_vectors[rows]; ++v) {
        ASSERT_NE(kernels.fn[rows][v], nullptr);
        expect_sequential(isa, kernels.fn[rows][v], rows, static_cast<int64_t>(v) * kernels.lanes, false);
      }
      ASSERT_NE(kernels.edge[rows], nullptr);
      for (int64_t pixels = 1; pixels <= kernels.lanes; ++pixels)
        expect_sequential(isa, kernels.edge[rows], rows, pixels, true);
    }
  }
}

/// Words of two bf16, and what they stand for.
struct Pairs {
  Pairs(size_t count, uint32_t seed) : halves(random_floats(2 * count, seed)), words(count) {
    for (float& half : halves) half = narrowed(half);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t low = std::bit_cast<uint32_t>(halves[2 * i]) >> 16,
                     high = std::bit_cast<uint32_t>(halves[2 * i + 1]);
      words[i] = std::bit_cast<float>(low | (high & 0xffff0000u));
    }
  }
  std::vector<float> halves, words;
};

// The instruction's own roundings are its business; each sum is within their bound of the exact one.
void expect_pair_sums(ConvFn fn, int rows, int64_t pixels, bool edge) {
  constexpr int64_t kSteps = 37;
  const Pairs w(static_cast<size_t>(rows * kSteps), 1), x(static_cast<size_t>(50 + pixels), 3);
  const std::vector<float> bias = random_floats(kMaxConvRows, 2);
  std::vector<int32_t> offset(kSteps);
  for (size_t k = 0; k < offset.size(); ++k) offset[k] = static_cast<int32_t>((k * 29) % 50);
  std::vector<float> y(static_cast<size_t>(rows * (pixels + 1)), -7);
  ConvTile tile;
  tile.w = w.words.data(), tile.w_row = kSteps, tile.x = x.words.data(), tile.offset = offset.data(), tile.k = kSteps;
  tile.bias = bias.data(), tile.y = y.data(), tile.y_row = pixels + 1, tile.pixels = edge ? pixels : 0;
  fn(tile);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t p = 0; p < pixels; ++p) {
      double sum = bias[static_cast<size_t>(r)], magnitude = std::fabs(sum);
      for (int64_t k = 0; k < 2 * kSteps; ++k) {
        const auto at = static_cast<size_t>(2 * (offset[static_cast<size_t>(k / 2)] + p) + k % 2);
        const double product = static_cast<double>(w.halves[static_cast<size_t>(r * 2 * kSteps + k)]) * x.halves[at];
        sum += product;
        magnitude += std::fabs(product);
      }
      ASSERT_NEAR(y[static_cast<size_t>(r * tile.y_row + p)], sum, 0x1p-24 * (2 * kSteps + 1) * magnitude) << rows;
    }
    EXPECT_EQ(y[static_cast<size_t>(r * tile.y_row + pixels)], -7);
  }
}

TEST(ConvKernels, PairsAddUpOnEveryMicroKernel) {
  EXPECT_EQ(conv_kernels(Isa::kAvx512, GemmFormat::kBf16Pairs).max_rows, 0);
  if (!supports(Isa::kAvx512Bf16)) GTEST_SKIP() << "no dot products of bf16 on this machine";
  const ConvKernels& kernels = conv_kernels(Isa::kAvx512Bf16, GemmFormat::kBf16Pairs);
  ASSERT_EQ(kernels.max_rows, conv_kernels(Isa::kAvx512).max_rows);
  for (int rows = 1; rows <= kernels.max_rows; ++rows) {
    for (int v = 1; v <= kernels.max_vectors[rows]; ++v)
      expect_pair_sums(kernels.fn[rows][v], rows, static_cast<int64_t>(v) * kernels.lanes, false);
    for (int64_t pixels = 1; pixels <= kernels.lanes; ++pixels)
      expect_pair_sums(kernels.edge[rows], rows, pixels, true);
  }
}

TEST(ConvKernels, PairsAreRoundedToNearestEven) {
  if (!supports(Isa::kAvx512Bf16)) GTEST_SKIP() << "no dot products of bf16 on this machine";
  const ConvKernels& kernels = conv_kernels(Isa::kAvx512Bf16, GemmFormat::kBf16Pairs);
  for (size_t n = 1; n <= 70; ++n) {
    std::vector<float> even = random_floats(n, 8), odd = random_floats(n, 9), words(n + 1, -7);
    even[0] = std::bit_cast<float>(0x3f808000u);  // a tie
    odd[n - 1] = -INFINITY;
    kernels.pair_row(words.data(), even.data(), odd.data(), static_cast<int64_t>(n));
    for (size_t i = 0; i < n; ++i) {
      const auto word = std::bit_cast<uint32_t>(words[i]);
      ASSERT_EQ(word << 16, std::bit_cast<uint32_t>(narrowed(even[i])));
      ASSERT_EQ(word & 0xffff0000u, std::bit_cast<uint32_t>(narrowed(odd[i])));
    }
    EXPECT_EQ(words[n], -7);
  }
}

TEST(ConvKernels, SpotsSendLanesToTwoPlaces) {
  for (const Isa isa : isas()) {
    const ConvKernels& kernels = conv_kernels(isa);
    const int lanes = kernels.lanes;
    const std::vector<float> x = random_floats(static_cast<size_t>(2 * lanes), 4), bias(kMaxConvRows, 0);
    const float one = 1;
    const int32_t offset = 0;
    std::vector<float> y(200, -7);
    // One row: lanes 1 .. lanes-1 of the first vector to y[0 ..], the last one to y[100]; the second vector to y[40
    // ..].
    const ConvSpot spots[] = {{-1, 101 - lanes, 1, static_cast<int8_t>(lanes - 1), static_cast<int8_t>(lanes - 1),
                               static_cast<int8_t>(lanes)},
                              {40, 0, 0, static_cast<int8_t>(lanes), 0, 0}};
    ConvTile tile;
    tile.w = &one, tile.x = x.data(), tile.offset = &offset, tile.k = 1, tile.bias = bias.data();
    tile.y = y.data(), tile.spots = spots;
    kernels.fn[1][2](tile);
    std::vector<float> want(200, -7);
    for (int i = 1; i < lanes - 1; ++i) want[static_cast<size_t>(i - 1)] = x[static_cast<size_t>(i)];
    want[100] = x[static_cast<size_t>(lanes - 1)];
    for (int i = 0; i < lanes; ++i) want[static_cast<size_t>(40 + i)] = x[static_cast<size_t>(lanes + i)];
    EXPECT_EQ(y, want) << isa_name(isa);
  }
}

TEST(ConvKernels, CopyRowsPicksEveryStep) {
  for (const Isa isa : isas()) {
    for (const int64_t step : {1, 2, 3}) {
      for (int64_t n = 1; n <= 70; ++n) {
        const std::vector<float> from =
            random_floats(static_cast<size_t>(2 * n * step), 5);  // two rows, ending with the buffer
        std::vector<float> to(static_cast<size_t>(2 * (n + 1)), -7);
        conv_kernels(isa).copy_rows({to.data(), n + 1, from.data(), n * step, step, 2, n});
        for (int64_t r = 0; r < 2; ++r) {
          for (int64_t i = 0; i < n; ++i)
            ASSERT_EQ(to[static_cast<size_t>(r * (n + 1) + i)], from[static_cast<size_t>((r * n + i) * step)]);
          ASSERT_EQ(to[static_cast<size_t>(r * (n + 1) + n)], -7);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rondo::kernels::testing
