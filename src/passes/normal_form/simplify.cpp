#include "passes/normal_form/simplify.h"

#include "ops/resolve.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

/// Elements that are known need no reading: the symbols are the elements (ir::DimPool::define).
ir::ValueId simplify_read_values(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId operand = graph.op(op).operands[0];
  const auto& contents = graph.value(operand).info.contents;
  if (!contents) return {};
  const ir::Dims values = graph.op(op).attrs.dims("values");
  for (size_t i = 0; i < values.size(); ++i) graph.dims().define(values[i], (*contents)[i]);
  ops::resolve_dims(graph);
  return operand;
}

Rule rule_of(ir::OpKind kind) {
  switch (kind) {
    case ir::OpKind::k_reshape:
      return simplify_reshape;
    case ir::OpKind::k_transpose:
      return simplify_transpose;
    case ir::OpKind::k_broadcast:
      return simplify_broadcast;
    case ir::OpKind::k_slice:
      return simplify_slice;
    case ir::OpKind::k_concat:
      return simplify_concat;
    case ir::OpKind::k_gather:
      return simplify_gather;
    case ir::OpKind::k_pointwise:
      return simplify_pointwise;
    case ir::OpKind::k_matmul:
      return simplify_matmul;
    case ir::OpKind::k_read_values:
      return simplify_read_values;
    default:
      return nullptr;
  }
}

/// Two iterated operands that see the same slices become one; so do two collected values that are written alike.
bool share_loop_parts(ir::Graph& graph, ir::OpId op) {
  LoopParts loop(graph, op);
  bool changed = false;
  for (size_t i = 1; i < loop.iterated_count(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool same = loop.source(i) == loop.source(j) && loop.iter_axis(i) == loop.iter_axis(j) &&
                        loop.iter_reverse(i) == loop.iter_reverse(j);
      if (!same) continue;
      graph.replace_uses(loop.slice_arg(i), loop.slice_arg(j));
      std::vector<bool> keep(loop.iterated_count(), true);
      keep[i--] = false;
      loop.keep_iterated(keep);
      changed = true;
      break;
    }
  }
  for (size_t i = 1; i < loop.collected_count(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool same = loop.collected_value(i) == loop.collected_value(j) && loop.out_axis(i) == loop.out_axis(j) &&
                        loop.out_reverse(i) == loop.out_reverse(j) &&
                        same_scalar(graph, loop.length(i), loop.length(j));
      if (!same) continue;
      graph.replace_uses(loop.collected(i), loop.collected(j));
      std::vector<bool> keep(loop.collected_count(), true);
      keep[i--] = false;
      loop.keep_collected(keep);
      changed = true;
      break;
    }
  }
  return changed;
}

}  // namespace

bool simplify(ir::Graph& graph) {
  bool changed = false;
  for (ir::RegionId region : regions_outer_first(graph)) {
    const std::vector<ir::OpId> ops = graph.region(region).ops;
    for (ir::OpId op : ops) {
      if (graph.op(op).kind == ir::OpKind::k_loop) changed = share_loop_parts(graph, op) || changed;
      const Rule rule = rule_of(graph.op(op).kind);
      if (rule == nullptr) continue;
      const ir::ValueId result = graph.op(op).results[0];
      const ir::ValueId replacement = rule(graph, op);
      if (!replacement.valid()) continue;
      graph.replace_uses(result, replacement);
      graph.erase_op(op);
      fold_value(graph, replacement);
      changed = true;
    }
  }
  return changed;
}

}  // namespace rondo::passes
