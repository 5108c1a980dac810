#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// ragged_softmax(x [.., Z, S], bounds [.., Z, 1]): softmax over the first bounds elements of each row, zero behind
// them. A bound below 1 gives a row of zeros, one above S the whole row.
//   C1 equal ranks of at least 2   C2 extents of bounds: those of x, the last 1   C3 x float   C4 bounds i32 or i64

namespace rondo::ops {
namespace {

constexpr int64_t kReduceSum = 0, kReduceMax = 2;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType &x = in.operands[0].type, &bounds = in.operands[1].type;
  if (x.rank() < 2 || x.rank() != bounds.rank()) {
    refuse(in, 1, operands_text(in), ": x [.., Z, S] takes bounds [.., Z, 1]");
  }
  require_float(in, 3, 0);
  if (bounds.dtype != DType::kInt32 && bounds.dtype != DType::kInt64) {
    refuse(in, 4, "bounds are ", type_text(in.dims, bounds), ", an i32 or i64 tensor is needed");
  }
  ir::ValueInfo result{x, {}};
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const ir::Dim wanted = i + 1 < x.dims.size() ? x.dims[i] : in.dims.constant(1);
    if (!in.dims.same(bounds.dims[i], wanted)) {
      unify(in, 2, bounds.dims[i], wanted, text("extent of dimension ", i, " of the bounds and what it must be"));
    }
    result.type.dims[i] = in.dims.resolve(x.dims[i]);
  }
  return {result};
}

void expand(Expander& e) {
  using tile::PointwiseFn;
  // Powers and their sum lose digits in a narrow type.
  const DType stored_as = e.type(e.operand(0)).dtype;
  const ir::ValueId x = e.cast(e.operand(0), DType::kFloat32), bounds = e.operand(1);
  const auto axis = static_cast<size_t>(e.type(x).rank() - 1);
  const auto fold = [&](int64_t op, ir::ValueId v) {
    const int64_t mask = int64_t{1} << axis;
    return e.add(ir::OpKind::k_reduce, {{"op", op}, {"axes", mask}, {"keep", int64_t{1}}}, {v});
  };
  ir::Dims row(axis + 1, e.graph().dims().constant(1));
  row[axis] = e.type(x).dims[axis];
  const ir::ValueId places = e.add(
      ir::OpKind::k_iota,
      {{"shape", row}, {"axis", static_cast<int64_t>(axis)}, {"dtype", static_cast<int64_t>(e.type(bounds).dtype)}},
      {});
  const ir::ValueId inside = e.pointwise(PointwiseFn::f_less, {places, bounds});
  const ir::ValueId lowest = e.scalar_like(x, -std::numeric_limits<double>::infinity());
  const auto masked = [&](ir::ValueId v, ir::ValueId instead) {
    return e.pointwise(PointwiseFn::f_select, {inside, v, instead});
  };
  const ir::ValueId largest = fold(kReduceMax, masked(x, lowest));
  const ir::ValueId shifted = masked(e.pointwise(PointwiseFn::f_sub, {x, largest}), lowest);
  const ir::ValueId powers = e.pointwise(PointwiseFn::f_exp, {shifted});
  const ir::ValueId shares = e.pointwise(PointwiseFn::f_div, {powers, fold(kReduceSum, powers)});
  e.replace(0, e.cast(masked(shares, e.scalar_like(x, 0)), stored_as));
}

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const int64_t width = result.dims.back();
  for (size_t row = 0; row < x[1].data.size() && width > 0; ++row) {
    const auto count = static_cast<int64_t>(std::clamp(x[1].data[row], 0.0, static_cast<double>(width)));
    if (count == 0) continue;
    const double* from = x[0].data.data() + static_cast<int64_t>(row) * width;
    double* to = result.data.data() + static_cast<int64_t>(row) * width;
    double largest = from[0], sum = 0;
    for (int64_t i = 0; i < count; ++i) largest = std::max(largest, from[i]);
    for (int64_t i = 0; i < count; ++i) sum += to[i] = std::exp(from[i] - largest);
    for (int64_t i = 0; i < count; ++i) to[i] /= sum;
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_ragged_softmax() { return {infer, expand, reference}; }

}  // namespace rondo::ops
