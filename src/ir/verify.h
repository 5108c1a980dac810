#pragma once

#include "ir/graph.h"

namespace rondo::ir {

/// Throws InternalError naming the op and the rule if the graph's structure is broken: ids in range, results defined once, operands
/// dominate their uses, region arity matches the op (Graph's comment), parents consistent, main results typed and named,
/// no erased op reachable. `after` (pass name) is part of the message. Types are checked by ops::verify_types.
void verify_structure(const Graph& graph, const char* after);

}  // namespace rondo::ir
