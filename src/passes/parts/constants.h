#pragma once

#include <optional>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::passes {

/// True if the value is the result of a `constant` op.
bool is_constant(const ir::Graph& graph, ir::ValueId value);
/// True for a constant and for the transpose of one, which fold_constants leaves in place while it is large and only a product's
/// right operand: merge_siblings joins such weights in one copy.
bool is_constant_weight(const ir::Graph& graph, ir::ValueId value);
/// Elements of a constant. Requires is_constant.
ops::Tensor constant_tensor(const ir::Graph& graph, ir::ValueId value);
/// The one value all elements of a constant have; nothing for other values, empty constants and NaN.
std::optional<double> splat_value(const ir::Graph& graph, ir::ValueId value);
/// A single integer that is known as a symbolic expression (constant, or known contents of one element).
std::optional<ir::Dim> known_scalar(const ir::Graph& graph, ir::ValueId value);
/// Replaces an op whose operands are all constants by its value where that does not make the graph larger (fold_constants.h
/// states the rule). Returns the constant, or `value` itself when it stays. `value` must be the op's only result.
ir::ValueId fold_value(ir::Graph& graph, ir::ValueId value);

}  // namespace rondo::passes
