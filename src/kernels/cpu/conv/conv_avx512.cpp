// 32 registers: up to 24 accumulators, the vectors of pixels, 1 broadcast weight. Few channels take more vectors,
// because each vector is a chain of its own and a multiply-add takes 4 cycles.
#include <immintrin.h>

#include "kernels/cpu/conv/conv_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m512;
  static constexpr int kLanes = 16;
  static Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm512_storeu_ps(p, v); }
  static __mmask16 first(int64_t n) { return static_cast<__mmask16>((1u << n) - 1); }
  static Reg load_some(const float* p, __mmask16 some) { return _mm512_maskz_loadu_ps(some, p); }
  static void store_some(float* p, Reg v, __mmask16 some) { _mm512_mask_storeu_ps(p, some, v); }
  static void store_lanes(float* p, Reg v, int begin, int end) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << end) - (1u << begin)), v);
  }
  static Reg even(Reg a, Reg b) {
    const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_ps(a, index, b);
  }
  static Reg broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+v"(v)); }
};

template <int R, int V>
constexpr ConvRow kRow = kConvRow<Vec, R, V>;
template <int R>
constexpr ConvRow kEdge = kConvEdge<Vec, R>;

constexpr ConvRow kRows[] = {
    kEdge<1>,   kEdge<2>,   kEdge<3>,   kEdge<4>,   kEdge<5>,   kEdge<6>,   kEdge<7>,   kEdge<8>,   kRow<1, 1>,
    kRow<1, 2>, kRow<1, 3>, kRow<1, 4>, kRow<1, 5>, kRow<1, 6>, kRow<1, 7>, kRow<1, 8>, kRow<2, 1>, kRow<2, 2>,
    kRow<2, 3>, kRow<2, 4>, kRow<2, 5>, kRow<2, 6>, kRow<2, 7>, kRow<2, 8>, kRow<3, 1>, kRow<3, 2>, kRow<3, 3>,
    kRow<3, 4>, kRow<3, 5>, kRow<3, 6>, kRow<4, 1>, kRow<4, 2>, kRow<4, 3>, kRow<4, 4>, kRow<4, 5>, kRow<4, 6>,
    kRow<5, 1>, kRow<5, 2>, kRow<5, 3>, kRow<5, 4>, kRow<6, 1>, kRow<6, 2>, kRow<6, 3>, kRow<6, 4>, kRow<7, 1>,
    kRow<7, 2>, kRow<7, 3>, kRow<8, 1>, kRow<8, 2>, kRow<8, 3>,
};

}  // namespace

ConvIsa conv_isa_avx512() { return {Vec::kLanes, kRows, copy_rows<Vec>, 0.3}; }

}  // namespace rondo::kernels
