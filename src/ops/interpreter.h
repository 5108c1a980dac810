#pragma once

#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::ops {

struct InterpreterOptions {
  bool round_to_dtype = false;  ///< round every op's result to its dtype (float mode); otherwise floats stay double
  int64_t max_iterations = 100000000;  ///< a loop that runs longer throws Error(kFailedExecution)
};

/// The oracle: runs a graph (structured or primitive ops, loops and conditionals iteration by iteration) from the ops' references.
/// inputs in binding order; returns the outputs in order. Throws Error when an input's dtype or dims do not fit the graph.
std::vector<Tensor> interpret(const ir::Graph& graph, const std::vector<Tensor>& inputs,
                              const InterpreterOptions& options = {});

}  // namespace rondo::ops
