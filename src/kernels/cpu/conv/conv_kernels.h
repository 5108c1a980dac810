#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/gemm.h"

namespace rondo::kernels {

/// Where the lanes of one vector of pixels go when the grid of pixels has gaps: lanes [begin, end) to `at` + lane of a row of y, lanes
/// [next_begin, next_end) to `next` + lane, in floats.
struct ConvSpot {
  int32_t at = 0, next = 0;
  int8_t begin = 0, end = 0, next_begin = 0, next_end = 0;
};
/// One call of a convolution's micro-kernel: y(row, pixel) = bias[row] + sum over k, ascending, of w(row, k) * x[offset[k] + pixel].
/// Rows are output channels, pixels are neighbours in memory, k runs over (input channel, tap). Every element is the sequential fused
/// multiply-add over k from its bias, whatever the tile's size: tiles of any size give the same bits. In the format kBf16Pairs w and x
/// are words of two bf16, of an even input channel below and the next one above, and a step rounds as the machine's instruction does.
struct ConvTile {
  const float* w = nullptr;  ///< f32, or words of pairs
  int64_t w_row = 0;         ///< words between rows; the k of a row are dense
  const float* x = nullptr;
  const int32_t* offset = nullptr;  ///< [k], in words
  int64_t k = 0;
  const float* bias = nullptr;  ///< [rows]
  float* y = nullptr;
  int64_t y_row = 0;                ///< floats between rows; pixels are dense
  const ConvSpot* spots = nullptr;  ///< [vectors], null: vectors are dense in y
  int64_t pixels = 0;               ///< edge kernels only: pixels of the vector that are read and written
};
using ConvFn = void (*)(const ConvTile& tile);

/// A micro-kernel: a row of the table that dispatch and tests read.
struct ConvRow {
  int rows;     ///< height of the tile
  int vectors;  ///< vectors of `lanes` pixels; 0: an edge kernel, one vector of which only some pixels exist
  ConvFn fn;
};

/// Moves `rows` rows of n floats; `step` is the distance of neighbours in `from`. The ranges do not overlap.
struct CopyRows {
  float* to = nullptr;
  int64_t to_row = 0;
  const float* from = nullptr;
  int64_t from_row = 0, step = 1;
  int64_t rows = 0, n = 0;
};
using CopyRowsFn = void (*)(const CopyRows& copy);
/// Rounds n elements of two channels to bf16 and writes them as words of pairs.
using PairRowFn = void (*)(float* to, const float* even, const float* odd, int64_t n);

constexpr int kMaxConvRows = 8;
constexpr int kMaxConvVectors = 8;

/// What one instruction set offers for a format, by size; all null where it has no such kernels.
struct ConvKernels {
  int lanes = 0;
  int max_rows = 0;
  int max_vectors[kMaxConvRows + 1] = {};                 ///< by rows
  ConvFn fn[kMaxConvRows + 1][kMaxConvVectors + 1] = {};  ///< [rows][vectors]
  ConvFn edge[kMaxConvRows + 1] = {};                     ///< [rows]
  CopyRowsFn copy_rows = nullptr;
  PairRowFn pair_row = nullptr;  ///< kBf16Pairs only
  double ns_per_vector = 1;      ///< of one multiply-add of a vector, for estimates; measured, rounded up
};
/// For kF32 and, where there are dot products of pairs, kBf16Pairs. Other factors are widened before micro-kernels read them.
const ConvKernels& conv_kernels(Isa isa, GemmFormat format = GemmFormat::kF32);

/// The kernels that one ISA's file provides for a format.
struct ConvFamily {
  Isa isa;
  GemmFormat format;
  int lanes;
  std::span<const ConvRow> rows;
  CopyRowsFn copy_rows;
  PairRowFn pair_row;
  double ns_per_vector;
};
ConvFamily conv_family_scalar();
ConvFamily conv_family_avx2();
ConvFamily conv_family_avx512();
ConvFamily conv_family_avx512bf16();

}  // namespace rondo::kernels
