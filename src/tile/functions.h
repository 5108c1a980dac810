#pragma once

#include <array>
#include <cstdint>

#include "tile/block_functions.h"
#include "tile/op_table.h"
#include "tile/tile_program.h"

namespace rondo::tile {

constexpr size_t kValueTypes = 4;
constexpr size_t kDTypeSlots = 9;  ///< DType integers are 0 .. 8

/// A row reduction under way. What the fields hold is the business of the fold that started it.
struct alignas(64) FoldState {
  float lanes[64];
  double wide[16];
  int64_t steps;
};

/// One row reduction. Elements go round-robin to 64 lanes in steps of 64; what is added up to a row's end depends on the values and on
/// the lengths of the pieces modulo 64 only, so pieces that are multiples of 64 (the last may be any) give the bits of one piece.
/// Sums: f32 lanes of at most 8 elements, then f64; error below 11 * 2^-24 * sum |x| plus the rounding of the result. Products: f64.
struct RowFolder {
  void (*start)(FoldState* state);
  void (*step)(FoldState* state, const float* in, int64_t n);
  double (*finish)(FoldState* state);
  /// out[r] = fold of in[r * cols ...], divided by `divisor`: start, step over the whole row, finish.
  void (*rows)(float* out, const float* in, int64_t rows, int64_t cols, double divisor);
};

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
  /// By RowFold; kAvg adds up, its caller divides.
  std::array<RowFolder, kRowFolds> folds{};
  BlockFunctions blocks;
  /// True for functions that cost the same for every single element (no vectors): they are never run on padding.
  std::array<bool, kPointwiseCount> per_element{};
};

}  // namespace rondo::tile
