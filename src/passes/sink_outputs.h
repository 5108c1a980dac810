#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Moves work that only outputs of a loop need behind the loop.
/// Takes / Gives   bodies after time batching / the same outputs, computed for all steps at once or once at the end
/// Needs           trip counts and lengths as symbols
/// Establishes     a product with fixed weights that only feeds one collected output runs once over the collected left
///                 operand; collecting an iterated or invariant value is reading its source; work that only feeds the last value
///                 of a carried value nobody reads runs once, on last values
/// Exact?          yes. Outputs longer than the trip count hold zeros behind it: only products of constants move past that
/// Why here        after batch_over_time (what depends on the step only is gone), before merge_siblings, which would tie such a
///                 product to the recurrent ones that share its left operand
/// Before → after  loop { … y = matmul(h, V);  collect y }   →   H = loop { … collect h };  Y = matmul(H, V)
bool sink_outputs(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
