#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Computes what depends on the step only for all steps at once, before the loop.
/// Takes / Gives   bodies with split sums / bodies that iterate over the batched results
/// Needs           variance; extents of the iterated tensors
/// Establishes     no product or reduction of a body depends on the step alone, unless the loop prefers to keep its input
///                 products (batch_profit.h), its trip count is 1, or the op has no batched form. Pointwise work moves along only
///                 when it feeds such an op or follows one without making more values cross into the loop
/// Exact?          yes: each element is computed by the same operations in the same order
/// Why here        after split_sums (the iterated part of a sum is one value), before merge_siblings (the batched products of one
///                 X are siblings)
/// Before → after  loop(T) { x = iter X; u = matmul(x, W); … }   →   U = matmul(X, W);  loop(T) { u = iter U; … }
bool batch_over_time(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
