#include <algorithm>
#include <cmath>

#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// softmax(x) {axis}: exp(x - max) / sum of it, along one dimension.
//   C1 axis inside the rank   C2 float operand

namespace rondo::ops {
namespace {

constexpr int64_t kReduceSum = 0, kReduceMax = 2;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  require_axis(in, 1, "axis", in.operands[0].type.rank());
  require_float(in, 2, 0);
  return {{in.operands[0].type, {}}};
}

void expand(Expander& e) {
  const int64_t mask = int64_t{1} << e.op().attrs.integer("axis");
  const auto fold = [&](int64_t op, ir::ValueId v) {
    return e.add(ir::OpKind::k_reduce, {{"op", op}, {"axes", mask}, {"keep", int64_t{1}}}, {v});
  };
  // Powers and their sum lose digits in a narrow type: f16 and bf16 are widened first.
  const DType dtype = e.type(e.operand(0)).dtype;
  const bool widens = dtype != DType::kFloat32;
  const ir::ValueId x = widens ? e.cast(e.operand(0), DType::kFloat32) : e.operand(0);
  const ir::ValueId shifted = e.pointwise(tile::PointwiseFn::f_sub, {x, fold(kReduceMax, x)});
  const ir::ValueId powers = e.pointwise(tile::PointwiseFn::f_exp, {shifted});
  // One reciprocal a row: a division an element costs as much as the exponential. The sum is at least 1.
  const ir::ValueId share = e.pointwise(tile::PointwiseFn::f_recip, {fold(kReduceSum, powers)});
  const ir::ValueId y = e.pointwise(tile::PointwiseFn::f_mul, {powers, share});
  e.replace(0, widens ? e.cast(y, dtype) : y);
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto axis = static_cast<size_t>(op.attrs.integer("axis"));
  Tensor result = zeros(results[0]);
  const Index strides = strides_of(result.dims);
  Index rows = result.dims;
  const int64_t extent = rows[axis], step = strides[axis];
  rows[axis] = 1;
  if (extent == 0) return {std::move(result)};
  for_each_index(rows, [&](const Index& row) {
    const double* from = x[0].data.data() + offset_of(row, strides);
    double* to = result.data.data() + offset_of(row, strides);
    double largest = from[0], sum = 0;
    for (int64_t i = 0; i < extent; ++i) largest = std::max(largest, from[i * step]);
    for (int64_t i = 0; i < extent; ++i) sum += to[i * step] = std::exp(from[i * step] - largest);
    for (int64_t i = 0; i < extent; ++i) to[i * step] /= sum;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_softmax() { return {infer, expand, reference}; }

}  // namespace rondo::ops
