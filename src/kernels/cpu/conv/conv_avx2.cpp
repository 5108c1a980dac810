// 16 registers: up to 12 accumulators, the vectors of pixels, 1 broadcast weight.
#include <immintrin.h>

#include "kernels/cpu/conv/conv_table.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m256;
  static constexpr int kLanes = 8;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
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

}  // namespace

ConvFamily conv_family_avx2() { return ConvTable<Vec, 8, 4, 3, 3, 2, 2>::family(Isa::kAvx2, 0.15); }

}  // namespace rondo::kernels
