// Folding one op: its reference is evaluated in double on the constants' exact values and rounded once to the result's dtype, which
// is what the op does at run time up to the last bits of transcendental functions. Two things are bounded. Size: a result may not
// be larger than its operands together (a broadcast of a scalar over [4096, 4096] stays an op) unless it is small anyway. Time: the
// reference is naive, so products of large constants are left to the run time.
#include "passes/parts/constants.h"

#include <cmath>

#include "base/error.h"
#include "ops/op_def.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

// Bytes below which a folded result may exceed its operands. Bound by plan size: a few cache lines; not measured to matter.
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
    case ir::OpKind::k_matmul: return true;
    default: return false;
  }
}

bool constant_dims(const ir::Graph& graph, const ir::Dims& dims, std::vector<int64_t>* out) {
  for (ir::Dim dim : dims) {
    if (!graph.dims().is_constant(dim)) return false;
    out->push_back(graph.dims().value(dim));
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

bool within_bounds(const ir::Graph& graph, const ir::Op& op, const ops::TensorShape& result) {
  int64_t operand_bytes = 0;
  for (ir::ValueId operand : op.operands) {
    const uint32_t data = static_cast<uint32_t>(graph.op(graph.value(operand).def).attrs.integer("data"));
    operand_bytes += static_cast<int64_t>(graph.constant_data(data).bytes.size());
  }
  const int64_t result_bytes = volume(result.dims) * static_cast<int64_t>(dtype_bytes(result.dtype));
  if (op.kind == ir::OpKind::k_matmul) {
    const ir::Dim k = graph.type(op.operands[0]).dims.back();
    if (volume(result.dims) * graph.dims().value(k) > kMaxProductWork) return false;
  }
  return result_bytes <= kAlwaysFoldBytes || result_bytes <= operand_bytes;
}

}  // namespace

bool is_constant(const ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  return def.valid() && graph.op(def).kind == ir::OpKind::k_constant;
}

ops::Tensor constant_tensor(const ir::Graph& graph, ir::ValueId value) {
  RONDO_CHECK(is_constant(graph, value), "value ", value.id, " is not a constant");
  const ir::Attrs& attrs = graph.op(graph.value(value).def).attrs;
  const ir::ConstantData& data = graph.constant_data(static_cast<uint32_t>(attrs.integer("data")));
  return ops::from_bytes(data.dtype, attrs.integers("dims"), data.bytes.data());
}

std::optional<double> splat_value(const ir::Graph& graph, ir::ValueId value) {
  if (!is_constant(graph, value)) return std::nullopt;
  const ir::Attrs& attrs = graph.op(graph.value(value).def).attrs;
  const ir::ConstantData& data = graph.constant_data(static_cast<uint32_t>(attrs.integer("data")));
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
    if (!is_constant(graph, operand)) return value;
  }
  if (!within_bounds(graph, op, shape)) return value;
  std::vector<ops::Tensor> operands;
  for (ir::ValueId operand : op.operands) {
    operands.push_back(constant_tensor(graph, operand));
    if (!exact_in_double(operands.back())) return value;
  }
  const std::vector<ops::Tensor> results = ops::op_def(op.kind).reference(op, operands, std::span(&shape, 1));
  if (!exact_in_double(results[0])) return value;
  const ir::ValueId folded = OpBuilder::before(graph, id).constant(results[0]);
  graph.replace_uses(value, folded);
  graph.erase_op(id);
  return folded;
}

}  // namespace rondo::passes
