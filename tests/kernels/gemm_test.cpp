#include "kernels/cpu/gemm.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "base/half.h"
#include "kernels/cpu/packing/packing.h"

namespace rondo::kernels {
namespace {

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};
constexpr GemmFormat kFormats[] = {GemmFormat::kF32, GemmFormat::kF16, GemmFormat::kBf16, GemmFormat::kBf16Pairs};

// What the determinism rule demands of an element, computed alone.
float sequential(Isa isa, float start, const float* a, int64_t a_k, const float* b, int64_t b_k, int64_t k) {
  float sum = start;
  for (int64_t i = 0; i < k; ++i) {
    const float x = a[i * a_k], y = b[i * b_k];
    sum = isa == Isa::kScalar ? x * y + sum : std::fmaf(x, y, sum);
  }
  return sum;
}

std::vector<float> random_floats(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> out(count);
  for (float& v : out) v = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 1000;
  return out;
}

// Elements of B as a format holds them, and their values.
struct NarrowMatrix {
  NarrowMatrix(GemmFormat format, size_t count, uint32_t seed) : values(random_floats(count, seed)) {
    for (float& v : values) {
      const uint16_t bits = format == GemmFormat::kF16 ? float_to_half(v) : float_to_bfloat16(v);
      if (format == GemmFormat::kF32) {
        append(v);
      } else {
        append(bits);
        v = format == GemmFormat::kF16 ? half_to_float(bits) : bfloat16_to_float(bits);
      }
    }
  }
  template <class T>
  void append(T v) {
    const auto* p = reinterpret_cast<const std::byte*>(&v);
    bytes.insert(bytes.end(), p, p + sizeof(v));
  }
  std::vector<float> values;
  std::vector<std::byte> bytes;
};

void check_sequential(Isa isa, const GemmRow& row, int64_t k, bool accumulate) {
  const int lanes = gemm_kernels(isa, row.format).lanes;
  const int64_t width = static_cast<int64_t>(row.vectors) * lanes;
  const std::vector<float> a = random_floats(static_cast<size_t>(row.rows * (k + 1)), 1);
  const NarrowMatrix b(row.format, static_cast<size_t>(row.panels * width * (k + 1)), 2);
  std::vector<float> c = random_floats(static_cast<size_t>(row.rows * row.panels * width), 3);
  const std::vector<float> before = c;
  int64_t offsets[kMaxGemmVectors];
  for (int v = 0; v < row.vectors; ++v) offsets[v] = (row.vectors - 1 - v) * lanes;  // any order
  GemmTile tile;
  tile.a = a.data(), tile.a_row = k, tile.a_k = 1;
  tile.b = b.bytes.data(), tile.b_panel = width * (k + 1) * gemm_lane_bytes(row.format);
  tile.k = k;
  tile.c = c.data(), tile.c_row = row.panels * width, tile.c_panel = width, tile.c_vector = offsets;
  tile.accumulate = accumulate;
  tile.to_c();
  row.fn(tile);
  for (int r = 0; r < row.rows; ++r) {
    for (int64_t p = 0; p < row.panels; ++p) {
      for (int64_t j = 0; j < width; ++j) {
        const int64_t at = r * tile.c_row + p * width + offsets[j / lanes] + j % lanes;
        const float want = sequential(isa, accumulate ? before[at] : 0, a.data() + r * k, 1,
                                      b.values.data() + p * width * (k + 1) + j, width, k);
        ASSERT_EQ(std::bit_cast<uint32_t>(c[at]), std::bit_cast<uint32_t>(want))
            << isa_name(isa) << ' ' << gemm_format_name(row.format) << ' ' << row.rows << 'x' << row.vectors;
      }
    }
  }
}

TEST(Gemm, EveryMicroKernelIsTheSequentialSumToTheBit) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (GemmFormat format : kFormats) {
      if (format == GemmFormat::kBf16Pairs) continue;
      for (const GemmRow& row : gemm_rows(isa, format)) {
        for (int64_t k : {0, 1, 2, 15, 16, 17, 63, 65}) {
          check_sequential(isa, row, k, false);
          check_sequential(isa, row, k, true);
        }
      }
    }
  }
}

