#include "ops/op_def.h"

#include "base/error.h"
#include "ops/op_list.h"
#include "ops/primitive/region_ops.h"
#include "ops/tensor.h"

namespace rondo::ops {

const OpDef& op_def(ir::OpKind kind) {
  static const OpDef kTable[] = {
#define RONDO_OP(name, klass) define_##name(),
#include "ir/op_kind.def"
#undef RONDO_OP
  };
  return kTable[static_cast<size_t>(kind)];
}

ir::ValueId Expander::add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands) {
  const bool nested = region_ != op().parent;
  const ir::OpId added = add_inferred_op(graph_, region_, kind, std::move(attrs), std::move(operands), op().name,
                                         nested ? ir::OpId{} : before_);
  return graph_.op(added).results[0];
}

ir::ValueId Expander::pointwise(tile::PointwiseFn fn, std::vector<ir::ValueId> operands) {
  return add(ir::OpKind::k_pointwise, {{"fn", std::string(tile::pointwise_info(fn).name)}}, std::move(operands));
}

ir::ValueId Expander::cast(ir::ValueId v, DType to) {
  if (type(v).dtype == to) return v;
  return add(ir::OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}}, {v});
}

ir::ValueId Expander::scalar_like(ir::ValueId v, double value) {
  Tensor scalar{type(v).dtype, std::vector<int64_t>(type(v).dims.size(), 1), {value}};
  Bytes bytes(dtype_bytes(scalar.dtype));
  to_bytes(scalar, bytes.data());
  return constant(scalar.dtype, scalar.dims, std::move(bytes));
}

ir::ValueId Expander::constant(DType dtype, const std::vector<int64_t>& dims, Bytes bytes) {
  const int64_t data = graph_.add_constant_data(dtype, std::move(bytes));
  return add(ir::OpKind::k_constant, {{"data", data}, {"dims", dims}}, {});
}

const ir::ConstantData* Expander::constant_of(ir::ValueId v) const {
  const ir::OpId def = graph_.value(v).def;
  if (!def.valid() || graph_.op(def).kind != ir::OpKind::k_constant) return nullptr;
  return &graph_.constant_data(static_cast<uint32_t>(graph_.op(def).attrs.integer("data")));
}

ir::ValueId Expander::reshape(ir::ValueId v, ir::Dims shape) {
  if (type(v).dims == shape) return v;
  return add(ir::OpKind::k_reshape, {{"shape", std::move(shape)}}, {v});
}

ir::ValueId Expander::transpose(ir::ValueId v, std::vector<int64_t> perm) {
  bool identity = true;
  for (size_t i = 0; i < perm.size(); ++i) identity = identity && perm[i] == static_cast<int64_t>(i);
  return identity ? v : add(ir::OpKind::k_transpose, {{"perm", std::move(perm)}}, {v});
}

ir::OpId Expander::add_loop(ir::Attrs attrs, std::vector<ir::ValueId> operands) {
  const LoopParts parts = loop_parts(attrs);
  const std::string name = op().name;
  std::vector<ir::ValueInfo> infos;
  for (ir::ValueId v : operands) infos.push_back(graph_.value(v).info);
  std::vector<ir::ValueInfo> arguments = infer_loop_arguments({ir::OpKind::k_loop, name, attrs, infos, graph_.dims()});
  const bool nested = region_ != op().parent;
  const ir::OpId loop = graph_.add_op(region_, ir::OpKind::k_loop, std::move(attrs), std::move(operands),
                                      parts.carried + parts.collected, name, nested ? ir::OpId{} : before_);
  const ir::RegionId body = graph_.add_region(loop);
  for (ir::ValueInfo& argument : arguments) graph_.add_argument(body, std::move(argument));
  return loop;
}

void Expander::finish_loop(ir::OpId loop, std::vector<ir::ValueId> body_results) {
  graph_.region(graph_.op(loop).regions.at(0)).results = std::move(body_results);
  infer_op(graph_, loop);
}

void Expander::replace(size_t result, ir::ValueId by) {
  const ir::ValueId old = op().results[result];
  if (graph_.value(by).name.empty()) graph_.value(by).name = graph_.value(old).name;
  graph_.replace_uses(old, by);
}

}  // namespace rondo::ops
