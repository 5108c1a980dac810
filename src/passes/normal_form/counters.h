#pragma once

#include "ir/graph.h"

namespace rondo::passes {

/// Turns loop counters into expressions of the step, and reads at the step into iterators.
///   i = carry i0 <- i + k              uses of i become i0 + step * k; the carried value then dies with its last value
///   gather(X, step) {axis}             X becomes an iterated operand, if the trip count provably stays within X
///   gather(X, count - 1 - step)        the same in reverse
/// X must be defined outside of the loop. Returns true if anything changed.
bool resolve_counters(ir::Graph& graph);

}  // namespace rondo::passes
