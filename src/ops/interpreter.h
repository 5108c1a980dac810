#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::ops {

struct InterpreterOptions {
  bool round_to_dtype = false;  ///< round every op's result to its dtype (float mode); otherwise floats stay double
  int64_t max_iterations = 100000000;  ///< a loop that runs longer throws Error(kFailedExecution)
};

/// The oracle: runs a graph (structured or primitive ops, loops and conditionals iteration by iteration) from the ops' references.
/// Requires a graph that ir::verify_structure accepts and whose types are inferred. inputs in binding order; returns the outputs in order. Throws Error when an input's dtype or dims do not fit the graph.
std::vector<Tensor> interpret(const ir::Graph& graph, const std::vector<Tensor>& inputs,
                              const InterpreterOptions& options = {});

/// Runs one op (any but input, loop and conditional) on tensors of its operands' types: the constant folder's and the tests' way
/// to a reference. symbol_values: one per symbol of the graph's pool; empty if the op's dims are constants. Results are not
/// rounded to their dtype (to_bytes does that). Integers beyond 2^53 are not exact.
std::vector<Tensor> evaluate_op(const ir::Graph& graph, ir::OpId op, std::span<const Tensor> operands,
                                std::span<const int64_t> symbol_values = {});

}  // namespace rondo::ops
