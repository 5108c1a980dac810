#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

struct TopKShape {
  int rank = 0;
  int64_t dims[kMaxStridedRank] = {};  ///< of x
  int axis = 0;
  int64_t k = 0;  ///< 0 <= k <= dims[axis]
  bool largest = true;
};

/// Number of independent rows: product of the dims but `axis`.
int64_t topk_rows(const TopKShape& shape);

/// Bytes of 8-byte aligned scratch that one call needs.
size_t topk_scratch_bytes(const TopKShape& shape, DType dtype);

/// The k largest (smallest) elements along an axis, best first; of equal elements the lower index comes first, NaN comes last.
/// Computes rows [first, last) in row-major order of the other axes.
/// Shapes    x dims; values, indices: dims with k on the axis. Types: values as x; indices i32 or i64
void topk(const TopKShape& shape, const Strided& x, const Strided& values, const Strided& indices, int64_t first,
          int64_t last, std::byte* scratch);

}  // namespace rondo::kernels
