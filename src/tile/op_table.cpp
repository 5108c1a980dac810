#include "tile/op_table.h"

#include <cmath>
#include <limits>

#include "base/half.h"

namespace rondo::tile {
namespace {

constexpr double kS32Max = 2147483647.0;
constexpr double kS64Max = 9223372036854775807.0;

double saturate(double x, double max) {
  if (std::isnan(x)) return 0;
  return std::fmin(std::fmax(std::trunc(x), -max - 1), max);
}

double cast_to(ValueType type, double x) {
  switch (type) {
    case ValueType::kF32:
      return x;
    case ValueType::kS32:
      return saturate(x, kS32Max);
    case ValueType::kS64:
      return saturate(x, kS64Max);
    case ValueType::kMask:
      return x != 0;
  }
  return x;
}

/// The bits of an integer held in a double; 2^63, which the largest 64-bit integer rounds to, stands for that one.
uint64_t integer_bits(double x) {
  return x >= kS64Max ? static_cast<uint64_t>(std::numeric_limits<int64_t>::max())
                      : static_cast<uint64_t>(static_cast<int64_t>(std::fmax(x, -kS64Max)));
}

double wrapped(ValueType type, uint64_t bits) {
  if (type == ValueType::kS32) return static_cast<int32_t>(static_cast<uint32_t>(bits));
  return static_cast<double>(static_cast<int64_t>(bits));
}

/// Sums, differences and products wrap, and a double does not hold every product that does.
double integer_arithmetic(PointwiseFn fn, ValueType type, double a, double b) {
  const uint64_t x = integer_bits(a), y = integer_bits(b);
  if (fn == PointwiseFn::f_add) return wrapped(type, x + y);
  return wrapped(type, fn == PointwiseFn::f_sub ? x - y : x * y);
}

/// Wraps as the type's products do; negative exponents give the truncated quotient.
double integer_pow(ValueType type, double base, double exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == -1 ? (std::fmod(exponent, 2) == 0 ? 1 : -1) : 0;
  }
  uint64_t result = 1, factor = integer_bits(base);
  for (auto rest = static_cast<uint64_t>(exponent); rest != 0; rest >>= 1, factor *= factor) {
    if ((rest & 1) != 0) result *= factor;
  }
  return wrapped(type, result);
}

double divide(PointwiseFn fn, bool integer, double a, double b) {
  if (integer && b == 0) return 0;
  if (fn != PointwiseFn::f_floor_div) return integer ? std::trunc(a / b) : a / b;
  return std::floor(integer ? a / b : static_cast<float>(a / b));
}

double evaluate_unary(PointwiseFn fn, double x) {
  switch (fn) {
    case PointwiseFn::f_exp:
      return std::exp(x);
    case PointwiseFn::f_expm1:
      return std::expm1(x);
    case PointwiseFn::f_log:
      return std::log(x);
    case PointwiseFn::f_log1p:
      return std::log1p(x);
    case PointwiseFn::f_sqrt:
      return std::sqrt(x);
    case PointwiseFn::f_recip:
      return 1 / x;
    case PointwiseFn::f_sin:
      return std::sin(x);
    case PointwiseFn::f_cos:
      return std::cos(x);
    case PointwiseFn::f_tan:
      return std::tan(x);
    case PointwiseFn::f_sinh:
      return std::sinh(x);
    case PointwiseFn::f_cosh:
      return std::cosh(x);
    case PointwiseFn::f_tanh:
      return std::tanh(x);
    case PointwiseFn::f_asin:
      return std::asin(x);
    case PointwiseFn::f_acos:
      return std::acos(x);
    case PointwiseFn::f_atan:
      return std::atan(x);
    case PointwiseFn::f_asinh:
      return std::asinh(x);
    case PointwiseFn::f_acosh:
      return std::acosh(x);
    case PointwiseFn::f_atanh:
      return std::atanh(x);
    case PointwiseFn::f_sigmoid:
      return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
    case PointwiseFn::f_erf:
      return std::erf(x);
    case PointwiseFn::f_ceil:
      return std::ceil(x);
    case PointwiseFn::f_floor:
      return std::floor(x);
    case PointwiseFn::f_round:
      return std::nearbyint(x);
    case PointwiseFn::f_round_f16:
      return half_to_float(float_to_half(static_cast<float>(x)));
    case PointwiseFn::f_round_bf16:
      return bfloat16_to_float(float_to_bfloat16(static_cast<float>(x)));
    case PointwiseFn::f_abs:
      return std::fabs(x);
    case PointwiseFn::f_neg:
      return -x;
    case PointwiseFn::f_sign:
      return (x > 0) - (x < 0);
    case PointwiseFn::f_isinf:
      return std::isinf(x);
    case PointwiseFn::f_isnan:
      return std::isnan(x);
    case PointwiseFn::f_not:
      return x == 0;
    default:
      return 0;
  }
}

}  // namespace

bool parse_pointwise(std::string_view name, PointwiseFn* fn) {
  for (size_t i = 0; i < kPointwiseCount; ++i) {
    if (name == kPointwiseTable[i].name) {
      *fn = static_cast<PointwiseFn>(i);
      return true;
    }
  }
  return false;
}

ValueType value_type(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kFloat16:
    case DType::kBFloat16:
      return ValueType::kF32;
    case DType::kInt8:
    case DType::kUint8:
    case DType::kInt32:
      return ValueType::kS32;
    case DType::kInt64:
      return ValueType::kS64;
    case DType::kBool:
      return ValueType::kMask;
  }
  return ValueType::kF32;
}

size_t value_bytes(ValueType type) {
  switch (type) {
    case ValueType::kF32:
    case ValueType::kS32:
      return 4;
    case ValueType::kS64:
      return 8;
    case ValueType::kMask:
      return 1;
  }
  return 4;
}

double evaluate(PointwiseFn fn, ValueType type, std::array<double, 3> x) {
  const auto [a, b, c] = x;
  const bool integer = type == ValueType::kS32 || type == ValueType::kS64;
  switch (fn) {
    case PointwiseFn::f_add:
      return integer ? integer_arithmetic(fn, type, a, b) : a + b;
    case PointwiseFn::f_sub:
      return integer ? integer_arithmetic(fn, type, a, b) : a - b;
    case PointwiseFn::f_mul:
      return integer ? integer_arithmetic(fn, type, a, b) : a * b;
    case PointwiseFn::f_div:
    case PointwiseFn::f_floor_div:
      return divide(fn, integer, a, b);
    case PointwiseFn::f_max:
      return std::fmax(a, b);
    case PointwiseFn::f_min:
      return std::fmin(a, b);
    case PointwiseFn::f_pow:
      return integer ? integer_pow(type, a, b) : std::pow(a, b);
    case PointwiseFn::f_and:
      return a != 0 && b != 0;
    case PointwiseFn::f_or:
      return a != 0 || b != 0;
    case PointwiseFn::f_xor:
      return (a != 0) != (b != 0);
    case PointwiseFn::f_equal:
      return a == b;
    case PointwiseFn::f_greater:
      return a > b;
    case PointwiseFn::f_less:
      return a < b;
    case PointwiseFn::f_select:
      return a != 0 ? b : c;
    case PointwiseFn::f_fma:
      return a * b + c;
    case PointwiseFn::f_cast:
      return cast_to(type, a);
    default:
      return evaluate_unary(fn, a);
  }
}

}  // namespace rondo::tile
