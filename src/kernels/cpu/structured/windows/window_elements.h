#pragma once

// Elements and operations of windowed reductions, for the loops of one instruction set.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/half.h"

namespace rondo::kernels {
namespace {

/// How an element stands in memory and in the accumulator, float or int64.
template <class S, class T>
struct Plain {
  using Sum = T;
  static constexpr int64_t kBytes = sizeof(S);
  static Sum load(const std::byte* p) {
    S value;
    std::memcpy(&value, p, sizeof value);
    return static_cast<Sum>(value);
  }
  static void store(std::byte* p, Sum sum) {
    if constexpr (sizeof(S) == 1) {
      constexpr Sum low = std::numeric_limits<S>::min(), high = std::numeric_limits<S>::max();
      sum = sum < low ? low : sum > high ? high : sum;
    }
    const S value = static_cast<S>(sum);
    std::memcpy(p, &value, sizeof value);
  }
  static constexpr Sum lowest() {
    if constexpr (std::is_floating_point_v<T>)
      return -std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<S>::min();
  }
  static constexpr Sum highest() {
    if constexpr (std::is_floating_point_v<T>)
      return std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<S>::max();
  }
};

template <float (*kLoad)(uint16_t), uint16_t (*kStore)(float)>
struct HalfPlain : Plain<float, float> {
  static constexpr int64_t kBytes = sizeof(uint16_t);
  static float load(const std::byte* p) {
    uint16_t bits;
    std::memcpy(&bits, p, sizeof bits);
    return kLoad(bits);
  }
  static void store(std::byte* p, float sum) {
    const uint16_t bits = kStore(sum);
    std::memcpy(p, &bits, sizeof bits);
  }
};

struct AddTaps {
  template <class E>
  static typename E::Sum start() {
    return 0;
  }
  template <class T>
  static T step(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    else
      return a + b;
  }
};
struct MultiplyTaps {
  template <class E>
  static typename E::Sum start() {
    return 1;
  }
  template <class T>
  static T step(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    else
      return a * b;
  }
};
struct LargerTap {
  template <class E>
  static typename E::Sum start() {
    return E::lowest();
  }
  template <class T>
  static T step(T a, T b) {
    return b > a ? b : a;
  }
};
struct SmallerTap {
  template <class E>
  static typename E::Sum start() {
    return E::highest();
  }
  template <class T>
  static T step(T a, T b) {
    return b < a ? b : a;
  }
};

}  // namespace
}  // namespace rondo::kernels
