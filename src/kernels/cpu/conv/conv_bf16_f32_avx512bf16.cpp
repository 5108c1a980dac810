// Products of bf16 with sums in f32. A lane holds one pixel of two successive channels, so one instruction does what
// two of the f32 kernel do. Per lane vdpbf16ps adds the product of the odd channel, then that of the even one, and
// takes denormals as zero, in factors and in sums.
#include "kernels/cpu/conv/conv_vectors_avx512.h"

namespace rondo::kernels {
namespace {

struct PairVec : Vec {
  static constexpr GemmFormat kFormat = GemmFormat::kBf16Pairs;
  static Reg madd(Reg a, Reg b, Reg c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

__m512i widened(__m512 values) { return _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values))); }

__m512 pairs(__m512 even, __m512 odd) {
  return _mm512_castsi512_ps(_mm512_or_si512(widened(even), _mm512_slli_epi32(widened(odd), 16)));
}

void pair_row(float* to, const float* even, const float* odd, int64_t n) {
  int64_t i = 0;
  for (; i + Vec::kLanes <= n; i += Vec::kLanes) Vec::store(to + i, pairs(Vec::load(even + i), Vec::load(odd + i)));
  const __mmask16 rest = Vec::first(n - i);
  Vec::store_some(to + i, pairs(Vec::load_some(even + i, rest), Vec::load_some(odd + i, rest)), rest);
}

}  // namespace

ConvFamily conv_family_avx512bf16() { return Avx512Table<PairVec>::family(Isa::kAvx512Bf16, 0.3, pair_row); }

}  // namespace rondo::kernels
