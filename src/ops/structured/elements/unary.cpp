#include <array>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// unary(x) {op}: the API's functions of one operand, each one row of the pointwise table.
//   C1 NOT takes bool; ABS, NEG and SIGN take float or integer; all others float. ISINF and ISNAN give bool

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

/// In the order of the public enum.
constexpr PointwiseFn kOperations[] = {
    PointwiseFn::f_exp,   PointwiseFn::f_log,   PointwiseFn::f_sqrt,  PointwiseFn::f_recip, PointwiseFn::f_abs,
    PointwiseFn::f_neg,   PointwiseFn::f_sin,   PointwiseFn::f_cos,   PointwiseFn::f_tan,   PointwiseFn::f_sinh,
    PointwiseFn::f_cosh,  PointwiseFn::f_asin,  PointwiseFn::f_acos,  PointwiseFn::f_atan,  PointwiseFn::f_asinh,
    PointwiseFn::f_acosh, PointwiseFn::f_atanh, PointwiseFn::f_ceil,  PointwiseFn::f_floor, PointwiseFn::f_erf,
    PointwiseFn::f_not,   PointwiseFn::f_sign,  PointwiseFn::f_round, PointwiseFn::f_isinf, PointwiseFn::f_isnan,
};

PointwiseFn function_of(const ir::Attrs& attrs) {
  const int64_t op = attrs.integer("op");
  RONDO_CHECK(op >= 0 && op < static_cast<int64_t>(std::size(kOperations)), "unary operation ", op);
  return kOperations[op];
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const PointwiseFn fn = function_of(in.attrs);
  ir::ValueInfo result{in.operands[0].type, {}};
  result.type.dtype = pointwise_dtype(in, 1, fn);
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  result.contents = pointwise_contents(in.dims, fn, result.type, in.operands);
  return {result};
}

void expand(Expander& e) { e.replace(0, e.pointwise(function_of(e.op().attrs), {e.operand(0)})); }

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const PointwiseFn fn = function_of(op.attrs);
  const tile::ValueType type = tile::value_type(x[0].dtype);
  Tensor result = zeros(results[0]);
  for (size_t i = 0; i < result.data.size(); ++i) {
    const double v = tile::evaluate(fn, type, {x[0].data[i], 0, 0});
    result.data[i] = stored(result.dtype, v);
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_unary() { return {infer, expand, reference}; }

}  // namespace rondo::ops
