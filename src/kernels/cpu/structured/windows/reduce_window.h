#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

enum class WindowReduction : uint8_t { kSum, kProd, kMax, kMin };

/// Windows over an array, one entry per axis: result o folds x[o * stride + r * dilation - pre] for 0 <= r < window.
struct ReduceWindowShape {
  int rank = 0;
  int64_t x[kMaxStridedRank] = {};  ///< extents
  int64_t y[kMaxStridedRank] = {};
  int64_t window[kMaxStridedRank] = {};
  int64_t strides[kMaxStridedRank] = {};
  int64_t dilations[kMaxStridedRank] = {};
  int64_t pre[kMaxStridedRank] = {};
};

/// True if every index that a window names fits 63 bits and windows, strides and dilations are at least 1; reduce_window() relies
/// on it.
bool reduce_window_shape_is_valid(const ReduceWindowShape& shape);

/// Product of the extents of y.
int64_t reduce_window_results(const ReduceWindowShape& shape);

/// Folds windows into results [first, last) of y in row-major order; indices outside of x contribute nothing.
/// Types     equal dtypes, not bool. Floats: in f32, rounded once; maximum and minimum skip NaN. Integers: 64-bit accumulation,
///           8-bit results saturate, wider ones wrap. Over no elements: 0, 1, -inf or the least integer, +inf or the largest
/// Order     of one result depends on the shape and the strides only, never on [first, last) or the machine
void reduce_window(WindowReduction op, const ReduceWindowShape& shape, const Strided& x, const Strided& y,
                   int64_t first, int64_t last);

}  // namespace rondo::kernels
