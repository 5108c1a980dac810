#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Rewrites every structured op to primitives with the op's own `expand`, until none is left.
/// Takes / Gives   any graph / the same network in primitive ops only
/// Needs           operand types
/// Establishes     OpClass::kPrimitive for every op, in every region
/// Why here        first: all later passes know primitives only, so a new structured op costs no pass a line
/// Before → after  %2 = activation(%1) {type = relu, …}   →   %2 = constant 0;  %3 = pointwise(%1, %2) {fn = "max"}
bool expand_structured(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
