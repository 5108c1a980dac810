#include "base/error.h"
#include "schedule/lowering/lowering.h"

namespace rondo::schedule {
namespace {

plan::ReduceOp reduce_op(int64_t public_value) {
  RONDO_CHECK(public_value >= 0 && public_value <= 4, "ReduceOperation ", public_value);
  return static_cast<plan::ReduceOp>(public_value);  // both: sum, prod, max, min, avg
}

}  // namespace

void Lowering::lower_kernel(ir::OpId id, Copies& copies) {
  const std::vector<ir::ValueId> results = graph_.op(id).results;
  std::vector<Place> places;
  for (const ir::ValueId result : results) places.push_back(places_[result] = take_place(result, copies));
  const ir::Op& op = graph_.op(id);
  switch (op.kind) {
    case ir::OpKind::k_reduce:
      return builder_.add_kernel(reduce(op, places[0]), op.name);
    case ir::OpKind::k_topk:
      return builder_.add_kernel(topk(op, places[0], places[1]), op.name);
    case ir::OpKind::k_gather:
      return builder_.add_kernel(gather(op, places[0]), op.name);
    default:
      RONDO_CHECK(false, ir::op_kind_name(op.kind), " is no kernel");
  }
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
  kernel.id = plan::KernelId::kReduce;
  kernel.space = builder_.exprs(dims);
  kernel.operands = {builder_.view(place_of(op.operands[0])), builder_.view(spread)};
  kernel.attrs = {static_cast<int64_t>(reduce_op(op.attrs.integer("op"))), axes};
  return kernel;
}

plan::Kernel Lowering::topk(const ir::Op& op, const Place& values, const Place& indices) {
  const ir::Dims& dims = graph_.type(op.operands[0]).dims;
  plan::Kernel kernel;
  kernel.id = plan::KernelId::kTopK;
  kernel.space = builder_.exprs(dims);
  kernel.operands = {builder_.view(place_of(op.operands[0])), builder_.view(values), builder_.view(indices)};
  kernel.operand_dims = {builder_.exprs(dims), builder_.exprs(graph_.type(op.results[0]).dims),
                         builder_.exprs(graph_.type(op.results[1]).dims)};
  kernel.attrs = {op.attrs.integer("op") == 0 ? 1 : 0, op.attrs.integer("axis")};
  kernel.exprs = builder_.exprs(op.attrs.dims("k"));
  return kernel;
}

plan::Kernel Lowering::gather(const ir::Op& op, const Place& y) {
  const ir::Dims& result = graph_.type(op.results[0]).dims;
  const auto shared = static_cast<size_t>(op.attrs.integer("elementwise_dims"));
  plan::Kernel kernel;
  kernel.id = plan::KernelId::kGather;
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
