// Rules for pointwise ops and matmul. "Exact" means for every float: x + 0 turns -0 into +0 and is left alone, x - 0
// and x * 1 are not.
#include <algorithm>
#include <cmath>
#include <string>

#include "passes/normal_form/simplify.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

/// The operand that `fn` returns unchanged because the other one is its neutral constant; invalid if there is none.
ir::ValueId neutral_operand(const ir::Graph& graph, const ir::Op& op) {
  const std::string& fn = op.attrs.string("fn");
  const bool real = is_float(graph.type(op.operands[0]).dtype);
  for (size_t side = 0; side < 2; ++side) {
    const std::optional<double> value = splat_value(graph, op.operands[side]);
    if (!value) continue;
    const bool left = side == 0, zero = *value == 0, negative_zero = zero && std::signbit(*value);
    const bool neutral = (fn == "mul" && *value == 1) || (fn == "div" && !left && *value == 1) ||
                         (fn == "add" && zero && (!real || negative_zero)) ||
                         (fn == "sub" && !left && zero && !negative_zero);
    if (neutral) return op.operands[1 - side];
  }
  return {};
}

/// x^n for the exponents that polynomials and norms are written with: products, a root, a quotient. The library's power costs as
/// much as some fifty products; of these forms only the cube rounds twice.
ir::ValueId without_power(ir::Graph& graph, ir::OpId op) {
  const ir::Op node = graph.op(op);
  const ir::ValueId base = node.operands[0], result = node.results[0];
  const std::optional<double> exponent = splat_value(graph, node.operands[1]);
  if (!exponent || !same_type(graph, base, result)) return {};
  const bool real = is_float(graph.type(base).dtype);
  OpBuilder builder = OpBuilder::before(graph, op);
  if (*exponent == 1) return base;
  if (*exponent == 2) return builder.pointwise("mul", {base, base});
  if (*exponent == 3) return builder.pointwise("mul", {builder.pointwise("mul", {base, base}), base});
  if (real && *exponent == -1) return builder.pointwise("recip", {base});
  return {};
}

/// True if elements of the value come from memory of its type, as they stand there.
bool is_rounded(const ir::Graph& graph, ir::ValueId value) {
  for (;;) {
    const ir::OpId def = graph.value(value).def;
    if (!def.valid()) return false;
    const ir::Op& op = graph.op(def);
    switch (op.kind) {
      case ir::OpKind::k_input:
      case ir::OpKind::k_constant:
      case ir::OpKind::k_conv:
      case ir::OpKind::k_reduce_window:
      case ir::OpKind::k_resize:
      case ir::OpKind::k_grid_sample:
      case ir::OpKind::k_scan:
        return true;
      case ir::OpKind::k_pointwise:
        return op.attrs.string("fn").starts_with("round_");
      case ir::OpKind::k_reshape:
      case ir::OpKind::k_transpose:
      case ir::OpKind::k_slice:
      case ir::OpKind::k_broadcast:
        value = op.operands[0];
        continue;
      default:
        return false;
    }
  }
}

/// round_f16 of an f16 that is rounded already.
bool rounds_again(const ir::Graph& graph, const ir::Op& op) {
  const std::string& fn = op.attrs.string("fn");
  const DType type = graph.type(op.operands[0]).dtype;
  const bool own = (fn == "round_f16" && type == DType::kFloat16) || (fn == "round_bf16" && type == DType::kBFloat16);
  return own && is_rounded(graph, op.operands[0]);
}

/// A broadcast operand needs no op of its own when another operand has the extents anyway.
ir::ValueId without_broadcasts(ir::Graph& graph, ir::OpId op) {
  ir::Op node = graph.op(op);
  for (size_t i = 0; i < node.operands.size(); ++i) {
    const ir::OpId def = graph.value(node.operands[i]).def;
    if (!def.valid() || graph.op(def).kind != ir::OpKind::k_broadcast) continue;
    const ir::Dims& wanted = graph.type(node.results[0]).dims;
    std::vector<bool> covered(wanted.size(), false);
    for (size_t j = 0; j < node.operands.size(); ++j) {
      const ir::Dims& dims = graph.type(j == i ? graph.op(def).operands[0] : node.operands[j]).dims;
      for (size_t axis = 0; axis < wanted.size(); ++axis) {
        if (graph.dims().same(dims[axis], wanted[axis])) covered[axis] = true;
      }
    }
    if (std::find(covered.begin(), covered.end(), false) != covered.end()) continue;
    node.operands[i] = graph.op(def).operands[0];
    return OpBuilder::before(graph, op).add(ir::OpKind::k_pointwise, node.attrs, node.operands);
  }
  return {};
}

