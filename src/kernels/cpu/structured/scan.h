#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

struct ScanShape {
  int rank = 0;  ///< at least 1
  int64_t dims[kMaxStridedRank] = {};
  int axis = 0;
  bool exclusive = false;
  bool reverse = false;
};

/// Number of pieces that can be computed on their own: groups of neighbouring rows.
int64_t scan_units(const ScanShape& shape);

/// Running sums along an axis, units [first, last): each row in order, floats added in double, integers wrapping.
/// Types     f32, f16, bf16, i32, i64; x and y alike
void scan(const ScanShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last);

}  // namespace rondo::kernels
