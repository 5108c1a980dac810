// Folding one op: its reference is evaluated in double on the constants' exact values and rounded once to the result's
// dtype, which is what the op does at run time up to the last bits of transcendental functions. Two things are bounded.
// Size: a result may not be larger than its operands together (a broadcast of a scalar over [4096, 4096] stays an op)
// unless it is small anyway. Time: the reference is naive, so products of large constants are left to the run time.
#include "passes/parts/constants.h"

#include <cmath>

#include "base/error.h"
#include "ops/op_def.h"
#include "passes/parts/move_constant.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

// Bytes below which a folded result may exceed its operands. Bound by plan size: a few cache lines; not measured to
// matter.
constexpr int64_t kAlwaysFoldBytes = 1024;
// Multiply-adds the naive reference may spend on one product. 2^22 take about 10 ms.
constexpr int64_t kMaxProductWork = int64_t{1} << 22;
// Integers beyond this are not exact in the reference's doubles.
constexpr double kExactInteger = 9007199254740992.0;

bool foldable_kind(ir::OpKind kind) {
  switch (kind) {
    case ir::OpKind::k_transpose:
    case ir::OpKind::k_reshape:
    case ir::OpKind::k_slice:
    case ir::OpKind::k_concat:
    case ir::OpKind::k_pointwise:
    case ir::OpKind::k_broadcast:
    case ir::OpKind::k_gather:
    case ir::OpKind::k_reduce:
    case ir::OpKind::k_matmul:
      return true;
    default:
      return false;
  }
}

bool constant_dims(const ir::Graph& graph, const ir::Dims& dims, std::vector<int64_t>* out) {
  for (ir::Dim dim : dims) {
    if (!graph.dims().is_constant(dim)) return false;
    out->push_back(graph.dims().value(dim));
  }
  return true;
}

/// References read Dims attributes as plain integers.
bool evaluate_attrs(const ir::Graph& graph, ir::Op* op) {
  const auto items = op->attrs.items();
  for (const auto& [name, value] : items) {
    const auto* dims = std::get_if<ir::Dims>(&value);
    if (dims == nullptr) continue;
    std::vector<int64_t> integers;
    if (!constant_dims(graph, *dims, &integers)) return false;
    op->attrs.set(name, std::move(integers));
  }
  return true;
}

bool exact_in_double(const ops::Tensor& tensor) {
  if (tensor.dtype != DType::kInt64) return true;
  for (double x : tensor.data) {
    if (std::abs(x) >= kExactInteger) return false;
  }
  return true;
}

int64_t volume(const std::vector<int64_t>& dims) {
  int64_t product = 1;
  for (int64_t dim : dims) product *= dim;
  return product;
}

/// Constants, and what concat takes beside them.
bool foldable_operand(const ir::Graph& graph, ir::OpKind kind, ir::ValueId operand) {
  return kind == ir::OpKind::k_concat ? is_constant_weight(graph, operand) : is_constant(graph, operand);
}

/// Bytes of a constant, or of the constant a transpose reads.
const ir::ConstantData& data_of(const ir::Graph& graph, ir::ValueId value) {
  const ir::Op& op = graph.op(graph.value(value).def);
  if (op.kind == ir::OpKind::k_transpose) return data_of(graph, op.operands[0]);
  return graph.constant_data(static_cast<uint32_t>(op.attrs.integer("data")));
}

bool within_bounds(const ir::Graph& graph, const ir::Op& op, const ops::TensorShape& result) {
  int64_t operand_bytes = 0;
  for (ir::ValueId operand : op.operands) {
    operand_bytes += static_cast<int64_t>(data_of(graph, operand).bytes.size());
  }
  const int64_t result_bytes = volume(result.dims) * static_cast<int64_t>(dtype_bytes(result.dtype));
  if (op.kind == ir::OpKind::k_matmul) {
    const ir::Dim k = graph.type(op.operands[0]).dims.back();
    if (volume(result.dims) * graph.dims().value(k) > kMaxProductWork) return false;
  }
  return result_bytes <= kAlwaysFoldBytes || result_bytes <= operand_bytes;
}