ir::ValueId select_of_constant(ir::Graph& graph, const ir::Op& op) {
  const std::optional<double> condition = splat_value(graph, op.operands[0]);
  if (!condition) return {};
  const ir::ValueId chosen = op.operands[*condition != 0 ? 1 : 2];
  return same_type(graph, chosen, op.results[0]) ? chosen : ir::ValueId{};
}

bool all_ones(ir::Graph& graph, const ir::Dims& dims, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (!graph.dims().is_constant(dims[i]) || graph.dims().value(dims[i]) != 1) return false;
  }
  return true;
}

/// W [M, K] times a column x [K, 1] is the row x^T [1, K] times W^T: weights belong on the right, where they are packed, batched
/// over time and merged with their siblings. Only for weights that do not change where x does.
ir::ValueId weights_to_the_right(ir::Graph& graph, ir::OpId op) {
  const ir::Op node = graph.op(op);
  if (node.attrs.has("product")) return {};
  const ir::ValueId a = node.operands[0], b = node.operands[1];
  const ir::Dims left = graph.type(a).dims, right = graph.type(b).dims, out = graph.type(node.results[0]).dims;
  const size_t rank = right.size();
  const ir::DimPool& pool = graph.dims();
  const bool column = pool.is_constant(right[rank - 1]) && pool.value(right[rank - 1]) == 1;
  if (!column || !all_ones(graph, left, left.size() - 2) || is_constant(graph, b)) return {};
  if (pool.is_constant(left[left.size() - 2]) && pool.value(left[left.size() - 2]) == 1) return {};
  const ir::RegionId around = graph.value(b).region;
  const bool fixed = is_constant(graph, a) || !graph.is_inside(graph.value(a).region, around);
  if (!fixed) return {};
  OpBuilder builder = OpBuilder::before(graph, op);
  const ir::Dims flat{left[left.size() - 2], left[left.size() - 1]};
  const ir::ValueId weights = fold_value(graph, builder.reshape(a, flat));
  const ir::ValueId turned = fold_value(graph, builder.transpose(weights, {1, 0}));
  ir::Dims row = right;
  std::swap(row[rank - 2], row[rank - 1]);
  return builder.reshape(builder.matmul(builder.reshape(b, row), turned), out);
}

/// One row per matrix, [.., L, 1, K] times shared weights, is L rows of one matrix less, [.., L, K].
ir::ValueId without_unit_rows(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId a = graph.op(op).operands[0], b = graph.op(op).operands[1];
  ir::Dims rows = graph.type(a).dims;
  const size_t rank = rows.size();
  const bool unit = rank >= 3 && graph.dims().value_or_unknown(rows[rank - 2]) == 1;
  if (!unit || graph.type(b).rank() != 2) return {};
  const ir::Attrs attrs = graph.op(op).attrs;
  rows.erase(rows.end() - 2);
  const ir::Dims out = graph.type(graph.op(op).results[0]).dims;
  OpBuilder builder = OpBuilder::before(graph, op);
  return builder.reshape(builder.add(ir::OpKind::k_matmul, attrs, {builder.reshape(a, rows), b}), out);
}

}  // namespace

ir::ValueId simplify_pointwise(ir::Graph& graph, ir::OpId op) {
  const ir::Op& node = graph.op(op);
  const std::string fn = node.attrs.string("fn");
  const ir::ValueId result = node.results[0];
  if (fn == "cast") return same_type(graph, node.operands[0], result) ? node.operands[0] : ir::ValueId{};
  if (rounds_again(graph, node)) return node.operands[0];
  if (node.operands.size() == 2) {
    const ir::ValueId kept = neutral_operand(graph, node);
    if (kept.valid() && same_type(graph, kept, result)) return kept;
  }
  if (fn == "pow") {
    const ir::ValueId products = without_power(graph, op);
    if (products.valid()) return products;
  }
  if (fn == "select") {
    const ir::ValueId chosen = select_of_constant(graph, node);
    if (chosen.valid()) return chosen;
  }
  return without_broadcasts(graph, op);
}

ir::ValueId simplify_matmul(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId a = graph.op(op).operands[0], b = graph.op(op).operands[1];
  const ir::Dims dims = graph.type(b).dims;
  const ir::Attrs attrs = graph.op(op).attrs;
  const ir::ValueId turned = weights_to_the_right(graph, op);
  if (turned.valid()) return turned;
  if (dims.size() == 2) return without_unit_rows(graph, op);
  if (!all_ones(graph, dims, dims.size() - 2)) return {};
  OpBuilder builder = OpBuilder::before(graph, op);
  const ir::Dims flat{dims[dims.size() - 2], dims[dims.size() - 1]};
  return builder.add(ir::OpKind::k_matmul, attrs, {a, fold_value(graph, builder.reshape(b, flat))});
}

}  // namespace rondo::passes
