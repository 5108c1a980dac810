#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Mirrors the tensor of a reverse iterator where the trip count is only known while the network runs.
/// Takes / Gives   any loops / loops whose reverse iterators have a trip count known from shapes
/// Needs           trip counts
/// Establishes     the address of every iterated slice is an expression of the input shapes and the step, which is what a
///                 Program can hold
/// Why here        after the passes that batch and move iterators, which work better on iterators than on gathers; required,
///                 because the schedule has no other way to address such a slice
/// Before → after  loop(n, X) {iter_reverse = [1]} { x }   →   loop(n, X') { x },   X'[t] = gather(X, n - 1 - t)
///                 All of X is gathered before the loop: one copy instead of a gather per iteration, and the forward iterator
///                 over X' stops the run where n exceeds the tensor (loop C9), which an index inside the body would not.
bool gather_reversed(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
