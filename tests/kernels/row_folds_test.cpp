// Row reductions of every instruction set: against doubles, in one piece and in several.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {
namespace {

using tile::FoldState;
using tile::RowFold;
using tile::RowFolder;

std::vector<Isa> isas() {
  std::vector<Isa> all{Isa::kScalar};
  for (const Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
    if (isa <= detect_isa()) all.push_back(isa);
  }
  return all;
}

std::vector<float> random_row(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> row(n);
  for (float& x : row) x = std::uniform_real_distribution<float>(-2, 3)(random);
  return row;
}

double expected(RowFold fold, const std::vector<float>& row) {
  const double infinity = std::numeric_limits<double>::infinity();
  double y = fold == RowFold::kProd ? 1 : fold == RowFold::kMax ? -infinity : fold == RowFold::kMin ? infinity : 0;
  for (const float x : row) {
    if (fold == RowFold::kSum || fold == RowFold::kAvg) y += x;
    if (fold == RowFold::kProd) y *= x;
    if (fold == RowFold::kMax) y = std::fmax(y, x);
    if (fold == RowFold::kMin) y = std::fmin(y, x);
  }
  return fold == RowFold::kAvg ? y / static_cast<double>(row.size()) : y;
}

uint32_t bits(float x) {
  uint32_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}

TEST(RowFolds, AgreeWithDoublesWithinTheirBound) {
  for (const Isa isa : isas()) {
    for (size_t f = 0; f < tile::kRowFolds; ++f) {
      const auto fold = static_cast<RowFold>(f);
      const RowFolder& folder = tile_functions(isa).folds[f];
      for (const size_t n : {0, 1, 2, 15, 16, 63, 64, 65, 511, 512, 513, 1000, 4097}) {
        const std::vector<float> row = random_row(n, static_cast<uint32_t>(n + f));
        double magnitudes = 0;
        for (const float x : row) magnitudes += std::fabs(x);
        const double divisor = fold == RowFold::kAvg ? static_cast<double>(n) : 1;
        float result;
        folder.rows(&result, row.data(), 1, static_cast<int64_t>(n), divisor);
        const double want = expected(fold, row);
        const double bound =
            (fold == RowFold::kSum || fold == RowFold::kAvg) && n > 0 ? 11 * 0x1p-24 * magnitudes / divisor : 0;
        if (std::isfinite(static_cast<float>(want))) {
          EXPECT_LE(std::fabs(result - want), bound + std::fabs(want) * 0x1p-24 + 0x1p-150)
              << "isa " << int(isa) << " fold " << f << " n " << n;
        } else {
          EXPECT_EQ(std::isnan(result), std::isnan(want)) << f << " " << n;
          if (!std::isnan(want)) {
            EXPECT_EQ(result, static_cast<float>(want));
          }
        }
      }
    }
  }
}

TEST(RowFolds, PiecesGiveTheBitsOfTheWhole) {
  for (const Isa isa : isas()) {
    for (size_t f = 0; f < tile::kRowFolds; ++f) {
      const RowFolder& folder = tile_functions(isa).folds[f];
      const std::vector<float> rows = random_row(3 * 1337, 7);
      float whole[3];
      folder.rows(whole, rows.data(), 3, 1337, 1);
      for (const int64_t piece : {64, 128, 448, 512, 576, 1344}) {
        for (int r = 0; r < 3; ++r) {
          FoldState state;
          folder.start(&state);
          for (int64_t at = 0; at < 1337; at += piece) {
            folder.step(&state, rows.data() + r * 1337 + at, std::min<int64_t>(piece, 1337 - at));
          }
          EXPECT_EQ(bits(static_cast<float>(folder.finish(&state))), bits(whole[r])) << f << " " << piece;
        }
      }
    }
  }
}

TEST(RowFolds, SumsSurviveLargeOffsetsAndExtremesSkipNan) {
  for (const Isa isa : isas()) {
    const auto& folds = tile_functions(isa).folds;
    std::vector<float> row(1 << 20, 1.0f);
    float sum;
    folds[static_cast<size_t>(RowFold::kSum)].rows(&sum, row.data(), 1, 1 << 20, 1);
    EXPECT_EQ(sum, static_cast<float>(1 << 20));
    std::vector<float> gaps(100, std::nanf(""));
    gaps[70] = -3;
    gaps[99] = -5;
    float largest, smallest;
    folds[static_cast<size_t>(RowFold::kMax)].rows(&largest, gaps.data(), 1, 100, 1);
    folds[static_cast<size_t>(RowFold::kMin)].rows(&smallest, gaps.data(), 1, 100, 1);
    EXPECT_EQ(largest, -3);
    EXPECT_EQ(smallest, -5);
  }
}

}  // namespace
}  // namespace rondo::kernels
