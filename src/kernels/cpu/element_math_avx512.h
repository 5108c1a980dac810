// reason: the tables stand beside the functions that read them.
#pragma once

// Functions of element_math.h for AVX-512, where a register holds a table: one instruction looks up 16 lanes among 16
// entries by the low four bits of an index. So a function is cut into 16 intervals with a short polynomial each, whose
// coefficients are looked up; the lookups run beside the multiplications. Cycles for 16 elements on Zen 4, where a
// fused multiply-add takes one: erf 12 (38 as one formula), tanh 14 (25), exp 9 (10).
//
// Polynomials are fitted with Remez' algorithm in 40 digits, relative to the function. The interval at 0 is centred
// there and has the function's symmetry, which keeps the digits of small results.

#if defined(__AVX512F__)
#include <immintrin.h>

#include "kernels/cpu/element_math.h"

namespace rondo::kernels {
namespace {

inline __m512 spread_16(float x) { return _mm512_set1_ps(x); }
inline __m512 look_up(const float* table, __m512i index) { return _mm512_permutexvar_ps(index, _mm512_load_ps(table)); }
inline __m512 with_sign(__m512 magnitude, __m512 sign) {
  constexpr int kSecondWhereMask = 0xd8;
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(magnitude), _mm512_castps_si512(sign),
                                                       _mm512_set1_epi32(INT32_MIN), kSecondWhereMask));
}
// c[0] t^n + .. + c[n] with the coefficients of the interval.
template <int kRows>
inline __m512 interval_polynomial(const float (&c)[kRows][16], __m512i index, __m512 t) {
  __m512 p = look_up(c[0], index);
#pragma GCC unroll 8
  for (int k = 1; k < kRows; ++k) p = _mm512_fmadd_ps(p, t, look_up(c[k], index));
  return p;
}

// 2^(j/16)
alignas(64) constexpr float kRootsOfTwo[16] = {0x1p+0f,        0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f,
                                               0x1.306fep+0f,  0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
                                               0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f,
                                               0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f};

// x = (n + j/16) ln 2 + r with |r| <= 0.022. Adding 1.5 * 2^19 rounds to sixteenths, which then stand in the low bits,
// and the instruction that multiplies by 2^floor(n + j/16) rounds denormal results once. `bounded` is in [-104, 89] or
// NaN.
inline __m512 exp_of_bounded(__m512 bounded) {
  const __m512 round = spread_16(0x1.8p19f);
  const __m512 shifted = _mm512_fmadd_ps(bounded, spread_16(kLog2E), round);
  const __m512 n = _mm512_sub_ps(shifted, round);
  const __m512 r = _mm512_fnmadd_ps(n, spread_16(kLn2Lo), _mm512_fnmadd_ps(n, spread_16(kLn2Hi), bounded));
  const __m512 root = look_up(kRootsOfTwo, _mm512_castps_si512(shifted));
  // e^r - 1: 1.6e-9
  const __m512 q = _mm512_fmadd_ps(r, spread_16(0x1.55574p-3f), spread_16(0x1.00022p-1f));
  const __m512 p = _mm512_fmadd_ps(_mm512_mul_ps(q, r), r, r);
  return _mm512_scalef_ps(_mm512_fmadd_ps(root, p, root), n);
}
// Bounds are the first operand of the minimum and the maximum, so that a NaN passes.
inline __m512 exp_of_16(__m512 x) {
  return exp_of_bounded(_mm512_min_ps(spread_16(89.0f), _mm512_max_ps(spread_16(-104.0f), x)));
}

inline __m512 sigmoid_of_16(__m512 x) {
  const __m512 negative = with_sign(x, spread_16(-0.0f));
  const __m512 e = exp_of_bounded(_mm512_max_ps(spread_16(-104.0f), negative));
  const __m512 one = spread_16(1.0f);
  const __mmask16 below = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  return _mm512_div_ps(_mm512_mask_mov_ps(one, below, e), _mm512_add_ps(one, e));
}

