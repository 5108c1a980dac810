#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

struct FindNonzeroShape {
  int rank = 0;
  int64_t dims[kMaxStridedRank] = {};  ///< of x
  int64_t count = 0;                   ///< columns of y
};

/// The indices of the elements that are not 0 (NaN is not), a column each, in row-major order. Writes rows [first, last) of y: those of
/// the axes first .. last - 1. At most `count` columns are written; missing ones are zero.
/// Shapes    x dims, any dtype; y [rank, count] i32 or i64
void find_nonzero(const FindNonzeroShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last);

}  // namespace rondo::kernels
