// reason: the whole element vocabulary in one place.
#pragma once

// Loops of element functions over arrays, for the table of one instruction set. Plain loops: the compiler vectorizes
// them for the flags of the file that includes this. `ivdep` holds because arrays are either disjoint or exactly the
// same.

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/element_math.h"

namespace rondo::kernels {
namespace {

template <class Out, class In, Out (*F)(In)>
void map1(void* out, const void* a, const void*, const void*, int64_t n) {
  auto* o = static_cast<Out*>(out);
  const auto* x = static_cast<const In*>(a);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) o[i] = F(x[i]);
}

template <class Out, class In, Out (*F)(In, In)>
void map2(void* out, const void* a, const void* b, const void*, int64_t n) {
  auto* o = static_cast<Out*>(out);
  const auto* x = static_cast<const In*>(a);
  const auto* y = static_cast<const In*>(b);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) o[i] = F(x[i], y[i]);
}
template <class T>
void map_fma(void* out, const void* a, const void* b, const void* c, int64_t n) {
  auto* o = static_cast<T*>(out);
  const auto *x = static_cast<const T*>(a), *y = static_cast<const T*>(b), *z = static_cast<const T*>(c);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) o[i] = madd(x[i], y[i], z[i]);
}
template <class T>
void map_select(void* out, const void* a, const void* b, const void* c, int64_t n) {
  auto* o = static_cast<T*>(out);
  const auto* m = static_cast<const uint8_t*>(a);
  const auto *x = static_cast<const T*>(b), *y = static_cast<const T*>(c);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    const T chosen = x[i], other = y[i];
    o[i] = m[i] != 0 ? chosen : other;
  }
}

// Integers wrap: their arithmetic is done unsigned.
template <class T>
struct Wrap {
  using type = T;
};
template <>
struct Wrap<int32_t> {
  using type = uint32_t;
};
template <>
struct Wrap<int64_t> {
  using type = uint64_t;
};
template <class T>
using Wrapped = typename Wrap<T>::type;
template <class T>
constexpr bool kIsFloat = false;
template <>
constexpr bool kIsFloat<float> = true;

template <class T>
T add_of(T a, T b) {
  return static_cast<T>(static_cast<Wrapped<T>>(a) + static_cast<Wrapped<T>>(b));
}
template <class T>
T sub_of(T a, T b) {
  return static_cast<T>(static_cast<Wrapped<T>>(a) - static_cast<Wrapped<T>>(b));
}
template <class T>
T mul_of(T a, T b) {
  return static_cast<T>(static_cast<Wrapped<T>>(a) * static_cast<Wrapped<T>>(b));
}
template <class T>
T neg_of(T a) {
  if constexpr (kIsFloat<T>)
    return -a;
  else
    return static_cast<T>(Wrapped<T>{0} - static_cast<Wrapped<T>>(a));
}
template <class T>
T abs_of(T a) {
  if constexpr (kIsFloat<T>)
    return magnitude(a);
  else
    return a < 0 ? neg_of(a) : a;
}
template <class T>
T sign_of(T a) {
  return a > 0 ? T{1} : a < 0 ? T{-1} : T{0};
}
template <class T>
T max_of(T a, T b) {
  return a > b || b != b ? a : b;
}
template <class T>
T min_of(T a, T b) {
  return a < b || b != b ? a : b;
}
template <class T>
T div_of(T a, T b) {
  if constexpr (kIsFloat<T>)
    return a / b;
  else
    return b == 0 ? T{0} : b == -1 ? neg_of(a) : static_cast<T>(a / b);
}
template <class T>
T floor_div_of(T a, T b) {
  if constexpr (kIsFloat<T>)
    return __builtin_floorf(a / b);
  else if (b == 0 || b == -1)
    return b == 0 ? T{0} : neg_of(a);
  else
    return static_cast<T>(a / b - (a % b != 0 && (a < 0) != (b < 0)));
}
template <class T>
T pow_of(T a, T b) {
  if constexpr (kIsFloat<T>) {
    return __builtin_powf(a, b);
  } else {
    if (b < 0) return a == 1 ? T{1} : a != -1 ? T{0} : b % 2 == 0 ? T{1} : T{-1};
    T result = 1;
    for (T base = a; b != 0; b = static_cast<T>(b >> 1), base = mul_of(base, base))
      result = (b & 1) != 0 ? mul_of(result, base) : result;
    return result;
  }
}
template <class T>
uint8_t equal_of(T a, T b) {
  return a == b;
}
template <class T>
uint8_t greater_of(T a, T b) {
  return a > b;
}
template <class T>
uint8_t less_of(T a, T b) {
  return a < b;
}
inline uint8_t equal_mask(uint8_t a, uint8_t b) { return (a != 0) == (b != 0); }
inline uint8_t greater_mask(uint8_t a, uint8_t b) { return (a != 0) & (b == 0); }
inline uint8_t less_mask(uint8_t a, uint8_t b) { return (a == 0) & (b != 0); }
inline uint8_t and_of(uint8_t a, uint8_t b) { return (a != 0) & (b != 0); }
inline uint8_t or_of(uint8_t a, uint8_t b) { return (a | b) != 0; }
inline uint8_t xor_of(uint8_t a, uint8_t b) { return (a != 0) != (b != 0); }
inline uint8_t not_of(uint8_t a) { return a == 0; }
inline uint8_t isinf_of(float a) { return magnitude(a) == kInf; }
inline uint8_t isnan_of(float a) { return a != a; }

