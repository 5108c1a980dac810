#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/dtype.h"

namespace rondo::tile {

/// Value types of tile programs. Narrow types (f16, bf16, i8, u8) exist only in loads and stores; kMask is one byte, 0 or 1.
enum class ValueType : uint8_t { kF32, kS32, kS64, kMask };

enum class Signature : uint8_t { kFloat, kNumeric, kFloatTest, kLogic, kCompare, kSelect, kCast };

/// The functions of op_table.def; kExp, kTanh, kAdd … are spelled as in the table with an `f_` prefix (several are C++ keywords).
enum class PointwiseFn : uint8_t {
#define RONDO_POINTWISE(name, arity, signature) f_##name,
#include "tile/op_table.def"
#undef RONDO_POINTWISE
};

struct PointwiseInfo {
  const char* name;
  uint8_t arity;
  Signature signature;
};

constexpr PointwiseInfo kPointwiseTable[] = {
#define RONDO_POINTWISE(name, arity, signature) {#name, arity, Signature::signature},
#include "tile/op_table.def"
#undef RONDO_POINTWISE
};
constexpr size_t kPointwiseCount = sizeof(kPointwiseTable) / sizeof(kPointwiseTable[0]);

inline const PointwiseInfo& pointwise_info(PointwiseFn fn) { return kPointwiseTable[static_cast<size_t>(fn)]; }
/// Finds a function by its table name; false if there is none.
bool parse_pointwise(std::string_view name, PointwiseFn* fn);

/// The value type in which a dtype is computed: floats in f32, int8/uint8/int32 in s32, int64 in s64, bool as mask.
ValueType value_type(DType dtype);
/// Bytes of one element of a value in a tile: f32 4, s32 4, s64 8, mask 1.
size_t value_bytes(ValueType type);

/// Reference definition of every function, in double; integers are exact below 2^53. `type` is the operand type (for kCast the
/// target type). Integer division truncates, floor_div floors, division by zero of integers gives 0; float->int truncates and
/// saturates, NaN gives 0; `round` is half to even; round_f16 and
/// round_bf16 give the nearest value of that type, half to even; masks are 0 and 1; max/min return the other operand if one is NaN.
double evaluate(PointwiseFn fn, ValueType type, std::array<double, 3> x);

}  // namespace rondo::tile
