#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Brings loops together that may run side by side.
/// Takes / Gives   any regions / the same ops in another legal order; attr `group` (one number per group) on the loops
/// Needs           trip counts
/// Establishes     loops of one group are adjacent in their region, have provably equal trip counts and no kWHILE, and none
///                 needs a result of another: the two directions of a bidirectional layer, independent heads
/// Why here        last of the rewriting passes: others insert ops next to loops
/// Before → after  a = loop …;  x = f(…);  b = loop …   →   x = f(…);  a = loop … {group = 0};  b = loop … {group = 0}
bool group_loops(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
