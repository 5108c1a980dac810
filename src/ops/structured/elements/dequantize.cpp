#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/structured/elements/quantization.h"

// dequantize(q, scale[, zero]) {axis, block, to}: q · scale in f32, stored as `to`.
//   C1 the scale is float   C2 the scale is one element, 1-D along axis, or one element per block   C3 q is i8, the
//   result float   C4 the zero point, if given, is constant zero

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const auto to = static_cast<DType>(in.attrs.integer("to"));
  if (in.operands[0].type.dtype != DType::kInt8 || !is_float(to)) {
    refuse(in, 3, "from ", type_text(in.dims, in.operands[0].type), " to ", dtype_name(to),
           "; an i8 input and a float result are what this version dequantizes");
  }
  check_scale(in);
  ir::ValueInfo result{{to, in.operands[0].type.dims}, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

void expand(Expander& e) {
  const auto to = static_cast<DType>(e.op().attrs.integer("to"));
  const ir::ValueId scale = spread_scale(e);
  const ir::ValueId q = e.cast(e.operand(0), DType::kFloat32);
  e.replace(0, e.cast(e.pointwise(tile::PointwiseFn::f_mul, {q, scale}), to));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Index scales = scale_indices(op.attrs, x[0].dims, x[1].dims);
  for (size_t i = 0; i < result.data.size(); ++i)
    result.data[i] = x[0].data[i] * x[1].data[static_cast<size_t>(scales[i])];
  return {std::move(result)};
}

}  // namespace

OpDef define_dequantize() { return {infer, expand, reference}; }

}  // namespace rondo::ops
