#pragma once

#include "ops/infer.h"

namespace rondo::ops {

/// The vocabulary of ops whose windows walk along axes: conv, reduce_window and the structured ops above them.

/// Elements from the first tap of a window to its last: 1 + dilation (window - 1).
inline int64_t window_span(int64_t window, int64_t dilation) { return 1 + dilation * (window - 1); }

/// How often a window fits: max(0, floor((padded - span) / stride) + 1) for an axis of `padded` elements, padding included.
ir::Dim window_positions(ir::DimPool& dims, ir::Dim padded, int64_t span, int64_t stride);

/// Attribute `name`, a list of integers, which must have `count` entries of at least `least`.
const std::vector<int64_t>& require_list(const InferInput& in, int constraint, const char* name, size_t count,
                                         int64_t least);
/// Attribute `name`, a list of extents, which must have `count` entries.
const ir::Dims& require_extents(const InferInput& in, int constraint, const char* name, size_t count);

}  // namespace rondo::ops
