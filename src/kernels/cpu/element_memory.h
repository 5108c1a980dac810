#pragma once

// Loads and stores of every dtype, strided, for the table of one instruction set.

#include <cstddef>
#include <cstdint>

#if defined(__F16C__)
#include <immintrin.h>
#endif

#include "base/half.h"
#include "kernels/cpu/element_loops.h"

namespace rondo::kernels {
namespace {

struct Half {
  uint16_t bits;
};
struct Bfloat16 {
  uint16_t bits;
};

template <class Value, class Memory>
Value decode(Memory m) {
  return static_cast<Value>(m);
}
template <>
inline float decode<float, Bfloat16>(Bfloat16 m) {
  return bits_to_float(static_cast<int32_t>(uint32_t{m.bits} << 16));
}
template <>
inline float decode<float, Half>(Half m) {
#if defined(__F16C__)
  return _cvtsh_ss(m.bits);
#else
  return half_to_float(m.bits);
#endif
}

template <class Memory, class Value>
Memory encode(Value v) {
  return static_cast<Memory>(v);
}
template <>
inline int8_t encode<int8_t, int32_t>(int32_t v) {
  return static_cast<int8_t>(v > 127 ? 127 : v < -128 ? -128 : v);
}
template <>
inline uint8_t encode<uint8_t, int32_t>(int32_t v) {
  return static_cast<uint8_t>(v > 255 ? 255 : v < 0 ? 0 : v);
}
template <>
inline Bfloat16 encode<Bfloat16, float>(float v) {
  const auto bits = static_cast<uint32_t>(float_to_bits(v));
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return {static_cast<uint16_t>(v != v ? (bits >> 16) | 0x40u : rounded)};
}
template <>
inline Half encode<Half, float>(float v) {
#if defined(__F16C__)
  return {static_cast<uint16_t>(_cvtss_sh(v, 0))};
#else
  return {float_to_half(v)};
#endif
}

template <class Value, class Memory>
void load_dense(Value* out, const Memory* in, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) out[i] = decode<Value>(in[i]);
}
template <class Memory, class Value>
void store_dense(Memory* out, const Value* in, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) out[i] = encode<Memory>(in[i]);
}
#if defined(__F16C__)
inline void load_dense(float* out, const Half* in, int64_t n) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i))));
  for (; i < n; ++i) out[i] = decode<float>(in[i]);
}
inline void store_dense(Half* out, const float* in, int64_t n) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(in + i), 0));
  for (; i < n; ++i) out[i] = encode<Half>(in[i]);
}
#endif

inline float round_bf16_of(float a) { return decode<float>(encode<Bfloat16>(a)); }
inline void map_round_f16(void* out, const void* a, const void*, const void*, int64_t n) {
  auto* y = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  int64_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(y + i, _mm256_cvtph_ps(_mm256_cvtps_ph(_mm256_loadu_ps(x + i), 0)));
#endif
  for (; i < n; ++i) y[i] = decode<float>(encode<Half>(x[i]));
}

template <class Value, class Memory>
void load_strided(void* out, const std::byte* in, int64_t stride, int64_t n) {
  auto* o = static_cast<Value*>(out);
  if (stride == static_cast<int64_t>(sizeof(Memory))) return load_dense(o, reinterpret_cast<const Memory*>(in), n);
  if (stride == 0) {
    const Value value = n > 0 ? decode<Value>(*reinterpret_cast<const Memory*>(in)) : Value{};
    for (int64_t i = 0; i < n; ++i) o[i] = value;
    return;
  }
  for (int64_t i = 0; i < n; ++i, in += stride) o[i] = decode<Value>(*reinterpret_cast<const Memory*>(in));
}

template <class Value, class Memory>
void store_strided(std::byte* out, int64_t stride, const void* in, int64_t n) {
  const auto* v = static_cast<const Value*>(in);
  if (stride == static_cast<int64_t>(sizeof(Memory))) return store_dense(reinterpret_cast<Memory*>(out), v, n);
  for (int64_t i = 0; i < n; ++i, out += stride) *reinterpret_cast<Memory*>(out) = encode<Memory>(v[i]);
}

}  // namespace
}  // namespace rondo::kernels
