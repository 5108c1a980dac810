#pragma once

#include <vector>

#include "ops/infer.h"
#include "ops/reference.h"

namespace rondo::ops {

/// The movement ops as index maps: for every element of the result in row-major order, the index of its source element.
/// References pick doubles by them and contents pick symbols.
Index transpose_sources(const Index& dims, const Index& perm);
Index broadcast_sources(const Index& dims, const Index& shape);
/// Error(kFailedExecution) if an index leaves the tensor.
Index slice_sources(const Index& dims, const Index& start, const Index& size, const Index& stride);

/// Requires equal volumes of x and shape (by normal form, else assumed for run time, else refused).
void unify_volumes(const InferInput& in, int constraint, const ir::Dims& x, const ir::Dims& shape);
/// Types and contents of a transpose; perm must be a permutation of 0 .. rank-1, else refused.
ir::ValueInfo transposed(const InferInput& in, int constraint, const ir::ValueInfo& x, const Index& perm);

}  // namespace rondo::ops
