// 16 registers: up to 12 accumulators, the vectors of pixels, 1 broadcast weight.
#include <immintrin.h>

#include "kernels/cpu/conv/conv_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m256;
  static constexpr int kLanes = 8;
  static Reg load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm256_storeu_ps(p, v); }
  static __m256i first(int64_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Reg load_some(const float* p, __m256i some) { return _mm256_maskload_ps(p, some); }
  static void store_some(float* p, Reg v, __m256i some) { _mm256_maskstore_ps(p, some, v); }
  static void store_lanes(float* p, Reg v, int begin, int end) {
    store_some(p, v, _mm256_andnot_si256(first(begin), first(end)));
  }
  static Reg even(Reg a, Reg b) {
    const __m256 pairs = _mm256_shuffle_ps(a, b, 0x88);  // 0 2 8 10, 4 6 12 14
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(pairs), 0xd8));
  }
  static Reg broadcast(const float* p) { return _mm256_broadcast_ss(p); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+x"(v)); }
};

template <int R, int V>
constexpr ConvRow kRow = kConvRow<Vec, R, V>;
template <int R>
constexpr ConvRow kEdge = kConvEdge<Vec, R>;

constexpr ConvRow kRows[] = {
    kEdge<1>,   kEdge<2>,   kEdge<3>,   kEdge<4>,   kEdge<5>,   kEdge<6>,   kRow<1, 1>,
    kRow<1, 2>, kRow<1, 3>, kRow<1, 4>, kRow<1, 5>, kRow<1, 6>, kRow<1, 7>, kRow<1, 8>,
    kRow<2, 1>, kRow<2, 2>, kRow<2, 3>, kRow<2, 4>, kRow<3, 1>, kRow<3, 2>, kRow<3, 3>,
    kRow<4, 1>, kRow<4, 2>, kRow<4, 3>, kRow<5, 1>, kRow<5, 2>, kRow<6, 1>, kRow<6, 2>,
};

}  // namespace

ConvIsa conv_isa_avx2() { return {Vec::kLanes, kRows, copy_rows<Vec>, 0.15}; }

}  // namespace rondo::kernels
