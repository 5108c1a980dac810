#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Moves work that is the same in every iteration out of its loop.
/// Takes / Gives   loops in normal form / the same values, computed once
/// Needs           types
/// Establishes     no op of a loop body has only operands from outside of it, but for loops with kWHILE (which might not
///                 end if they run when the program would not run them) and heavy ops in branches of a conditional (which stay
///                 lazy); a carried value that never changes is no carried value
/// Why here        after normalise, before split_sums: variance then reads "defined outside" for "invariant"
/// Before → after  loop … { %9 = pointwise(%w, %b) … }   →   %9 = pointwise(%w, %b);  loop … { … }
bool hoist_invariants(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
