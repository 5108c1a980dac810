/// Conversions between float32 and the 16-bit float types, by their bits.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace rondo::onnx {

inline float from_bfloat16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

/// Nearest, ties to even; NaN stays NaN.
inline uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40U);
  return static_cast<uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

inline float from_half(uint16_t bits) {
  const float magnitude = (bits & 0x7c00U) == 0x7c00U ? ((bits & 0x3ffU) ? NAN : INFINITY)
                          : (bits & 0x7c00U)          ? std::ldexp(static_cast<float>(1024 + (bits & 0x3ffU)),
                                                                   static_cast<int>((bits >> 10) & 31U) - 25)
                                                      : std::ldexp(static_cast<float>(bits & 0x3ffU), -24);
  return (bits & 0x8000U) ? -magnitude : magnitude;
}

/// Nearest, ties to even; too large becomes infinity; NaN stays NaN.
inline uint16_t to_half(float value) {
  const uint16_t sign = std::signbit(value) ? 0x8000U : 0;
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7e00U);
  if (magnitude >= 65520.0F) return static_cast<uint16_t>(sign | 0x7c00U);
  if (magnitude < 6.103515625e-05F) {  // below 2^-14: multiples of 2^-24
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, 24))));
  }
  const auto bits = std::bit_cast<uint32_t>(magnitude);
  const uint32_t rounded = bits + 0xfffU + ((bits >> 13) & 1U);
  return static_cast<uint16_t>(sign | ((rounded - (112U << 23)) >> 13));
}

}  // namespace rondo::onnx
