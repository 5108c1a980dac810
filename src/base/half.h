#pragma once

#include <cstdint>

namespace rondo {

/// IEEE binary16 and bfloat16 <-> float32, round to nearest even, NaN stays NaN, overflow becomes infinity.
float half_to_float(uint16_t bits);
uint16_t float_to_half(float value);
inline float bfloat16_to_float(uint16_t bits) { return __builtin_bit_cast(float, uint32_t{bits} << 16); }
uint16_t float_to_bfloat16(float value);

}  // namespace rondo
