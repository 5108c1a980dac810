// Ops that no stage computes become one kernel each. What a kernel's attributes are is a row of a table: names of the
// op's attributes, appended in order, integers and lists to attrs, Dims to exprs. Three older kernels place their
// operands in ways of their own.
#include <bit>
#include <variant>

#include "base/error.h"
#include "schedule/lowering/kernel_ops.h"
#include "schedule/lowering/lowering.h"

namespace rondo::schedule {
namespace {

plan::ReduceOp reduce_op(int64_t public_value) {
  RONDO_CHECK(public_value >= 0 && public_value <= 4, "ReduceOperation ", public_value);
  return static_cast<plan::ReduceOp>(public_value);  // both: sum, prod, max, min, avg
}

void append(ProgramBuilder& builder, const ir::AttrValue& value, plan::Kernel* kernel) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return kernel->attrs.push_back(*integer);
  if (const auto* real = std::get_if<double>(&value)) return kernel->attrs.push_back(std::bit_cast<int64_t>(*real));
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    kernel->attrs.insert(kernel->attrs.end(), list->begin(), list->end());
    return;
  }
  const auto* dims = std::get_if<ir::Dims>(&value);
  RONDO_CHECK(dims != nullptr, "a kernel has no text attributes");
  for (const ir::Dim dim : *dims) kernel->exprs.push_back(builder.expr(dim));
}

}  // namespace

void Lowering::lower_kernel(ir::OpId id, Copies& copies) {
  const std::vector<ir::ValueId> results = graph_.op(id).results;
  std::vector<Place> places;
  for (const ir::ValueId result : results) places.push_back(places_[result] = take_place(result, copies));
  const ir::Op& op = graph_.op(id);
  if (op.kind == ir::OpKind::k_shape) return write_contents(op.results[0], places[0]);
  if (op.kind == ir::OpKind::k_reduce) return builder_.add_kernel(reduce(op, places[0]), op.name);
  if (op.kind == ir::OpKind::k_topk) return builder_.add_kernel(topk(op, places[0], places[1]), op.name);
  if (op.kind == ir::OpKind::k_gather) return builder_.add_kernel(gather(op, places[0]), op.name);
  builder_.add_kernel(kernel_of(op, places), op.name);
}

plan::Kernel Lowering::kernel_of(const ir::Op& op, const std::vector<Place>& results) {
  const KernelOp* row = find_kernel_op(op.kind);
  RONDO_CHECK(row != nullptr, ir::op_kind_name(op.kind), " is no kernel");
  plan::Kernel kernel;
  kernel.id = row->kernel;
  for (const ir::ValueId operand : op.operands) {
    kernel.operands.push_back(builder_.view(place_of(operand)));
    kernel.operand_dims.push_back(builder_.exprs(graph_.type(operand).dims));
  }
  for (size_t i = 0; i < results.size(); ++i) {
    kernel.operands.push_back(builder_.view(results[i]));
    kernel.operand_dims.push_back(builder_.exprs(graph_.type(op.results[i]).dims));
  }
  kernel.space = kernel.operand_dims.back();
  for (const char* name : row->attrs) {
    for (const auto& [key, value] : op.attrs.items()) {
      if (key == name) append(builder_, value, &kernel);
    }
  }
  return kernel;
}

plan::Kernel Lowering::reduce(const ir::Op& op, const Place& y) {
  const ir::Dims& dims = graph_.type(op.operands[0]).dims;
  const int64_t axes = op.attrs.integer("axes");
  const bool keep = op.attrs.flag("keep");
  Place spread = y;
  spread.strides.assign(dims.size(), pool_.constant(0));
  for (size_t i = 0, at = 0; i < dims.size(); ++i) {
    const bool reduced = ((axes >> i) & 1) != 0;
    if (!reduced) spread.strides[i] = y.strides[at];
    if (!reduced || keep) ++at;
  }
  plan::Kernel kernel;
  kernel.id = plan::KernelId::k_reduce;
  kernel.space = builder_.exprs(dims);
  kernel.operands = {builder_.view(place_of(op.operands[0])), builder_.view(spread)};
  kernel.attrs = {static_cast<int64_t>(reduce_op(op.attrs.integer("op"))), axes};
  return kernel;
}

plan::Kernel Lowering::topk(const ir::Op& op, const Place& values, const Place& indices) {
  plan::Kernel kernel = kernel_of(op, {values, indices});
  kernel.space = kernel.operand_dims[0];
  kernel.attrs[0] = kernel.attrs[0] == 0;  // op 0 asks for the largest
  return kernel;
}

plan::Kernel Lowering::gather(const ir::Op& op, const Place& y) {
  const ir::Dims& result = graph_.type(op.results[0]).dims;
  const auto shared = static_cast<size_t>(op.attrs.integer("elementwise_dims"));
  plan::Kernel kernel;
  kernel.id = plan::KernelId::k_gather;
  kernel.space = builder_.exprs(result);
  for (const ir::ValueId operand : op.operands) {
    ir::Dims dims = graph_.type(operand).dims;
    Place place = place_of(operand);
    for (size_t i = 0; i < shared; ++i) {  // shared extents of 1 broadcast; the kernel wants them equal
      if (pool_.same(dims[i], result[i])) continue;
      place = broadcast(pool_, place, ir::Dims(dims.begin(), dims.begin() + static_cast<ptrdiff_t>(i) + 1));
      dims[i] = result[i];
    }
    kernel.operands.push_back(builder_.view(place));
    kernel.operand_dims.push_back(builder_.exprs(dims));
  }
  kernel.operands.push_back(builder_.view(y));
  kernel.operand_dims.push_back(kernel.space);
  kernel.attrs = {op.attrs.integer("mode"), op.attrs.has("axis") ? op.attrs.integer("axis") : 0,
                  static_cast<int64_t>(shared)};
  return kernel;
}

}  // namespace rondo::schedule
