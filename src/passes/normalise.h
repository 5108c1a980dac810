#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Brings the graph to its normal form: one way to write each thing, nothing twice.
/// Takes / Gives   primitive ops with types / the same function of its inputs, bit for bit
/// Needs           types, contents
/// Establishes     no identity ops; no reshape of a reshape, transpose of a transpose; matmul's b has rank 2 when its batch dims
///                 are 1; a counter is an expression of the step; reading X at the step is iterating X; no expression twice, also
///                 not across regions; no dead ops
/// Why here        after fold_constants, before hoist_invariants: fewer carried values mean more invariant ones. Again as
///                 `cleanup` after the rewriting passes
/// Before → after  i = carry 0 <- i + 1;  x = gather(X, i) {axis = 0}   →   x = iter X {axis = 0}   (if the trip count is X's extent)
bool normalise(ir::Graph& graph, const PassOptions& options);

/// fold_constants, hoist_invariants and normalise once more.
/// Why here        after the passes that move work out of loops and merge it: they leave slices of slices, unread iterators,
///                 equal reshapes and joined weights inside of loops behind
bool cleanup(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
