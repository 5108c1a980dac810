// 32 registers: up to 24 accumulators, 4 vectors of B, 1 broadcast of A.
#include <immintrin.h>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m512;
  static constexpr int kLanes = 16;
  static Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm512_storeu_ps(p, v); }
  static Reg broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Reg zero() { return _mm512_setzero_ps(); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+v"(v)); }
};

template <int R, int V, int P = 1>
constexpr GemmRow kRow{Isa::kAvx512, R, V, P, gemm_tile<Vec, R, V, P>};

constexpr GemmRow kRows[] = {
    kRow<1, 1>, kRow<2, 1>, kRow<3, 1>,    kRow<4, 1>,    kRow<5, 1>,    kRow<6, 1>,    kRow<7, 1>,
    kRow<8, 1>, kRow<1, 2>, kRow<2, 2>,    kRow<3, 2>,    kRow<4, 2>,    kRow<5, 2>,    kRow<6, 2>,
    kRow<7, 2>, kRow<8, 2>, kRow<1, 3>,    kRow<2, 3>,    kRow<3, 3>,    kRow<4, 3>,    kRow<5, 3>,
    kRow<6, 3>, kRow<7, 3>, kRow<8, 3>,    kRow<1, 4>,    kRow<2, 4>,    kRow<3, 4>,    kRow<4, 4>,
    kRow<5, 4>, kRow<6, 4>, kRow<1, 1, 2>, kRow<1, 2, 2>, kRow<1, 3, 2>, kRow<1, 4, 2>,
};

}  // namespace

std::span<const GemmRow> gemm_rows_avx512() { return kRows; }

}  // namespace rondo::kernels
