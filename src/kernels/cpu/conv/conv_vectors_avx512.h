#pragma once

// The vectors of the AVX-512 kernels. 32 registers: up to 24 accumulators, the vectors of pixels, 1 broadcast weight.
// Few channels take more vectors, because each vector is a chain of its own and a multiply-add takes 4 cycles.

#include <immintrin.h>

#include "kernels/cpu/conv/conv_table.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m512;
  static constexpr int kLanes = 16;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
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

template <class V>
using Avx512Table = ConvTable<V, 8, 8, 6, 6, 4, 4, 3, 3>;

}  // namespace
}  // namespace rondo::kernels
