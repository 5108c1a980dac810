#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// topk(x) {op, k, axis, indices}: the k largest (op 0, descending) or smallest (op 1, ascending) elements along axis,
// and their indices. Of equal elements the lower index comes first; NaN comes after all numbers.
//   C1 axis inside the rank   C2 0 <= k <= extent   C3 float or integer operand   C4 indices i32 or i64

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  ir::ValueInfo values{in.operands[0].type, {}};
  const size_t axis = require_axis(in, 1, "axis", values.type.rank());
  const ir::Dim extent = in.dims.resolve(values.type.dims[axis]);
  const ir::Dim k = in.dims.resolve(in.attrs.dims("k").at(0));
  if (in.dims.range(k).max < 0 || in.dims.range(in.dims.sub(extent, k)).max < 0) {
    refuse(in, 2, "k is ", in.dims.to_string(k), " but dimension ", axis, " of ", operands_text(in), " has ",
           in.dims.to_string(extent), " elements");
  }
  if (!is_float(values.type.dtype) && !is_integer(values.type.dtype)) {
    refuse(in, 3, operands_text(in), " is neither float nor integer");
  }
  for (ir::Dim& dim : values.type.dims) dim = in.dims.resolve(dim);
  values.type.dims[axis] = k;
  ir::ValueInfo indices = values;
  indices.type.dtype = static_cast<DType>(in.attrs.integer("indices"));
  if (indices.type.dtype != DType::kInt32 && indices.type.dtype != DType::kInt64) {
    refuse(in, 4, "indices of type ", dtype_name(indices.type.dtype), "; i32 or i64 is needed");
  }
  return {values, indices};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto axis = static_cast<size_t>(op.attrs.integer("axis"));
  const bool largest = op.attrs.integer("op") == 0;
  Tensor values = zeros(results[0]), indices = zeros(results[1]);
  const int64_t extent = x[0].dims[axis], k = values.dims[axis];
  if (k > extent)
    fail(Code::kFailedExecution, "topk '", op.name, "': k is ", k, " but dimension ", axis, " has ", extent);
  const Index from = strides_of(x[0].dims), to = strides_of(values.dims);
  Index rows = x[0].dims;
  rows[axis] = 1;
  for_each_index(rows, [&](const Index& row) {
    const double* data = x[0].data.data() + offset_of(row, from);
    std::vector<int64_t> order(static_cast<size_t>(extent));
    for (int64_t i = 0; i < extent; ++i) order[static_cast<size_t>(i)] = i;
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const double p = data[a * from[axis]], q = data[b * from[axis]];
      if (std::isnan(p) || std::isnan(q)) return !std::isnan(p) && std::isnan(q);
      return largest ? p > q : p < q;
    });
    for (int64_t i = 0; i < k; ++i) {
      const auto at = static_cast<size_t>(offset_of(row, to) + i * to[axis]);
      const int64_t index = order[static_cast<size_t>(i)];
      values.data[at] = data[index * from[axis]];
      indices.data[at] = static_cast<double>(index);
    }
  });
  return {std::move(values), std::move(indices)};
}

}  // namespace

OpDef define_topk() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