// scale * sum + term + term, rounded after each operation and stored elsewhere; C itself stays.
TEST(Gemm, EveryMicroKernelScalesAndAddsTerms) {
  constexpr int64_t kSteps = 5;
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (const GemmRow& row : gemm_rows(isa, GemmFormat::kF32)) {
      const int64_t width = int64_t{row.vectors} * gemm_kernels(isa).lanes, all = row.panels * width;
      const std::vector<float> a = random_floats(static_cast<size_t>(row.rows * kSteps), 1);
      const std::vector<float> b = random_floats(static_cast<size_t>(all * kSteps), 2);
      const std::vector<float> bias = random_floats(static_cast<size_t>(all), 3);
      const std::vector<float> matrix = random_floats(static_cast<size_t>(row.rows * (all + 3)), 4);
      std::vector<float> c(static_cast<size_t>(row.rows * all), 7), out(static_cast<size_t>(row.rows * (all + 1)), 7);
      std::vector<int64_t> offsets;
      for (int v = 0; v < row.vectors; ++v) offsets.push_back(v * gemm_kernels(isa).lanes);
      GemmTile tile;
      tile.a = a.data(), tile.a_row = kSteps, tile.a_k = 1;
      tile.b = reinterpret_cast<const std::byte*>(b.data()), tile.b_panel = width * kSteps * 4;
      tile.k = kSteps, tile.c = c.data(), tile.c_row = all, tile.c_panel = width, tile.c_vector = offsets.data();
      tile.out = out.data(), tile.out_row = all + 1;
      tile.scale = 0.3F, tile.term_count = 2;
      tile.terms[0] = {bias.data(), 0}, tile.terms[1] = {matrix.data(), all + 3};
      row.fn(tile);
      for (int r = 0; r < row.rows; ++r) {
        for (int64_t j = 0; j < all; ++j) {
          const float* column = b.data() + j / width * width * kSteps + j % width;
          const float sum = sequential(isa, 0, a.data() + r * kSteps, 1, column, width, kSteps);
          ASSERT_EQ(out[r * tile.out_row + j], sum * 0.3F + bias[j] + matrix[r * (all + 3) + j])
              << isa_name(isa) << ' ' << row.rows << 'x' << row.vectors << 'x' << row.panels;
          ASSERT_EQ(c[r * all + j], 7);
        }
      }
    }
  }
}

// Sums of pairs round as the instruction does. Held to the bound of a sum in f32: (terms + 1) 2^-24 of the magnitudes;
// and to the bit between rows of any height, which is what determinism needs.
TEST(Gemm, PairsAreDotProductsWithinTheBoundOfFloatSums) {
  const Isa isa = Isa::kAvx512Bf16;
  if (!supports(isa)) GTEST_SKIP() << "no dot products of bf16 on this machine";
  for (const GemmRow& row : gemm_rows(isa, GemmFormat::kBf16Pairs)) {
    const int64_t width = int64_t{row.vectors} * 16;
    for (int64_t steps : {0, 1, 2, 33, 256}) {
      const NarrowMatrix a(GemmFormat::kBf16, static_cast<size_t>(row.rows * steps * 2), 1);
      const NarrowMatrix b(GemmFormat::kBf16, static_cast<size_t>(row.panels * width * steps * 2), 2);
      std::vector<float> c(static_cast<size_t>(row.rows * row.panels * width), 0.5f);
      const int64_t offsets[] = {0, 16, 32, 48};
      GemmTile tile;
      tile.a = reinterpret_cast<const float*>(a.bytes.data()), tile.a_row = steps, tile.a_k = 1;
      tile.b = b.bytes.data(), tile.b_panel = width * steps * 4;
      tile.k = steps, tile.c = c.data(), tile.c_row = row.panels * width, tile.c_panel = width;
      tile.c_vector = offsets, tile.accumulate = true;
      tile.to_c();
      row.fn(tile);
      for (int64_t r = 0; r < row.rows; ++r) {
        for (int64_t j = 0; j < row.panels * width; ++j) {
          double want = 0.5, magnitude = 0.5;
          for (int64_t k = 0; k < 2 * steps; ++k) {
            const double y = b.values[((j / width * steps + k / 2) * width + j % width) * 2 + k % 2];
            const double term = a.values[r * 2 * steps + k] * y;
            want += term;
            magnitude += std::fabs(term);
          }
          ASSERT_NEAR(c[r * tile.c_row + j], want, static_cast<double>(2 * steps + 1) * 0x1p-24 * magnitude)
              << row.rows << 'x' << row.vectors << 'x' << row.panels;
        }
      }
    }
  }
}

TEST(Gemm, TablesOfferEveryHeightUpToTheTallest) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (GemmFormat format : kFormats) {
      const GemmKernels& kernels = gemm_kernels(isa, format);
      EXPECT_EQ(kernels.max_vectors == 0, format == GemmFormat::kBf16Pairs && isa != Isa::kAvx512Bf16);
      for (int v = 1; v <= kernels.max_vectors; ++v) {
        ASSERT_GE(kernels.max_rows[v], 1);
        EXPECT_NE(kernels.wide[v], nullptr);
        for (int r = 1; r <= kernels.max_rows[v]; ++r)
          EXPECT_NE(kernels.fn[v][r], nullptr) << isa_name(isa) << ' ' << v << ' ' << r;
      }
    }
  }
}

// The element of a packed matrix at a row and a lane of a vector, by what packing.h says of the layout.
float packed_element(const PackedMatrix& packed, int64_t panel, int group, int vector, int64_t row, int64_t lane) {
  const PanelShape& shape = packed.shape();
  const int64_t steps = gemm_steps(packed.format(), packed.spec().k), bytes = gemm_lane_bytes(packed.format());
  const bool pairs = packed.format() == GemmFormat::kBf16Pairs;
  const int64_t step = pairs ? row / 2 : row;
  const std::byte* p = packed.panel(panel) + steps * shape.group_begin(group) * shape.lanes * bytes +
                       ((step * shape.group_vectors(group) + vector) * shape.lanes + lane) * bytes;
  if (packed.format() == GemmFormat::kF32) return *reinterpret_cast<const float*>(p);
  const uint16_t bits = reinterpret_cast<const uint16_t*>(p)[pairs ? row % 2 : 0];
  return packed.format() == GemmFormat::kF16 ? half_to_float(bits) : bfloat16_to_float(bits);
}

