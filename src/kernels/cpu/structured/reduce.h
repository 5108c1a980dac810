#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

enum class Reduction : uint8_t { kSum, kProd, kMax, kMin, kAvg };

struct ReduceShape {
  int rank = 0;
  int64_t dims[kMaxStridedRank] = {};  ///< of x
  uint32_t axes = 0;                   ///< bit i: axis i is folded
};

/// Number of results: product of the dims that are kept.
int64_t reduce_results(const ReduceShape& shape);

/// Folds the axes of x into y, results [first, last) in row-major order of the kept axes.
/// Shapes    x dims; y the same axes, strides of folded ones not read
/// Types     equal dtypes. Floats: sums and products in double, rounded once; maximum and minimum skip NaN. Integers and bool: 64-bit
///           accumulation, 8-bit results saturate, wider ones wrap, avg truncates. Over no elements: 0, 1, -inf or the least integer,
///           +inf or the largest, NaN (integers 0)
/// Order     of one result depends on dims and strides of x only, never on [first, last)
void reduce(Reduction op, const ReduceShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last);

}  // namespace rondo::kernels
