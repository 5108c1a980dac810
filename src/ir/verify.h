#pragma once

#include <optional>
#include <string>

#include "ir/graph.h"

namespace rondo::ir {

/// What breaks a graph's structure, and the op where it shows (invalid for the graph as a whole).
struct StructureProblem {
  OpId op;
  std::string text;
};

/// Looks for the first broken rule in program order; nothing if the structure is sound. Never crashes, whatever the graph holds.
std::optional<StructureProblem> find_structure_problem(const Graph& graph);

/// Throws InternalError naming the op and the rule if the graph's structure is broken: ids in range, results defined once, operands
/// dominate their uses, region arity matches the op (Graph's comment), parents consistent, main results typed and named,
/// no erased op reachable. `after` (pass name) is part of the message. Types are checked by ops::verify_types.
void verify_structure(const Graph& graph, const char* after);

}  // namespace rondo::ir
