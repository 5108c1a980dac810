#pragma once

#include <vector>

#include "base/bulk_memory.h"
#include "ir/graph.h"

namespace rondo::passes {

/// Elements of a transpose, slice or concat of constants, moved as bytes: weights are megabytes, and references walk them element by
/// element in double.
/// Requires  op is one of the three; its operands are constants (of a concat, transposes of constants too); dims and Dims
///           attributes are constant
Bytes moved_bytes(const ir::Graph& graph, const ir::Op& op);

}  // namespace rondo::passes