// Intervals are [i - 1/2, i + 1/2] times a width for which erf at all their centres is close to a float. Relative error
// 2.6e-8.
constexpr float kErfWidth = 17364.0f / 65536.0f;
alignas(64) constexpr float kErf[6][16] = {
    {0x1.cb4c36p-4f, 0x1.3c4f82p-4f, -0x1.38082ap-11f, -0x1.e24816p-5f, -0x1.0e8674p-4f, -0x1.31ffd8p-5f,
     -0x1.6cd584p-8f, 0x1.5fcfd4p-7f, 0x1.991f04p-7f, 0x1.0c2f08p-7f, 0x1.00e0dap-8f, 0x1.832fb8p-10f, 0x1.da9478p-12f,
     0x1.e1a9f2p-14f, 0x1.99574cp-16f, 0x1.257d86p-18f},
    {0, 0x1.0dc9a2p-3f, 0x1.753758p-3f, 0x1.197a8p-3f, 0x1.926844p-5f, -0x1.5e5eap-6f, -0x1.8e8098p-5f, -0x1.627842p-5f,
     -0x1.b625e2p-6f, -0x1.a40934p-7f, -0x1.45e642p-8f, -0x1.a23b5p-10f, -0x1.c18846p-12f, -0x1.980214p-14f,
     -0x1.3a7a28p-16f, -0x1.9d5abep-19f},
    {-0x1.81261p-2f, -0x1.34a8aap-2f, -0x1.fe1e94p-4f, 0x1.afb9e4p-5f, 0x1.3841e2p-3f, 0x1.4e4fdp-3f, 0x1.f2f9p-4f,
     0x1.228296p-4f, 0x1.135138p-5f, 0x1.b1acaep-7f, 0x1.1f4774p-8f, 0x1.428fc8p-10f, 0x1.3487p-12f, 0x1.f89f3ap-15f,
     0x1.61c9fep-17f, 0x1.aa2b52p-20f},
    {0, -0x1.1d61b8p-2f, -0x1.ce6082p-2f, -0x1.e8435cp-2f, -0x1.8e46b6p-2f, -0x1.08ac58p-2f, -0x1.25777ep-3f,
     -0x1.12e968p-4f, -0x1.b6733cp-6f, -0x1.2b1548p-7f, -0x1.5e31d4p-9f, -0x1.60c074p-11f, -0x1.32373p-13f,
     -0x1.cac2d6p-16f, -0x1.28d87cp-18f, -0x1.4c19cp-21f},
    {0x1.20dd74p+0f, 0x1.0d4836p+0f, 0x1.b44a08p-1f, 0x1.3323ccp-1f, 0x1.77cbdep-2f, 0x1.8f921ap-3f, 0x1.7132b6p-4f,
     0x1.2872eep-5f, 0x1.9db588p-7f, 0x1.f5b964p-9f, 0x1.08617cp-10f, 0x1.e442e6p-13f, 0x1.816968p-15f, 0x1.0a8f78p-17f,
     0x1.406c0ap-20f, 0x1.4eb72p-23f},
    {0, 0x1.2b20c2p-2f, 0x1.17bfc8p-1f, 0x1.7a623ap-1f, 0x1.bb6e4p-1f, 0x1.e0c4c8p-1f, 0x1.f36c78p-1f, 0x1.fb8946p-1f,
     0x1.fe9b58p-1f, 0x1.ff9e4cp-1f, 0x1.ffe88cp-1f, 0x1.fffb12p-1f, 0x1.ffff18p-1f, 0x1.ffffdap-1f, 0x1.fffffap-1f,
     0x1p+0f}};
inline __m512 erf_of_16(__m512 x) {
  const __m512 a = _mm512_min_ps(spread_16(4.1f), _mm512_abs_ps(x));
  const __m512 round = spread_16(12582912.0f);
  const __m512 shifted = _mm512_fmadd_ps(a, spread_16(1.0f / kErfWidth), round);
  const __m512 t = _mm512_fnmadd_ps(_mm512_sub_ps(shifted, round), spread_16(kErfWidth), a);
  return with_sign(interval_polynomial(kErf, _mm512_castps_si512(shifted), t), x);
}

// Two intervals to a power of two, from [1/8, 3/16] to [8, 9.1]; the exponent and one bit of the mantissa tell which,
// modulo 16. What is below 1/8 is taken for [3/32, 1/8]. Relative error 4.1e-8.
alignas(64) constexpr float kTanhCenters[16] = {0x1.4p+1f, 0x1.cp+1f, 0x1.4p+2f, 0x1.cp+2f, 0x1.12p+3f, 0,
                                                0,         0,         0x1.4p-3f, 0x1.cp-3f, 0x1.4p-2f,  0x1.cp-2f,
                                                0x1.4p-1f, 0x1.cp-1f, 0x1.4p+0f, 0x1.cp+0f};
