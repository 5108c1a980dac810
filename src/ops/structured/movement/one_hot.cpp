#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// one_hot(indices, values) {axis, depth}: a new dimension of extent depth at `axis`, along which the entry at the index
// is values[1] (on) and all others are values[0] (off). An index outside of 0 .. depth-1 leaves the whole row off.
//   C1 indices are i32 or i64   C2 values are 1-D of two elements   C3 axis is 0 .. rank(indices)   C4 depth is one
//   extent, not negative

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& indices = in.operands[0].type;
  const ir::TensorType& values = in.operands[1].type;
  if (indices.dtype != DType::kInt32 && indices.dtype != DType::kInt64) {
    refuse(in, 1, "indices are ", type_text(in.dims, indices), ", i32 or i64 is needed");
  }
  if (values.rank() != 1 || !may_be_equal(in.dims, values.dims[0], in.dims.constant(2))) {
    refuse(in, 2, "values are ", type_text(in.dims, values), "; two elements are needed: off, then on");
  }
  unify(in, 2, values.dims[0], in.dims.constant(2), "the number of values");
  const size_t axis = require_axis(in, 3, "axis", indices.rank() + 1);
  const ir::Dims& depth = in.attrs.dims("depth");
  if (depth.size() != 1 || in.dims.range(in.dims.resolve(depth[0])).max < 0) {
    refuse(in, 4, "the depth must be one extent of at least 0");
  }
  ir::ValueInfo result{{values.dtype, indices.dims}, {}};
  result.type.dims.insert(result.type.dims.begin() + static_cast<std::ptrdiff_t>(axis), depth[0]);
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& pool = e.graph().dims();
  const auto axis = static_cast<size_t>(op.attrs.integer("axis"));
  const ir::TensorType indices = e.type(e.operand(0));
  const ir::Dims ones(indices.dims.size() + 1, pool.constant(1));
  ir::Dims spread = indices.dims, counted = ones;
  spread.insert(spread.begin() + static_cast<std::ptrdiff_t>(axis), pool.constant(1));
  counted[axis] = op.attrs.dims("depth")[0];
  const ir::ValueId position = e.add(
      ir::OpKind::k_iota,
      {{"shape", counted}, {"axis", static_cast<int64_t>(axis)}, {"dtype", static_cast<int64_t>(indices.dtype)}}, {});
  const ir::ValueId hit = e.pointwise(PointwiseFn::f_equal, {e.reshape(e.operand(0), spread), position});
  const auto value = [&](int64_t at) {
    const ir::ValueId one = e.add(ir::OpKind::k_slice,
                                  {{"start", ir::Dims{pool.constant(at)}},
                                   {"size", ir::Dims{pool.constant(1)}},
                                   {"stride", std::vector<int64_t>{1}}},
                                  {e.operand(1)});
    return e.reshape(one, ones);
  };
  e.replace(0, e.pointwise(PointwiseFn::f_select, {hit, value(1), value(0)}));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto axis = static_cast<size_t>(op.attrs.integer("axis"));
  const Index strides = strides_of(x[0].dims);
  Tensor result = zeros(results[0]);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    Index row = index;
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(axis));
    const bool hit = x[0].data[static_cast<size_t>(offset_of(row, strides))] == static_cast<double>(index[axis]);
    result.data[at++] = x[1].data[hit ? 1 : 0];
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_one_hot() { return {infer, expand, reference}; }

}  // namespace rondo::ops
