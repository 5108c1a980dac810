#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/isa.h"

namespace rondo::kernels {

/// Where the lanes of one vector of pixels go when the grid of pixels has gaps: lanes [begin, end) to `at` + lane of a row of y, lanes
/// [next_begin, next_end) to `next` + lane, in floats.
struct ConvSpot {
  int32_t at = 0, next = 0;
  int8_t begin = 0, end = 0, next_begin = 0, next_end = 0;
};
/// One call of a convolution's micro-kernel: y(row, pixel) = bias[row] + sum over k, ascending, of w(row, k) * x[offset[k] + pixel].
/// Rows are output channels, pixels are neighbours in memory, k runs over (input channel, tap). Every element is the sequential fused
/// multiply-add over k from its bias, whatever the tile's size: tiles of any size give the same bits.
struct ConvTile {
  const float* w = nullptr;
  int64_t w_row = 0;  ///< floats between rows; the k of a row are dense
  const float* x = nullptr;
  const int32_t* offset = nullptr;  ///< [k], in floats
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

constexpr int kMaxConvRows = 8;
constexpr int kMaxConvVectors = 8;

/// What one instruction set offers.
struct ConvKernels {
  int lanes = 0;
  int max_rows = 0;
  int max_vectors[kMaxConvRows + 1] = {};                 ///< by rows
  ConvFn fn[kMaxConvRows + 1][kMaxConvVectors + 1] = {};  ///< [rows][vectors]
  ConvFn edge[kMaxConvRows + 1] = {};                     ///< [rows]
  CopyRowsFn copy_rows = nullptr;
  double ns_per_vector = 1;  ///< of one multiply-add of a vector, for estimates; measured, rounded up
};
const ConvKernels& conv_kernels(Isa isa);

/// The parts of a table that one ISA's file provides.
struct ConvIsa {
  int lanes;
  std::span<const ConvRow> rows;
  CopyRowsFn copy_rows;
  double ns_per_vector;
};
ConvIsa conv_isa_scalar();
ConvIsa conv_isa_avx2();
ConvIsa conv_isa_avx512();

}  // namespace rondo::kernels
