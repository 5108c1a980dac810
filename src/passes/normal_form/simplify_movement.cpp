// Rules for ops that only move elements. All of them compose: two in a row are one, or none.
#include <algorithm>
#include <numeric>

#include "passes/normal_form/simplify.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

/// The op of `kind` that makes operand 0 of `op`, or an invalid id.
ir::OpId operand_op(const ir::Graph& graph, ir::OpId op, ir::OpKind kind) {
  const ir::OpId def = graph.value(graph.op(op).operands[0]).def;
  return def.valid() && graph.op(def).kind == kind ? def : ir::OpId{};
}

bool is_one(ir::Graph& graph, ir::Dim dim) {
  const ir::Dim resolved = graph.dims().resolve(dim);
  return graph.dims().is_constant(resolved) && graph.dims().value(resolved) == 1;
}

bool is_zero(ir::Graph& graph, ir::Dim dim) {
  const ir::Dim resolved = graph.dims().resolve(dim);
  return graph.dims().is_constant(resolved) && graph.dims().value(resolved) == 0;
}

/// True if the permutation keeps the order of all axes longer than 1: such a transpose moves no element.
bool moves_nothing(ir::Graph& graph, const ir::Dims& dims, const std::vector<int64_t>& perm) {
  int64_t last = -1;
  for (int64_t axis : perm) {
    if (is_one(graph, dims[static_cast<size_t>(axis)])) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

/// A slice of a concatenation that lies inside one of the parts is a slice of that part.
ir::ValueId slice_of_concat(ir::Graph& graph, ir::OpId op, ir::OpId concat) {
  ir::DimPool& pool = graph.dims();
  const ir::Attrs attrs = graph.op(op).attrs;
  const size_t axis = static_cast<size_t>(graph.op(concat).attrs.integer("axis"));
  if (attrs.integers("stride")[axis] != 1) return {};
  ir::Dims start = attrs.dims("start");
  const ir::Dim size = attrs.dims("size")[axis];
  ir::Dim offset = pool.constant(0);
  for (ir::ValueId part : graph.op(concat).operands) {
    const ir::Dim extent = graph.type(part).dims[axis];
    const ir::Dim inner = pool.sub(start[axis], offset), rest = pool.sub(extent, pool.add(inner, size));
    if (pool.range(inner).min >= 0 && pool.range(rest).min >= 0) {
      start[axis] = inner;
      ir::Attrs moved = attrs;
      moved.set("start", start);
      return OpBuilder::before(graph, op).add(ir::OpKind::k_slice, moved, {part});
    }
    offset = pool.add(offset, extent);
  }
  return {};
}

ir::ValueId slice_of_slice(ir::Graph& graph, ir::OpId op, ir::OpId inner) {
  ir::DimPool& pool = graph.dims();
  const ir::Attrs outer = graph.op(op).attrs, first = graph.op(inner).attrs;
  ir::Dims start = first.dims("start");
  std::vector<int64_t> stride = first.integers("stride");
  for (size_t i = 0; i < start.size(); ++i) {
    start[i] = pool.add(start[i], pool.mul(outer.dims("start")[i], pool.constant(stride[i])));
    stride[i] *= outer.integers("stride")[i];
  }
  const ir::ValueId source = graph.op(inner).operands[0];
  return OpBuilder::before(graph, op).add(
      ir::OpKind::k_slice, {{"start", start}, {"size", outer.dims("size")}, {"stride", stride}}, {source});
}

/// Parts of a concatenation that are adjacent slices of one value are one slice of it.
bool joined_slice(ir::Graph& graph, ir::ValueId a, ir::ValueId b, size_t axis, ir::Dims* start, ir::Dims* size) {
  const ir::OpId left = graph.value(a).def, right = graph.value(b).def;
  if (!left.valid() || !right.valid()) return false;
  const ir::Op &x = graph.op(left), &y = graph.op(right);
  if (x.kind != ir::OpKind::k_slice || y.kind != ir::OpKind::k_slice || x.operands != y.operands) return false;
  for (int64_t stride : x.attrs.integers("stride")) {
    if (stride != 1) return false;
  }
  if (x.attrs.integers("stride") != y.attrs.integers("stride")) return false;
  *start = x.attrs.dims("start");
  *size = x.attrs.dims("size");
  for (size_t i = 0; i < start->size(); ++i) {
    const ir::Dim other = y.attrs.dims("start")[i];
    const ir::Dim expected = i == axis ? graph.dims().add((*start)[i], (*size)[i]) : (*start)[i];
    if (!graph.dims().same(other, expected)) return false;
    if (i != axis && !graph.dims().same((*size)[i], y.attrs.dims("size")[i])) return false;
  }
  (*size)[axis] = graph.dims().add((*size)[axis], y.attrs.dims("size")[axis]);
  return true;
}

/// A reshape that keeps the last axis, of a slice of that axis, is a slice of the reshaped whole.
ir::ValueId reshape_of_columns(ir::Graph& graph, ir::OpId op) {
  const ir::OpId inner = operand_op(graph, op, ir::OpKind::k_slice);
  if (!inner.valid()) return {};
  const ir::Op slice = graph.op(inner);
  ir::Dims shape = graph.op(op).attrs.dims("shape");
  const size_t rank = slice.attrs.dims("start").size();
  if (shape.empty() || rank == 0 || slice.attrs.integers("stride")[rank - 1] != 1) return {};
  for (size_t axis = 0; axis + 1 < rank; ++axis) {
    if (!is_whole_axis(graph, slice, axis)) return {};
  }
  const ir::Dim start = slice.attrs.dims("start").back(), size = slice.attrs.dims("size").back();
  if (!graph.dims().same(shape.back(), size)) return {};
  shape.back() = graph.type(slice.operands[0]).dims.back();
  OpBuilder builder = OpBuilder::before(graph, op);
  const ir::ValueId whole = builder.reshape(slice.operands[0], shape);
  return builder.slice(whole, static_cast<int>(shape.size()) - 1, start, size);
}

}  // namespace

ir::ValueId simplify_reshape(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId operand = graph.op(op).operands[0];
  if (same_type(graph, operand, graph.op(op).results[0])) return operand;
  const ir::OpId inner = operand_op(graph, op, ir::OpKind::k_reshape);
  if (!inner.valid()) return reshape_of_columns(graph, op);
  const ir::Dims shape = graph.op(op).attrs.dims("shape");
  return OpBuilder::before(graph, op).reshape(graph.op(inner).operands[0], shape);
}

ir::ValueId simplify_transpose(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId operand = graph.op(op).operands[0];
  std::vector<int64_t> perm = graph.op(op).attrs.integers("perm");
  if (moves_nothing(graph, graph.type(operand).dims, perm)) {
    return OpBuilder::before(graph, op).reshape(operand, ir::Dims(graph.type(graph.op(op).results[0]).dims));
  }
  const ir::OpId inner = operand_op(graph, op, ir::OpKind::k_transpose);
  if (!inner.valid()) return {};
  const std::vector<int64_t> first = graph.op(inner).attrs.integers("perm");
  for (int64_t& axis : perm) axis = first[static_cast<size_t>(axis)];
  return OpBuilder::before(graph, op).transpose(graph.op(inner).operands[0], perm);
}

ir::ValueId simplify_broadcast(ir::Graph& graph, ir::OpId op) {
  const ir::ValueId operand = graph.op(op).operands[0];
  if (same_type(graph, operand, graph.op(op).results[0])) return operand;
  const ir::OpId inner = operand_op(graph, op, ir::OpKind::k_broadcast);
  if (!inner.valid()) return {};
  const ir::Dims shape = graph.op(op).attrs.dims("shape");
  return OpBuilder::before(graph, op).broadcast(graph.op(inner).operands[0], shape);
}

bool is_whole_axis(ir::Graph& graph, const ir::Op& slice, size_t axis) {
  return slice.attrs.integers("stride")[axis] == 1 && is_zero(graph, slice.attrs.dims("start")[axis]) &&
         graph.dims().same(slice.attrs.dims("size")[axis], graph.type(slice.operands[0]).dims[axis]);
}

ir::ValueId simplify_slice(ir::Graph& graph, ir::OpId op) {
  const ir::Op& node = graph.op(op);
  bool whole = true;
  for (size_t axis = 0; axis < node.attrs.dims("start").size(); ++axis)
    whole = whole && is_whole_axis(graph, node, axis);
  if (whole) return node.operands[0];
  if (const ir::OpId inner = operand_op(graph, op, ir::OpKind::k_slice); inner.valid()) {
    return slice_of_slice(graph, op, inner);
  }
  if (const ir::OpId concat = operand_op(graph, op, ir::OpKind::k_concat); concat.valid()) {
    return slice_of_concat(graph, op, concat);
  }
  return {};
}

ir::ValueId simplify_concat(ir::Graph& graph, ir::OpId op) {
  const std::vector<ir::ValueId> parts = graph.op(op).operands;
  if (parts.size() == 1) return parts[0];
  const int axis = static_cast<int>(graph.op(op).attrs.integer("axis"));
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    ir::Dims start, size;
    if (!joined_slice(graph, parts[i], parts[i + 1], static_cast<size_t>(axis), &start, &size)) continue;
    OpBuilder builder = OpBuilder::before(graph, op);
    const ir::ValueId source = graph.op(graph.value(parts[i]).def).operands[0];
    const std::vector<int64_t> stride(start.size(), 1);
    const ir::ValueId joined =
        builder.add(ir::OpKind::k_slice, {{"start", start}, {"size", size}, {"stride", stride}}, {source});
    std::vector<ir::ValueId> rest = parts;
    rest[i] = joined;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return builder.concat(std::move(rest), axis);
  }
  return {};
}

ir::ValueId simplify_gather(ir::Graph& graph, ir::OpId op) {
  const ir::Op node = graph.op(op);
  if (node.attrs.integer("mode") != 0 || node.attrs.integer("elementwise_dims") != 0) return {};
  const std::optional<ir::Dim> index = known_scalar(graph, node.operands[1]);
  if (!index || !graph.dims().is_constant(*index)) return {};
  const size_t axis = static_cast<size_t>(node.attrs.integer("axis"));
  const ir::Dim extent = graph.type(node.operands[0]).dims[axis];
  const int64_t at = graph.dims().value(*index);
  if (at < 0 || graph.dims().range(extent).min <= at) return {};
  OpBuilder builder = OpBuilder::before(graph, op);
  const ir::ValueId row = builder.slice(node.operands[0], static_cast<int>(axis), *index, graph.dims().constant(1));
  return builder.reshape(row, ir::Dims(graph.type(node.results[0]).dims));
}

}  // namespace rondo::passes
