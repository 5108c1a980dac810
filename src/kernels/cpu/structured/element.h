#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/dtype.h"
#include "base/half.h"

namespace rondo::kernels {

/// How a structured kernel reads and writes one element of a dtype: `Storage` in memory, `Wide` (double or int64) in computation.
template <DType kType>
struct Element;

template <class S, class W>
struct PlainElement {
  using Storage = S;
  using Wide = W;
  static Wide load(const std::byte* p) {
    S value;
    std::memcpy(&value, p, sizeof value);
    return static_cast<Wide>(value);
  }
  static void store(std::byte* p, Wide wide) {
    S value;
    if constexpr (std::is_integral_v<S> && sizeof(S) == 1) {
      value = static_cast<S>(std::clamp<Wide>(wide, std::numeric_limits<S>::min(), std::numeric_limits<S>::max()));
    } else {
      value = static_cast<S>(wide);
    }
    std::memcpy(p, &value, sizeof value);
  }
  static constexpr bool kIsFloat = std::is_floating_point_v<W>;
  static Wide lowest() {
    if constexpr (kIsFloat)
      return -std::numeric_limits<Wide>::infinity();
    else
      return std::numeric_limits<S>::min();
  }
  static Wide highest() {
    if constexpr (kIsFloat)
      return std::numeric_limits<Wide>::infinity();
    else
      return std::numeric_limits<S>::max();
  }
};

template <>
struct Element<DType::kFloat32> : PlainElement<float, double> {};
template <>
struct Element<DType::kInt8> : PlainElement<int8_t, int64_t> {};
template <>
struct Element<DType::kUint8> : PlainElement<uint8_t, int64_t> {};
template <>
struct Element<DType::kInt32> : PlainElement<int32_t, int64_t> {};
template <>
struct Element<DType::kInt64> : PlainElement<int64_t, int64_t> {};
template <>
struct Element<DType::kBool> : PlainElement<uint8_t, int64_t> {
  static int64_t load(const std::byte* p) { return *p != std::byte{0}; }
  static void store(std::byte* p, int64_t wide) { *p = std::byte{wide != 0}; }
  static int64_t lowest() { return 0; }
  static int64_t highest() { return 1; }
};

template <float (*kLoad)(uint16_t), uint16_t (*kStore)(float)>
struct HalfElement : PlainElement<uint16_t, double> {
  static constexpr bool kIsFloat = true;
  static double load(const std::byte* p) {
    uint16_t bits;
    std::memcpy(&bits, p, sizeof bits);
    return kLoad(bits);
  }
  static void store(std::byte* p, double wide) {
    const uint16_t bits = kStore(static_cast<float>(wide));
    std::memcpy(p, &bits, sizeof bits);
  }
};
template <>
struct Element<DType::kFloat16> : HalfElement<half_to_float, float_to_half> {};
template <>
struct Element<DType::kBFloat16> : HalfElement<bfloat16_to_float, float_to_bfloat16> {};

/// Calls body.template operator()<Element<dtype>>(): the one switch on dtypes, outside of all loops.
template <class Body>
void with_element(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kFloat32:
      body.template operator()<Element<DType::kFloat32>>();
      break;
    case DType::kFloat16:
      body.template operator()<Element<DType::kFloat16>>();
      break;
    case DType::kBFloat16:
      body.template operator()<Element<DType::kBFloat16>>();
      break;
    case DType::kInt8:
      body.template operator()<Element<DType::kInt8>>();
      break;
    case DType::kUint8:
      body.template operator()<Element<DType::kUint8>>();
      break;
    case DType::kInt32:
      body.template operator()<Element<DType::kInt32>>();
      break;
    case DType::kInt64:
      body.template operator()<Element<DType::kInt64>>();
      break;
    case DType::kBool:
      body.template operator()<Element<DType::kBool>>();
      break;
  }
}

}  // namespace rondo::kernels
