#include "passes/parts/op_builder.h"

#include <numeric>

#include "base/error.h"
#include "ops/op_def.h"
#include "passes/parts/loop_parts.h"

namespace rondo::passes {

ir::ValueId OpBuilder::add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands, size_t results) {
  const ir::OpId op = graph_->add_op(region_, kind, std::move(attrs), std::move(operands), results, name_, before_);
  ops::infer_op(*graph_, op);
  return graph_->op(op).results[0];
}

ir::ValueId OpBuilder::pointwise(std::string_view fn, std::vector<ir::ValueId> operands) {
  return add(ir::OpKind::k_pointwise, {{"fn", std::string(fn)}}, std::move(operands));
}

ir::ValueId OpBuilder::cast(ir::ValueId value, DType to) {
  if (graph_->type(value).dtype == to) return value;
  return add(ir::OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}}, {value});
}

ir::ValueId OpBuilder::reshape(ir::ValueId value, ir::Dims shape) {
  if (same_dims(*graph_, dims(value), shape)) return value;
  return add(ir::OpKind::k_reshape, {{"shape", std::move(shape)}}, {value});
}

ir::ValueId OpBuilder::transpose(ir::ValueId value, const std::vector<int64_t>& perm) {
  bool identity = true;
  for (size_t i = 0; i < perm.size(); ++i) identity = identity && perm[i] == static_cast<int64_t>(i);
  return identity ? value : add(ir::OpKind::k_transpose, {{"perm", perm}}, {value});
}

ir::ValueId OpBuilder::move_axis(ir::ValueId value, int from, int to) {
  std::vector<int64_t> perm(dims(value).size());
  std::iota(perm.begin(), perm.end(), 0);
  perm.erase(perm.begin() + from);
  perm.insert(perm.begin() + to, from);
  return transpose(value, perm);
}

ir::ValueId OpBuilder::insert_axis(ir::ValueId value, int axis) {
  ir::Dims shape = dims(value);
  shape.insert(shape.begin() + axis, graph_->dims().constant(1));
  return reshape(value, std::move(shape));
}

ir::ValueId OpBuilder::broadcast(ir::ValueId value, ir::Dims shape) {
  if (same_dims(*graph_, dims(value), shape)) return value;
  return add(ir::OpKind::k_broadcast, {{"shape", std::move(shape)}}, {value});
}

ir::ValueId OpBuilder::slice(ir::ValueId value, int axis, ir::Dim start, ir::Dim size) {
  ir::Dims starts(dims(value).size(), graph_->dims().constant(0)), sizes = dims(value);
  starts[static_cast<size_t>(axis)] = start;
  sizes[static_cast<size_t>(axis)] = size;
  if (same_dims(*graph_, dims(value), sizes)) return value;
  std::vector<int64_t> strides(sizes.size(), 1);
  return add(ir::OpKind::k_slice, {{"start", starts}, {"size", sizes}, {"stride", strides}}, {value});
}

ir::ValueId OpBuilder::concat(std::vector<ir::ValueId> values, int axis) {
  if (values.size() == 1) return values[0];
  return add(ir::OpKind::k_concat, {{"axis", int64_t{axis}}}, std::move(values));
}

ir::ValueId OpBuilder::matmul(ir::ValueId a, ir::ValueId b) { return add(ir::OpKind::k_matmul, {}, {a, b}); }

ir::ValueId OpBuilder::constant(const ops::Tensor& tensor) {
  Bytes bytes(tensor.data.size() * dtype_bytes(tensor.dtype));
  ops::to_bytes(tensor, bytes.data());
  const int64_t data = graph_->add_constant_data(tensor.dtype, std::move(bytes));
  return add(ir::OpKind::k_constant, {{"data", data}, {"dims", tensor.dims}}, {});
}

}  // namespace rondo::passes
