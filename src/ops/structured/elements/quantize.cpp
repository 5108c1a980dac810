#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/structured/elements/quantization.h"

// quantize(x, scale[, zero]) {axis, block, to}: x / scale, rounded half to even and clamped to i8.
//   C1 the scale is float   C2 the scale is one element, 1-D along axis, or one element per block   C3 x is float, the
//   result i8   C4 the zero point, if given, is constant zero
//
// The quotient is an f32: where its exact value lies next to a tie, rounding to f32 may make it the tie, and the
// reference does the same.

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const auto to = static_cast<DType>(in.attrs.integer("to"));
  if (!is_float(in.operands[0].type.dtype) || to != DType::kInt8) {
    refuse(in, 3, "from ", type_text(in.dims, in.operands[0].type), " to ", dtype_name(to),
           "; a float input and i8 are what this version quantizes");
  }
  check_scale(in);
  ir::ValueInfo result{{to, in.operands[0].type.dims}, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

void expand(Expander& e) {
  const ir::ValueId scale = spread_scale(e);
  const ir::ValueId x = e.cast(e.operand(0), DType::kFloat32);
  const ir::ValueId quotient = e.pointwise(tile::PointwiseFn::f_div, {x, scale});
  e.replace(0, e.cast(e.pointwise(tile::PointwiseFn::f_round, {quotient}), DType::kInt8));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Index scales = scale_indices(op.attrs, x[0].dims, x[1].dims);
  for (size_t i = 0; i < result.data.size(); ++i) {
    const double quotient = round_to(DType::kFloat32, x[0].data[i] / x[1].data[static_cast<size_t>(scales[i])]);
    result.data[i] = round_to(result.dtype, std::nearbyint(quotient));
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_quantize() { return {infer, expand, reference}; }

}  // namespace rondo::ops
