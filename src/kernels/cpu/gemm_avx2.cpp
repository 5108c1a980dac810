// 16 registers: up to 12 accumulators, 2 vectors of B, 1 broadcast of A.
#include <immintrin.h>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m256;
  static constexpr int kLanes = 8;
  static Reg load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm256_storeu_ps(p, v); }
  static Reg broadcast(const float* p) { return _mm256_broadcast_ss(p); }
  static Reg zero() { return _mm256_setzero_ps(); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+x"(v)); }
};

template <int R, int V, int P = 1>
constexpr GemmRow kRow{Isa::kAvx2, R, V, P, gemm_tile<Vec, R, V, P>};

constexpr GemmRow kRows[] = {
    kRow<1, 1>, kRow<2, 1>, kRow<3, 1>, kRow<4, 1>, kRow<5, 1>, kRow<6, 1>,    kRow<1, 2>,
    kRow<2, 2>, kRow<3, 2>, kRow<4, 2>, kRow<5, 2>, kRow<6, 2>, kRow<1, 1, 4>, kRow<1, 2, 4>,
};

}  // namespace

std::span<const GemmRow> gemm_rows_avx2() { return kRows; }

}  // namespace rondo::kernels