inline float sqrt_of(float a) { return __builtin_sqrtf(a); }
inline float recip_of(float a) { return 1.0f / a; }
inline float ceil_of(float a) { return __builtin_ceilf(a); }
inline float floor_of(float a) { return __builtin_floorf(a); }
inline float round_of(float a) { return __builtin_nearbyintf(a); }
#define RONDO_LIBM(name) \
  inline float name##_of(float a) { return __builtin_##name##f(a); }
// clang-format off
RONDO_LIBM(sin) RONDO_LIBM(cos) RONDO_LIBM(tan) RONDO_LIBM(sinh) RONDO_LIBM(cosh) RONDO_LIBM(asin)
RONDO_LIBM(acos) RONDO_LIBM(atan) RONDO_LIBM(asinh) RONDO_LIBM(acosh) RONDO_LIBM(atanh)
// clang-format on
#undef RONDO_LIBM

    // Conversions between value types. Integers saturate; the bound is checked before the conversion, which is
    // undefined beyond it.
    template <class To, class From>
    To cast_of(From x) {
  return static_cast<To>(x);
}
template <>
inline int32_t cast_of<int32_t, float>(float x) {
  const float inside = x > -2147483648.0f ? (x < 2147483520.0f ? x : 2147483520.0f) : -2147483648.0f;
  const int32_t y = static_cast<int32_t>(inside);
  return x != x ? 0 : x >= 2147483648.0f ? INT32_MAX : y;
}
template <>
inline int64_t cast_of<int64_t, float>(float x) {
  const float inside = x > -0x1p63f ? (x < 0x1.fffffep62f ? x : 0x1.fffffep62f) : -0x1p63f;
  const int64_t y = static_cast<int64_t>(inside);
  return x != x ? 0 : x >= 0x1p63f ? INT64_MAX : y;
}
template <>
inline int32_t cast_of<int32_t, int64_t>(int64_t x) {
  return static_cast<int32_t>(x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x);
}
struct Mask {
  uint8_t value;
};  // told apart from integers, so that casts to it compare with 0
template <class From>
Mask mask_of(From x) {
  return {static_cast<uint8_t>(x != From{0})};
}
template <class To>
To from_mask(Mask x) {
  return x.value != 0 ? To{1} : To{0};
}
inline Mask mask_to_mask(Mask x) { return {static_cast<uint8_t>(x.value != 0)}; }

}  // namespace
}  // namespace rondo::kernels