float rounded(GemmFormat format, float x) {
  if (format == GemmFormat::kF32) return x;
  return format == GemmFormat::kF16 ? half_to_float(float_to_half(x)) : bfloat16_to_float(float_to_bfloat16(x));
}

void check_packing(Isa isa, GemmFormat format, int64_t gates, int64_t cols, int64_t k, bool k_fastest) {
  const std::vector<float> source = random_floats(static_cast<size_t>(3 + gates * cols * k), 9);
  const MatrixSpec spec{3, k_fastest ? 1 : cols, k_fastest ? k : 1, cols * k, k, cols, gates};
  const PackedMatrix packed(source.data(), spec, isa, DType::kFloat32, format);
  const PanelShape& shape = packed.shape();
  ASSERT_EQ(packed.panels(), (cols + shape.units - 1) / shape.units);
  const int a_gate = shape.units / shape.lanes;
  const int64_t rows = format == GemmFormat::kBf16Pairs ? (k + 1) / 2 * 2 : k;
  for (int64_t p = 0; p < packed.panels(); ++p) {
    for (int g = 0; g < shape.groups; ++g) {
      ASSERT_LE(shape.group_vectors(g), gemm_kernels(isa, format).max_vectors);
      for (int v = shape.group_begin(g); v < shape.group_begin(g + 1); ++v) {
        for (int64_t i = 0; i < rows * shape.lanes; ++i) {
          const int64_t row = i / shape.lanes, lane = i % shape.lanes;
          const int64_t col = p * shape.units + v % a_gate * shape.lanes + lane;
          const bool inside = col < cols && row < k;
          const int64_t at = 3 + row * spec.k_stride + v / a_gate * spec.gate_stride + col * spec.col_stride;
          const float x = inside ? source[static_cast<size_t>(at)] : 0;
          ASSERT_EQ(packed_element(packed, p, g, v - shape.group_begin(g), row, lane), rounded(format, x))
              << gemm_format_name(format);
        }
      }
    }
  }
}

TEST(Packing, EveryElementStandsWhereTheLayoutSaysAndTheRestIsZero) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (GemmFormat format : kFormats) {
      if (gemm_kernels(isa, format).max_vectors == 0) continue;
      for (int64_t gates : {1, 2, 3, 4, 5, 6, 9}) {
        for (int64_t cols : {1, 15, 16, 17, 64, 65, 130}) {
          for (int64_t k : {0, 1, 7, 8}) check_packing(isa, format, gates, cols, k, k % 2 == 0);
        }
        for (bool k_fastest : {false, true}) check_packing(isa, format, gates, 65, 131, k_fastest);
      }
    }
  }
}

TEST(Packing, FactorsAreRoundedToNearestEven) {
  const std::vector<float> a = random_floats(3 * 521, 4);
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (GemmFormat format : {GemmFormat::kBf16, GemmFormat::kBf16Pairs}) {
      std::vector<float> out(3 * 528, -1.0f);
      pack_factors(reinterpret_cast<const std::byte*>(a.data()), 521 * 4, 4, DType::kFloat32, isa, format, 3, 521, 528,
                   out.data());
      for (int64_t r = 0; r < 3; ++r) {
        const float* row = out.data() + r * 528;
        const auto* halves = reinterpret_cast<const uint16_t*>(row);
        for (int64_t k = 0; k < 521; ++k) {
          const uint16_t want = float_to_bfloat16(a[static_cast<size_t>(r * 521 + k)]);
          if (format == GemmFormat::kBf16Pairs) {
            ASSERT_EQ(halves[k], want);
          } else {
            ASSERT_EQ(row[k], bfloat16_to_float(want));
          }
        }
        if (format == GemmFormat::kBf16Pairs) {
          ASSERT_EQ(halves[521], 0);
        }
      }
    }
  }
}

TEST(Packing, RowsAreInterleaved) {
  const std::vector<float> a = random_floats(5 * 700, 4);
  std::vector<float> out(5 * 700);
  pack_rows(reinterpret_cast<const std::byte*>(a.data()), 700 * 4, 4, DType::kFloat32, Isa::kScalar, 5, 700,
            out.data());
  for (int r = 0; r < 5; ++r) {
    for (int k = 0; k < 700; ++k) ASSERT_EQ(out[k * 5 + r], a[r * 700 + k]);
  }
}

TEST(Isa, NamesAndOrder) {
  EXPECT_STREQ(isa_name(Isa::kAvx2), "avx2");
  EXPECT_TRUE(supports(Isa::kScalar));
  EXPECT_TRUE(supports(detect_isa()));
  EXPECT_LE(supports(Isa::kAvx512), supports(Isa::kAvx2));
  EXPECT_LE(supports(Isa::kAvx512Bf16), supports(Isa::kAvx512));
}

}  // namespace
}  // namespace rondo::kernels
