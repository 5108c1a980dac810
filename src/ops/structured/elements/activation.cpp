#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// activation(x) {type, alpha, beta}: the API's fourteen formulas, written out in pointwise functions.
//   C1 float operand; RELU also i32 and i64   C2 type is one of the fourteen

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

enum Type : int64_t {
  kRelu,
  kSigmoid,
  kTanh,
  kLeakyRelu,
  kElu,
  kSelu,
  kSoftsign,
  kSoftplus,
  kClip,
  kHardSigmoid,
  kScaledTanh,
  kThresholdedRelu,
  kGeluErf,
  kGeluTanh,
  kTypes
};

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kSqrtTwoOverPi = 0.79788456080286535588;
constexpr double kGeluCubic = 0.044715;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const int64_t type = in.attrs.integer("type");
  if (type < 0 || type >= kTypes) refuse(in, 2, "activation type ", type, " is none of 0 .. ", kTypes - 1);
  const DType dtype = in.operands[0].type.dtype;
  if (!(type == kRelu && (dtype == DType::kInt32 || dtype == DType::kInt64))) require_float(in, 1, 0);
  ir::ValueInfo result{in.operands[0].type, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

/// Writes formulas over one operand x.
class Formula {
 public:
  Formula(Expander& e, ir::ValueId x) : e_(e), x_(x) {}

  ir::ValueId x() const { return x_; }
  ir::ValueId number(double v) { return e_.scalar_like(x_, v); }
  ir::ValueId fn(PointwiseFn f, ir::ValueId a) { return e_.pointwise(f, {a}); }
  ir::ValueId fn(PointwiseFn f, ir::ValueId a, ir::ValueId b) { return e_.pointwise(f, {a, b}); }
  ir::ValueId add(ir::ValueId a, double b) { return b == 0 ? a : fn(PointwiseFn::f_add, a, number(b)); }
  ir::ValueId mul(ir::ValueId a, double b) { return b == 1 ? a : fn(PointwiseFn::f_mul, a, number(b)); }
  ir::ValueId mul(ir::ValueId a, ir::ValueId b) { return fn(PointwiseFn::f_mul, a, b); }
  ir::ValueId max(ir::ValueId a, double b) { return fn(PointwiseFn::f_max, a, number(b)); }
  ir::ValueId min(ir::ValueId a, double b) { return fn(PointwiseFn::f_min, a, number(b)); }
  ir::ValueId select(ir::ValueId condition, ir::ValueId a, ir::ValueId b) {
    return e_.pointwise(PointwiseFn::f_select, {condition, a, b});
  }

 private:
  Expander& e_;
  ir::ValueId x_;
};

/// a log(exp(z) + 1) with z = b x, without overflow: a (max(z, 0) + log1p(exp(-|z|))).
ir::ValueId softplus(Formula& f, double a, double b) {
  const ir::ValueId z = f.mul(f.x(), b);
  const ir::ValueId small = f.fn(PointwiseFn::f_exp, f.fn(PointwiseFn::f_neg, f.fn(PointwiseFn::f_abs, z)));
  return f.mul(f.fn(PointwiseFn::f_add, f.max(z, 0), f.fn(PointwiseFn::f_log1p, small)), a);
}

/// x/2 (1 + inner)
ir::ValueId half_gate(Formula& f, ir::ValueId inner) { return f.mul(f.mul(f.x(), 0.5), f.add(inner, 1)); }

ir::ValueId gelu_tanh(Formula& f) {
  const ir::ValueId cube = f.mul(f.mul(f.mul(f.x(), f.x()), f.x()), kGeluCubic);
  return half_gate(f, f.fn(PointwiseFn::f_tanh, f.mul(f.fn(PointwiseFn::f_add, f.x(), cube), kSqrtTwoOverPi)));
}

ir::ValueId formula(Formula& f, int64_t type, double a, double b) {
  const ir::ValueId x = f.x();
  switch (type) {
    case kRelu:
      return f.max(x, 0);
    case kSigmoid:
      return f.fn(PointwiseFn::f_sigmoid, x);
    case kTanh:
      return f.fn(PointwiseFn::f_tanh, x);
    case kLeakyRelu:
      return f.select(f.fn(PointwiseFn::f_less, x, f.number(0)), f.mul(x, a), x);
    case kElu:
      return f.select(f.fn(PointwiseFn::f_less, x, f.number(0)), f.mul(f.fn(PointwiseFn::f_expm1, x), a), x);
    case kSelu:
      return f.select(f.fn(PointwiseFn::f_greater, x, f.number(0)), f.mul(x, b),
                      f.mul(f.fn(PointwiseFn::f_expm1, x), a * b));
    case kSoftsign:
      return f.fn(PointwiseFn::f_div, x, f.add(f.fn(PointwiseFn::f_abs, x), 1));
    case kSoftplus:
      return softplus(f, a, b);
    case kClip:
      return f.max(f.min(x, b), a);
    case kHardSigmoid:
      return f.max(f.min(f.add(f.mul(x, a), b), 1), 0);
    case kScaledTanh:
      return f.mul(f.fn(PointwiseFn::f_tanh, f.mul(x, b)), a);
    case kThresholdedRelu:
      return f.select(f.fn(PointwiseFn::f_greater, x, f.number(a)), x, f.number(0));
    case kGeluErf:
      return half_gate(f, f.fn(PointwiseFn::f_erf, f.mul(x, kSqrtHalf)));
    default:
      return gelu_tanh(f);
  }
}

/// Formulas of f16 and bf16 are written in f32: their constants would lose digits in the narrow type.
void expand(Expander& e) {
  const ir::Attrs attrs = e.op().attrs;
  const int64_t type = attrs.integer("type");
  const DType dtype = e.type(e.operand(0)).dtype;
  const bool widens = is_float(dtype) && dtype != DType::kFloat32 && type > kTanh;
  Formula f(e, widens ? e.cast(e.operand(0), DType::kFloat32) : e.operand(0));
  const ir::ValueId y = formula(f, type, attrs.real("alpha"), attrs.real("beta"));
  e.replace(0, widens ? e.cast(y, dtype) : y);
}

double clamp(double v, double low, double high) { return std::fmax(low, std::fmin(high, v)); }

double apply(int64_t type, double x, double a, double b) {
  switch (type) {
    case kRelu:
      return std::fmax(x, 0);
    case kSigmoid:
      return 1 / (1 + std::exp(-x));
    case kTanh:
      return std::tanh(x);
    case kLeakyRelu:
      return x >= 0 ? x : a * x;
    case kElu:
      return x >= 0 ? x : a * std::expm1(x);
    case kSelu:
      return x > 0 ? b * x : b * (a * std::exp(x) - a);
    case kSoftsign:
      return x / (1 + std::fabs(x));
    case kSoftplus:
      return b * x > 500 ? a * b * x : a * std::log1p(std::exp(b * x));
    case kClip:
      return clamp(x, a, b);
    case kHardSigmoid:
      return clamp(a * x + b, 0, 1);
    case kScaledTanh:
      return a * std::tanh(b * x);
    case kThresholdedRelu:
      return x > a ? x : 0;
    case kGeluErf:
      return x / 2 * (1 + std::erf(x * kSqrtHalf));
    default:
      return x / 2 * (1 + std::tanh(kSqrtTwoOverPi * (x + kGeluCubic * x * x * x)));
  }
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const double alpha = op.attrs.real("alpha"), beta = op.attrs.real("beta");
  for (size_t i = 0; i < result.data.size(); ++i) {
    result.data[i] = apply(op.attrs.integer("type"), x[0].data[i], alpha, beta);
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_activation() { return {infer, expand, reference}; }

}  // namespace rondo::ops
