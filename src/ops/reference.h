#pragma once

#include <span>
#include <vector>

#include "base/checked.h"
#include "ops/tensor.h"

namespace rondo::ops {

/// The vocabulary of the naive references: row-major walks over small index vectors.
using Index = std::vector<int64_t>;

/// A tensor of zeros.
Tensor zeros(const TensorShape& shape);
/// What integer or bool arithmetic stores for the exact result v: int32 wraps modulo 2^32, i8 and u8 saturate. Floats pass.
double stored(DType dtype, double v);
/// Row-major strides, in elements.
Index strides_of(const Index& dims);
/// Strides that read a tensor of `dims` as if broadcast to an index space of the same rank: 0 along extents of 1.
Index broadcast_strides(const Index& dims);

inline int64_t offset_of(const Index& index, const Index& strides) {
  int64_t offset = 0;
  for (size_t i = 0; i < index.size(); ++i) offset += index[i] * strides[i];
  return offset;
}

/// Calls fn(index) for every index of `dims` in row-major order; once with an empty index for a scalar.
template <class Fn>
void for_each_index(const Index& dims, Fn fn) {
  for (int64_t extent : dims) {
    if (extent == 0) return;
  }
  Index index(dims.size(), 0);
  while (true) {
    fn(static_cast<const Index&>(index));
    size_t axis = dims.size();
    while (axis > 0 && ++index[axis - 1] == dims[axis - 1]) index[--axis] = 0;
    if (axis == 0) return;
  }
}

/// Elements picked from a tensor: sources[i] is the index of result element i, -1 for 0.
Tensor picked(const Tensor& from, const Index& sources, const TensorShape& shape);

}  // namespace rondo::ops
