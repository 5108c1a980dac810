#pragma once

#include <array>
#include <cstdint>

#include "tile/op_table.h"

namespace rondo::tile {

constexpr size_t kValueTypes = 4;
constexpr size_t kDTypeSlots = 9;  ///< DType integers are 0 .. 8

/// The element functions of one instruction set: what the interpreter calls for every instruction of a tile program. Kernels
/// provide one such table per ISA; its rows are tested against evaluate() of op_table.h.
///
/// All work on arrays of n elements, which may be one and the same array (exactly, not shifted). An element's result depends on
/// its operands alone: not on n, nor on its place in the array.
struct TileFunctions {
  /// out[i] = fn(a[i], b[i], c[i]); unused operands may be null.
  using Compute = void (*)(void* out, const void* a, const void* b, const void* c, int64_t n);
  /// out[i] = convert(in + i * in_stride bytes), out dense.
  using Load = void (*)(void* out, const std::byte* in, int64_t stride_bytes, int64_t n);
  /// out + i * stride bytes = convert(in[i]), in dense.
  using Store = void (*)(std::byte* out, int64_t stride_bytes, const void* in, int64_t n);

  /// [fn][type of the operands; for kSelect of the values]. Null where the signature has no such row.
  std::array<std::array<Compute, kValueTypes>, kPointwiseCount> compute{};
  /// [from][to]
  std::array<std::array<Compute, kValueTypes>, kValueTypes> cast{};
  /// Memory of a dtype <-> values of value_type(dtype). Stores of i8 and u8 saturate.
  std::array<Load, kDTypeSlots> load{};
  std::array<Store, kDTypeSlots> store{};
  /// True for functions that cost the same for every single element (no vectors): they are never run on padding.
  std::array<bool, kPointwiseCount> per_element{};
};

}  // namespace rondo::tile
