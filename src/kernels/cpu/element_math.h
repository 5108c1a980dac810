// reason: one piece of arithmetic, read from top to bottom.
#pragma once

// The transcendental functions of the tile interpreter, one element at a time, written so that the compiler turns a
// loop over them into vector code: no branches (both sides are computed, then selected), no calls, no tables. Each file
// that includes this is compiled for one instruction set, so everything stands in an unnamed namespace: no two files
// may share a compiled copy. All operations round as IEEE 754 says and fused ones are spelled out, hence a vector lane,
// a scalar remainder and every position in an array give the same bits.
//
// The method is one for all: x = n ln 2 + r (or x = 2^n m for logarithms), a minimax polynomial on the small remainder
// (fitted with Remez' algorithm in 30 digits; errors beside the coefficients), and the power of two put back through
// the exponent bits.

#include <cstdint>

namespace rondo::kernels {
namespace {

#if defined(__FMA__)
inline float madd(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
inline float madd(float a, float b, float c) { return a * b + c; }
#endif
inline float bits_to_float(int32_t i) { return __builtin_bit_cast(float, i); }
inline int32_t float_to_bits(float x) { return __builtin_bit_cast(int32_t, x); }
inline float magnitude(float x) { return bits_to_float(float_to_bits(x) & 0x7fffffff); }
inline float with_sign(float magnitude, float sign) {
  return bits_to_float((float_to_bits(magnitude) & 0x7fffffff) | (float_to_bits(sign) & INT32_MIN));
}
// Integers on bit patterns wrap: NaNs and negative numbers pass through here, too, and are sorted out at the end.
inline int32_t wrap_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}
inline int32_t wrap_sub(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}
inline float power_of_two(int32_t n) { return bits_to_float(wrap_add(n, 127) << 23); }  // -126 <= n <= 127

constexpr float kInf = __builtin_inff();
constexpr float kLog2E = 1.44269504f;
constexpr float kLn2Hi = 0.693359375f;  // few bits: n * kLn2Hi is exact
constexpr float kLn2Lo = -2.12194440e-4f;

// Adding 1.5 * 2^23 to |x| < 2^22 rounds it to the nearest integer, which then stands in the low bits. With another
// integer added on top, those bits are a ready exponent field: shifted up by 23 they are 2^(n + bias).
struct Reduced {
  float r;      // |r| <= 0.35
  float power;  // 2^(n + bias), where x = n ln 2 + r
};
template <int bias>
inline Reduced reduce(float x) {
  constexpr float kRound = 12582912.0f + 127.0f + bias;
  const float shifted = madd(x, kLog2E, kRound);
  const float n = shifted - kRound;
  return {madd(n, -kLn2Lo, madd(n, -kLn2Hi, x)),
          bits_to_float(static_cast<int32_t>(static_cast<uint32_t>(float_to_bits(shifted)) << 23))};
}

// e^r - 1 for |r| <= 0.35: relative error 2.5e-10.
inline float expm1_small(float r) {
  float p = 0x1.a1a8f2p-13f;
  p = madd(p, r, 0x1.6d7b62p-10f);
  p = madd(p, r, 0x1.11108ap-7f);
  p = madd(p, r, 0x1.5554a8p-5f);
  p = madd(p, r, 0x1.555556p-3f);
  p = madd(p, r, 0.5f);
  return madd(p * r, r, r);
}

// e^r for |r| <= 0.35: relative error 3.3e-9.
inline float exp_small(float r) {
  float p = 0x1.6a1a88p-10f;
  p = madd(p, r, 0x1.123fb4p-7f);
  p = madd(p, r, 0x1.555916p-5f);
  p = madd(p, r, 0x1.55548ap-3f);
  p = madd(p, r, 0x1.fffffcp-2f);
  p = madd(p, r, 1.0f);
  return madd(p, r, 1.0f);
}

// e^x for x <= 0. The power is 64 too large until the last product, which alone rounds where the result is denormal.
inline float exp_of_negative(float x) {
  const Reduced red = reduce<64>(x < -104.0f ? -104.0f : x);  // NaN passes
  return exp_small(red.r) * red.power * 0x1p-64f;
}

// e^x for all x: no single bias fits -150 <= n <= 128, so it goes by the sign.
inline float exp_of(float x) {
  const float bounded = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;  // NaN passes
  const Reduced red = reduce<0>(bounded);
  const int32_t bias = x < 0.0f ? 64 << 23 : -(64 << 23);
  const float power = bits_to_float(wrap_add(float_to_bits(red.power), bias));
  return exp_small(red.r) * power * (x < 0.0f ? 0x1p-64f : 0x1p64f);
}

inline float expm1_of(float x) {
  const Reduced red = reduce<-1>(x < -18.0f ? -18.0f : x > 89.0f ? 89.0f : x);
  // 2^128 is no float, so everything is halved until the end.
  const float y = 2.0f * madd(expm1_small(red.r), red.power, red.power - 0.5f);
  return x == 0.0f ? x : y;
}

// tanh |x| = e / (e + 2) with e = exp(2|x|) - 1: exact for tiny x, and 1 from |x| = 9.02 on.
inline float tanh_of(float x) {
  const float doubled = magnitude(x + x);
  const Reduced red = reduce<0>(doubled > 20.0f ? 20.0f : doubled);
  const float e = madd(expm1_small(red.r), red.power, red.power - 1.0f);
  return with_sign(e / (e + 2.0f), x);
}

// e = exp(-|x|) cannot overflow; for x < 0 the answer is e / (1 + e), which keeps its digits down to the smallest
// denormal.
inline float sigmoid_of(float x) {
  const float e = exp_of_negative(-magnitude(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

// log(1 + t) for t in [-1/3, 1/3]: relative error 4.8e-9; plus n ln 2.
inline float log_of_parts(float t, float n) {
  float p = -0x1.08709cp-3f;
  p = madd(p, t, 0x1.1ed014p-3f);
  p = madd(p, t, -0x1.f2e4f6p-4f);
  p = madd(p, t, 0x1.1ec390p-3f);
  p = madd(p, t, -0x1.559f36p-3f);
  p = madd(p, t, 0x1.99d138p-3f);
  p = madd(p, t, -0x1.fffeeap-3f);
  p = madd(p, t, 0x1.555504p-2f);
  p = madd(p, t, -0.5f);
  const float y = madd(p, t * t, n * kLn2Lo);
  return (y + t) + n * kLn2Hi;
}

// x = 2^n m with m in [2/3, 4/3): subtracting the bits of 2/3 leaves n in the exponent field.
inline float log_of(float x) {
  const bool denormal = x < 0x1p-126f;
  const float scaled = denormal ? x * 0x1p23f : x;
  const int32_t bits = float_to_bits(scaled);
  const int32_t exponent = wrap_sub(bits, 0x3f2aaaab) & static_cast<int32_t>(0xff800000u);
  const float m = bits_to_float(wrap_sub(bits, exponent));
  const float n = static_cast<float>(exponent >> 23) - (denormal ? 23.0f : 0.0f);
  float y = log_of_parts(m - 1.0f, n);
  y = x == kInf ? kInf : y;
  y = x == 0.0f ? -kInf : y;
  return x >= 0.0f ? y : __builtin_nanf("");
}

// 1 + x = 2^n (1 + t). With s = 2^-n, t = x s + (s - 1): both terms are exact (s in two factors: 2^-128 has no exponent
// field), so t is rounded once even where 1 + x is not.
inline float log1p_of(float x) {
  const int32_t n = wrap_sub(float_to_bits(1.0f + x), 0x3f2aaaab) >> 23;
  const int32_t half = n >> 1;
  const float s1 = power_of_two(-half), s2 = power_of_two(half - n);
  float y = log_of_parts(madd(x * s1, s2, s1 * s2 - 1.0f), static_cast<float>(n));
  y = x == kInf ? kInf : y;
  y = x == -1.0f ? -kInf : y;
  y = x == 0.0f ? x : y;
  return x >= -1.0f ? y : __builtin_nanf("");
}

// Near 0 an odd polynomial (1.7e-8); beyond 0.92, 1 - exp(R(|x|)) with R = log erfc (4.6e-11 of the result).
inline float erf_of(float x) {
  const float a = magnitude(x);
  const float s = x * x;
  float q = -0x1.385666p-11f;
  q = madd(q, s, 0x1.46d0cap-8f);
  q = madd(q, s, -0x1.b679fap-6f);
  q = madd(q, s, 0x1.ce1952p-4f);
  q = madd(q, s, -0x1.8126e0p-2f);
  q = madd(q, s, 0x1.06eba6p-3f);
  const float near = madd(q, x, x);
  const float t = a > 4.0f ? 4.0f : a;
  float r = -0x1.61ea20p-16f;
  r = madd(r, t, 0x1.c790dep-12f);
  r = madd(r, t, -0x1.115abcp-8f);
  r = madd(r, t, 0x1.9b8e76p-6f);
  r = madd(r, t, -0x1.bb83e2p-4f);
  r = madd(r, t, -0x1.44460cp-1f);
  r = madd(r, t, -0x1.2127e4p+0f);
  r = madd(r, t, 0x1.6e560ep-13f);
  const float far = with_sign(1.0f - exp_of_negative(r), x);
  return a > 0.92f ? far : near;  // NaN takes the polynomial
}

}  // namespace
}  // namespace rondo::kernels
