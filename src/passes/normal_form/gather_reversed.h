#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Reads the slices of a reverse iterator by index where the trip count is only known while the network runs.
/// Takes / Gives   any loops / loops whose reverse iterators have a trip count known from shapes
/// Needs           trip counts
/// Establishes     the address of every iterated slice is an expression of the input shapes and the step, which is what a
///                 Program can hold
/// Why here        after the passes that batch and move iterators, which work better on iterators than on gathers; required,
///                 because the schedule has no other way to address such a slice
/// Before → after  loop(n, X) {iter_reverse = [1]} { x }   →   loop(n) { x = gather(X, n - 1 - step) }
///                 An index past the tensor reads zeros, where an iterator would stop the run.
bool gather_reversed(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
