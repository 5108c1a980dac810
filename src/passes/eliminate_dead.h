#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Removes everything no network output depends on.
/// Takes / Gives   any graph / the same outputs from fewer ops; also carried values that only feed themselves, iterated and
///                 collected tensors nobody reads, results of conditionals nobody reads
/// Needs           nothing
/// Establishes     every op has a used result; every part of a loop is live
/// Why here        last, and inside normalise: rewrites leave their ruins behind
/// Before → after  %4, %5 = loop … {carried = 2}, only %5 used   →   %5 = loop … {carried = 1} if the body lets it
bool eliminate_dead(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
