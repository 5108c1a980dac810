#pragma once

#include "ir/graph.h"

namespace rondo::passes {

/// Local rewrites of single ops, each exact for all inputs: identities, compositions of movement ops, matmul's canonical form.
/// One sweep in program order; returns true if anything changed.
bool simplify(ir::Graph& graph);

/// A rewrite rule: the value that takes the place of the op's result, or an invalid id when the rule does not apply.
using Rule = ir::ValueId (*)(ir::Graph& graph, ir::OpId op);

ir::ValueId simplify_reshape(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_transpose(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_broadcast(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_slice(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_concat(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_gather(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_pointwise(ir::Graph& graph, ir::OpId op);
ir::ValueId simplify_matmul(ir::Graph& graph, ir::OpId op);

/// True if the slice keeps all of its operand's axis.
bool is_whole_axis(ir::Graph& graph, const ir::Op& slice, size_t axis);

}  // namespace rondo::passes
