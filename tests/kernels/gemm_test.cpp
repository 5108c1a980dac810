#include "kernels/cpu/gemm.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/cpu/packing.h"

namespace rondo::kernels {
namespace {

constexpr Isa kIsas[] = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};

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

TEST(Gemm, EveryMicroKernelIsTheSequentialSumToTheBit) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    const int lanes = gemm_kernels(isa).lanes;
    for (const GemmRow& row : gemm_rows(isa)) {
      const int64_t width = static_cast<int64_t>(row.vectors) * lanes;
      for (int64_t k : {0, 1, 2, 15, 16, 17, 63, 65}) {
        const std::vector<float> a = random_floats(static_cast<size_t>(row.rows * (k + 1)), 1);
        const std::vector<float> b = random_floats(static_cast<size_t>(row.panels * width * (k + 1)), 2);
        for (bool accumulate : {false, true}) {
          std::vector<float> c = random_floats(static_cast<size_t>(row.rows * row.panels * width), 3);
          const std::vector<float> before = c;
          int64_t offsets[kMaxGemmVectors];
          for (int v = 0; v < row.vectors; ++v) offsets[v] = (row.vectors - 1 - v) * lanes;  // any order
          GemmTile tile;
          tile.a = a.data(), tile.a_row = k, tile.a_k = 1;
          tile.b = b.data(), tile.b_panel = width * (k + 1);
          tile.k = k;
          tile.c = c.data(), tile.c_row = row.panels * width, tile.c_panel = width, tile.c_vector = offsets;
          tile.accumulate = accumulate;
          row.fn(tile);
          for (int r = 0; r < row.rows; ++r) {
            for (int64_t p = 0; p < row.panels; ++p) {
              for (int64_t j = 0; j < width; ++j) {
                const int64_t at = r * tile.c_row + p * width + offsets[j / lanes] + j % lanes;
                const float want = sequential(isa, accumulate ? before[at] : 0, a.data() + r * k, 1,
                                              b.data() + p * tile.b_panel + j, width, k);
                ASSERT_EQ(std::bit_cast<uint32_t>(c[at]), std::bit_cast<uint32_t>(want))
                    << isa_name(isa) << ' ' << row.rows << 'x' << row.vectors;
              }
            }
          }
        }
      }
    }
  }
}

TEST(Gemm, TablesOfferEveryHeightUpToTheTallest) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    const GemmKernels& kernels = gemm_kernels(isa);
    for (int v = 1; v <= kernels.max_vectors; ++v) {
      ASSERT_GE(kernels.max_rows[v], 1);
      EXPECT_NE(kernels.wide[v], nullptr);
      for (int r = 1; r <= kernels.max_rows[v]; ++r)
        EXPECT_NE(kernels.fn[v][r], nullptr) << isa_name(isa) << ' ' << v << ' ' << r;
    }
  }
}

TEST(Packing, EveryElementStandsWhereTheLayoutSaysAndTheRestIsZero) {
  for (Isa isa : kIsas) {
    if (!supports(isa)) continue;
    for (int64_t gates : {1, 2, 3, 4, 5, 6, 9}) {
      for (int64_t cols : {1, 15, 16, 17, 64, 65, 130}) {
        for (int64_t k : {0, 1, 7}) {
          const std::vector<float> source = random_floats(static_cast<size_t>(3 + gates * cols * k), 9);
          // Transposed: k runs fastest.
          const MatrixSpec spec{3, 1, k, cols * k, k, cols, gates};
          const PackedMatrix packed(source.data(), spec, isa);
          const PanelShape& shape = packed.shape();
          ASSERT_EQ(packed.panels(), (cols + shape.units - 1) / shape.units);
          const int a_gate = shape.units / shape.lanes;
          for (int64_t p = 0; p < packed.panels(); ++p) {
            for (int g = 0; g < shape.groups; ++g) {
              ASSERT_LE(shape.group_vectors(g), gemm_kernels(isa).max_vectors);
              for (int v = shape.group_begin(g); v < shape.group_begin(g + 1); ++v) {
                for (int64_t i = 0; i < k * shape.lanes; ++i) {
                  const int64_t row = i / shape.lanes, lane = i % shape.lanes;
                  const int64_t col = p * shape.units + v % a_gate * shape.lanes + lane;
                  const float want =
                      col < cols ? source[static_cast<size_t>(3 + row + v / a_gate * cols * k + col * k)] : 0;
                  const float* group = packed.panel(p) + k * shape.group_begin(g) * shape.lanes;
                  ASSERT_EQ(group[(row * shape.group_vectors(g) + v - shape.group_begin(g)) * shape.lanes + lane],
                            want);
                }
              }
            }
          }
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
}

}  // namespace
}  // namespace rondo::kernels
