#pragma once

#include "ir/graph.h"

namespace rondo::passes {

/// Common subexpressions: an op equal to one computed before it, in its region or one around it, reads that one's results.
/// Commutative operands are compared in either order. Loops and conditionals are left alone. Returns true if anything changed.
bool share_subexpressions(ir::Graph& graph);

}  // namespace rondo::passes