alignas(64) constexpr float kTanh[7][16] = {
    {-0x1.6cafc4p-11f, -0x1.4af3e2p-13f, -0x1.3c0934p-17f, -0x1.741e3ap-23f, -0x1.d58b38p-28f, 0, 0, 0, -0x1.abc62ap-5f,
     -0x1.0b162p-4f, -0x1.28668p-4f, -0x1.f96914p-5f, -0x1.8f387cp-6f, 0x1.a52a1ap-7f, 0x1.eef552p-7f, 0x1.14727p-9f},
    {0x1.7a70d6p-9f, 0x1.0118d2p-11f, 0x1.ddd846p-16f, 0x1.18b50ap-21f, 0x1.60cf1cp-26f, 0, 0, 0x1.0e7eaap-3f,
     0x1.b7092p-4f, 0x1.5bf1ecp-4f, 0x1.74c996p-5f, -0x1.86b72ap-8f, -0x1.bd1ebcp-5f, -0x1.df9f4ap-5f, -0x1.429caap-6f,
     0x1.c86decp-9f},
    {-0x1.07da08p-7f, -0x1.39db2cp-10f, -0x1.f2edeep-15f, -0x1.248fep-20f, -0x1.a1c62ep-25f, 0, 0, 0, 0x1.8e2d2ap-4f,
     0x1.04dccp-3f, 0x1.43d2f8p-3f, 0x1.5c2706p-3f, 0x1.1a6cf6p-3f, 0x1.f20f32p-5f, -0x1.9c6adcp-7f, -0x1.8171f4p-6f},
    {0x1.16d084p-6f, 0x1.3c1c1cp-9f, 0x1.f26p-14f, 0x1.2429a2p-19f, 0x1.a1b90ap-24f, 0, 0, -0x1.555368p-2f,
     -0x1.352042p-2f, -0x1.183afap-2f, -0x1.c1a4bp-3f, -0x1.16e21p-3f, -0x1.24413ap-6f, 0x1.4f12b2p-4f, 0x1.bbb42ap-4f,
     0x1.01c108p-4f},
    {-0x1.add9dp-6f, -0x1.dc5b14p-9f, -0x1.7d4a0cp-13f, -0x1.bf094p-19f, -0x1.39d82ep-23f, 0, 0, 0, -0x1.35cbcp-3f,
     -0x1.a48aaep-3f, -0x1.19922p-2f, -0x1.5e0f0ap-2f, -0x1.893b5cp-2f, -0x1.6ba7cep-2f, -0x1.e72916p-3f,
     -0x1.b6d84p-4f},
    {0x1.b3b052p-6f, 0x1.dd3a36p-9f, 0x1.7d6406p-13f, 0x1.bf1c9ap-19f, 0x1.39d892p-23f, 0, 0, 0x1p+0f, 0x1.f3b36p-1f,
     0x1.e842cap-1f, 0x1.d11574p-1f, 0x1.a945bap-1f, 0x1.6284c4p-1f, 0x1.02500ap-1f, 0x1.1f250cp-2f, 0x1.d22c94p-4f},
    {0x1.f92582p-1f, 0x1.ff112cp-1f, 0x1.fff41ap-1f, 0x1.ffffc8p-1f, 0x1.fffffep-1f, 0, 0, 0, 0x1.3d6bc8p-3f,
     0x1.b8fd04p-3f, 0x1.35f98ap-2f, 0x1.a5729ep-2f, 0x1.1bf47ep-1f, 0x1.68665p-1f, 0x1.b2523cp-1f, 0x1.e1fbfap-1f}};
inline __m512 tanh_of_16(__m512 x) {
  const __m512 a = _mm512_min_ps(spread_16(9.1f), _mm512_abs_ps(x));
  const __m512i index = _mm512_srli_epi32(_mm512_castps_si512(_mm512_max_ps(spread_16(0.09375f), a)), 22);
  return with_sign(interval_polynomial(kTanh, index, _mm512_sub_ps(a, look_up(kTanhCenters, index))), x);
}

// A function over an array; the last elements pass through the same instructions.
template <__m512 (*F)(__m512)>
void map_16(void* out, const void* a, const void*, const void*, int64_t n) {
  auto* o = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m512 first = F(_mm512_loadu_ps(x + i)), second = F(_mm512_loadu_ps(x + i + 16));
    _mm512_storeu_ps(o + i, first);
    _mm512_storeu_ps(o + i + 16, second);
  }
  for (; i < n; i += 16) {
    const __mmask16 mask = n - i >= 16 ? 0xffff : static_cast<__mmask16>((1u << (n - i)) - 1);
    _mm512_mask_storeu_ps(o + i, mask, F(_mm512_maskz_loadu_ps(mask, x + i)));
  }
}

}  // namespace
}  // namespace rondo::kernels

#endif
