#pragma once

// Builds the tile::TileFunctions of the instruction set that the including file is compiled for.

#include "kernels/cpu/element_blocks.h"
#include "kernels/cpu/element_fold.h"
#include "kernels/cpu/element_loops.h"
#include "kernels/cpu/element_math_avx512.h"
#include "kernels/cpu/element_memory.h"
#include "tile/functions.h"

namespace rondo::kernels {
namespace {

using tile::PointwiseFn;
using tile::TileFunctions;
using tile::ValueType;

constexpr size_t kF32 = 0, kS32 = 1, kS64 = 2, kMask = 3;

inline auto& row(TileFunctions& table, PointwiseFn fn) { return table.compute[static_cast<size_t>(fn)]; }

#define RONDO_FLOAT_ROW(name) row(table, PointwiseFn::f_##name)[kF32] = map1<float, float, name##_of>
#define RONDO_LIBM_ROW(name) \
  RONDO_FLOAT_ROW(name);     \
  table.per_element[static_cast<size_t>(PointwiseFn::f_##name)] = true
#if defined(__AVX512F__)
#define RONDO_LANES_ROW(name) row(table, PointwiseFn::f_##name)[kF32] = map_16<name##_of_16>
#else
#define RONDO_LANES_ROW(name) RONDO_FLOAT_ROW(name)
#endif
inline void add_float_rows(TileFunctions& table) {
  RONDO_LANES_ROW(exp);
  RONDO_FLOAT_ROW(expm1);
  RONDO_FLOAT_ROW(log);
  RONDO_FLOAT_ROW(log1p);
  RONDO_FLOAT_ROW(sqrt);
  RONDO_FLOAT_ROW(recip);
  RONDO_LANES_ROW(tanh);
  RONDO_LANES_ROW(sigmoid);
  RONDO_LANES_ROW(erf);
  RONDO_FLOAT_ROW(ceil);
  RONDO_FLOAT_ROW(floor);
  RONDO_FLOAT_ROW(round);
  RONDO_FLOAT_ROW(round_bf16);
  row(table, PointwiseFn::f_round_f16)[kF32] = map_round_f16;
  RONDO_LIBM_ROW(sin);
  RONDO_LIBM_ROW(cos);
  RONDO_LIBM_ROW(tan);
  RONDO_LIBM_ROW(sinh);
  RONDO_LIBM_ROW(cosh);
  RONDO_LIBM_ROW(asin);
  RONDO_LIBM_ROW(acos);
  RONDO_LIBM_ROW(atan);
  RONDO_LIBM_ROW(asinh);
  RONDO_LIBM_ROW(acosh);
  RONDO_LIBM_ROW(atanh);
  table.per_element[static_cast<size_t>(PointwiseFn::f_pow)] = true;
  row(table, PointwiseFn::f_fma)[kF32] = map_fma<float>;
  row(table, PointwiseFn::f_isinf)[kF32] = map1<uint8_t, float, isinf_of>;
  row(table, PointwiseFn::f_isnan)[kF32] = map1<uint8_t, float, isnan_of>;
}
#undef RONDO_LANES_ROW
#undef RONDO_LIBM_ROW
#undef RONDO_FLOAT_ROW

template <class T>
void add_numeric_rows(TileFunctions& table, size_t type) {
  row(table, PointwiseFn::f_abs)[type] = map1<T, T, abs_of<T>>;
  row(table, PointwiseFn::f_neg)[type] = map1<T, T, neg_of<T>>;
  row(table, PointwiseFn::f_sign)[type] = map1<T, T, sign_of<T>>;
  row(table, PointwiseFn::f_add)[type] = map2<T, T, add_of<T>>;
  row(table, PointwiseFn::f_sub)[type] = map2<T, T, sub_of<T>>;
  row(table, PointwiseFn::f_mul)[type] = map2<T, T, mul_of<T>>;
  row(table, PointwiseFn::f_div)[type] = map2<T, T, div_of<T>>;
  row(table, PointwiseFn::f_floor_div)[type] = map2<T, T, floor_div_of<T>>;
  row(table, PointwiseFn::f_max)[type] = map2<T, T, max_of<T>>;
  row(table, PointwiseFn::f_min)[type] = map2<T, T, min_of<T>>;
  row(table, PointwiseFn::f_pow)[type] = map2<T, T, pow_of<T>>;
  row(table, PointwiseFn::f_equal)[type] = map2<uint8_t, T, equal_of<T>>;
  row(table, PointwiseFn::f_greater)[type] = map2<uint8_t, T, greater_of<T>>;
  row(table, PointwiseFn::f_less)[type] = map2<uint8_t, T, less_of<T>>;
  row(table, PointwiseFn::f_select)[type] = map_select<T>;
  table.cast[type][kMask] = map1<Mask, T, mask_of<T>>;
  table.cast[kMask][type] = map1<T, Mask, from_mask<T>>;
  table.cast[type][kF32] = map1<float, T, cast_of<float, T>>;
  table.cast[type][kS32] = map1<int32_t, T, cast_of<int32_t, T>>;
  table.cast[type][kS64] = map1<int64_t, T, cast_of<int64_t, T>>;
}

inline void add_mask_rows(TileFunctions& table) {
  row(table, PointwiseFn::f_not)[kMask] = map1<uint8_t, uint8_t, not_of>;
  row(table, PointwiseFn::f_and)[kMask] = map2<uint8_t, uint8_t, and_of>;
  row(table, PointwiseFn::f_or)[kMask] = map2<uint8_t, uint8_t, or_of>;
  row(table, PointwiseFn::f_xor)[kMask] = map2<uint8_t, uint8_t, xor_of>;
  row(table, PointwiseFn::f_equal)[kMask] = map2<uint8_t, uint8_t, equal_mask>;
  row(table, PointwiseFn::f_greater)[kMask] = map2<uint8_t, uint8_t, greater_mask>;
  row(table, PointwiseFn::f_less)[kMask] = map2<uint8_t, uint8_t, less_mask>;
  row(table, PointwiseFn::f_select)[kMask] = map_select<uint8_t>;
  table.cast[kMask][kMask] = map1<Mask, Mask, mask_to_mask>;
}

template <class Value, class Memory>
void add_memory(TileFunctions& table, DType dtype) {
  table.load[static_cast<size_t>(dtype)] = load_strided<Value, Memory>;
  table.store[static_cast<size_t>(dtype)] = store_strided<Value, Memory>;
}

inline TileFunctions make_table() {
  TileFunctions table;
  add_float_rows(table);
  add_numeric_rows<float>(table, kF32);
  add_numeric_rows<int32_t>(table, kS32);
  add_numeric_rows<int64_t>(table, kS64);
  add_mask_rows(table);
  add_memory<float, float>(table, DType::kFloat32);
  add_memory<float, Half>(table, DType::kFloat16);
  add_memory<float, Bfloat16>(table, DType::kBFloat16);
  add_memory<int32_t, int8_t>(table, DType::kInt8);
  add_memory<int32_t, uint8_t>(table, DType::kUint8);
  add_memory<int32_t, int32_t>(table, DType::kInt32);
  add_memory<int64_t, int64_t>(table, DType::kInt64);
  add_memory<uint8_t, uint8_t>(table, DType::kBool);
  add_folds(table);
  add_blocks(table);
  return table;
}

}  // namespace
}  // namespace rondo::kernels