/// Movement of elements, without a look at them: a reshape shares the bytes, the others move them.
std::optional<ir::ValueId> fold_movement(ir::Graph& graph, const ir::Op& op, const ops::TensorShape& shape) {
  int64_t data = 0;
  switch (op.kind) {
    case ir::OpKind::k_reshape:
      data = graph.op(graph.value(op.operands[0]).def).attrs.integer("data");
      break;
    case ir::OpKind::k_transpose:
    case ir::OpKind::k_slice:
    case ir::OpKind::k_concat:
      data = graph.add_constant_data(shape.dtype, moved_bytes(graph, op));
      break;
    default:
      return std::nullopt;
  }
  const ir::OpId id = graph.value(op.results[0]).def;
  return OpBuilder::before(graph, id).add(ir::OpKind::k_constant, {{"data", data}, {"dims", shape.dims}}, {});
}

}  // namespace

bool is_constant(const ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  return def.valid() && graph.op(def).kind == ir::OpKind::k_constant;
}

bool is_constant_weight(const ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  if (!def.valid()) return false;
  const ir::Op& op = graph.op(def);
  return op.kind == ir::OpKind::k_constant ||
         (op.kind == ir::OpKind::k_transpose && is_constant(graph, op.operands[0]));
}

ops::Tensor constant_tensor(const ir::Graph& graph, ir::ValueId value) {
  RONDO_CHECK(is_constant(graph, value), "value ", value.id, " is not a constant");
  const ir::ConstantData& data = data_of(graph, value);
  return ops::from_bytes(data.dtype, graph.op(graph.value(value).def).attrs.integers("dims"), data.bytes.data());
}

std::optional<double> splat_value(const ir::Graph& graph, ir::ValueId value) {
  if (!is_constant(graph, value)) return std::nullopt;
  const ir::ConstantData& data = data_of(graph, value);
  const size_t width = dtype_bytes(data.dtype);
  for (size_t i = width; i < data.bytes.size(); ++i) {
    if (data.bytes[i] != data.bytes[i - width]) return std::nullopt;
  }
  if (data.bytes.size() < width) return std::nullopt;
  const ops::Tensor one = ops::from_bytes(data.dtype, {1}, data.bytes.data());
  if (std::isnan(one.data[0])) return std::nullopt;
  return one.data[0];
}

std::optional<ir::Dim> known_scalar(const ir::Graph& graph, ir::ValueId value) {
  const auto& contents = graph.value(value).info.contents;
  if (!contents || contents->size() != 1) return std::nullopt;
  return (*contents)[0];
}

ir::ValueId fold_value(ir::Graph& graph, ir::ValueId value) {
  const ir::OpId id = graph.value(value).def;
  if (!id.valid() || !foldable_kind(graph.op(id).kind)) return value;
  const ir::Op op = graph.op(id);
  ops::TensorShape shape{graph.type(value).dtype, {}};
  if (op.results.size() != 1 || !constant_dims(graph, graph.type(value).dims, &shape.dims)) return value;
  for (ir::ValueId operand : op.operands) {
    if (!foldable_operand(graph, op.kind, operand)) return value;
  }
  ir::Op evaluated = op;
  if (!within_bounds(graph, op, shape) || !evaluate_attrs(graph, &evaluated)) return value;
  if (const std::optional<ir::ValueId> moved = fold_movement(graph, op, shape)) {
    graph.replace_uses(value, *moved);
    graph.erase_op(id);
    return *moved;
  }
  std::vector<ops::Tensor> operands;
  for (ir::ValueId operand : op.operands) {
    operands.push_back(constant_tensor(graph, operand));
    if (!exact_in_double(operands.back())) return value;
  }
  const std::vector<ops::Tensor> results = ops::op_def(op.kind).reference(evaluated, operands, std::span(&shape, 1));
  if (!exact_in_double(results[0])) return value;
  const ir::ValueId folded = OpBuilder::before(graph, id).constant(results[0]);
  graph.replace_uses(value, folded);
  graph.erase_op(id);
  return folded;
}

}  // namespace rondo::passes
