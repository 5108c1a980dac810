#include <cmath>
#include <limits>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// elementwise(a, b) {op}: the API's binary operations, each one row of the pointwise table.
//   C1 equal ranks   C2 extents equal or 1   C3 dtypes equal, and such as the operation takes   C4 AND, OR, XOR take
//   bool

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

/// In the order of the public enum.
constexpr PointwiseFn kOperations[] = {
    PointwiseFn::f_add, PointwiseFn::f_mul,   PointwiseFn::f_max,       PointwiseFn::f_min,  PointwiseFn::f_sub,
    PointwiseFn::f_div, PointwiseFn::f_pow,   PointwiseFn::f_floor_div, PointwiseFn::f_and,  PointwiseFn::f_or,
    PointwiseFn::f_xor, PointwiseFn::f_equal, PointwiseFn::f_greater,   PointwiseFn::f_less,
};
enum : int64_t { kSum, kProd, kMax, kMin, kSub, kDiv, kPow, kFloorDiv, kAnd, kOr, kXor, kEqual, kGreater, kLess };

PointwiseFn function_of(const ir::Attrs& attrs) {
  const int64_t op = attrs.integer("op");
  RONDO_CHECK(op >= 0 && op < static_cast<int64_t>(std::size(kOperations)), "elementwise operation ", op);
  return kOperations[op];
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const PointwiseFn fn = function_of(in.attrs);
  const bool logic = tile::pointwise_info(fn).signature == tile::Signature::kLogic;
  ir::ValueInfo result;
  result.type.dtype = pointwise_dtype(in, logic ? 4 : 3, fn);
  result.type.dims = broadcast_operands(in, 1, 2);
  result.contents = pointwise_contents(in.dims, fn, result.type, in.operands);
  return {result};
}

void expand(Expander& e) { e.replace(0, e.pointwise(function_of(e.op().attrs), {e.operand(0), e.operand(1)})); }

/// The integer that a double holds; 2^63 stands for the largest one of 64 bits, which rounds to it.
int64_t integer_of(double v) {
  return v >= 9223372036854775808.0 ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(v);
}

/// A result known modulo 2^64, of which 2^32 is a divisor; 8-bit integers compute in 32 bits.
double wrapped(DType dtype, uint64_t bits) {
  const auto wide = static_cast<int64_t>(bits);
  return static_cast<double>(dtype == DType::kInt64 ? wide : static_cast<int32_t>(static_cast<uint32_t>(wide)));
}

double integer_power(DType dtype, double base, double exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (std::fmod(exponent, 2) == 0 ? 1 : -1) : 0;
  uint64_t result = 1, square = static_cast<uint64_t>(integer_of(base));
  for (auto bits = static_cast<uint64_t>(exponent); bits > 0; bits /= 2) {
    if (bits % 2 == 1) result *= square;
    square *= square;
  }
  return wrapped(dtype, result);
}

/// Sum, product or difference; a double does not hold every product.
double integer_arithmetic(int64_t op, DType dtype, double a, double b) {
  const auto x = static_cast<uint64_t>(integer_of(a)), y = static_cast<uint64_t>(integer_of(b));
  return wrapped(dtype, op == kSum ? x + y : op == kSub ? x - y : x * y);
}

double apply(int64_t op, DType dtype, double a, double b) {
  const bool integer = is_integer(dtype);
  switch (op) {
    case kSum:
      return integer ? integer_arithmetic(op, dtype, a, b) : a + b;
    case kProd:
      return integer ? integer_arithmetic(op, dtype, a, b) : a * b;
    case kMax:
      return std::isnan(a) || b > a ? b : a;
    case kMin:
      return std::isnan(a) || b < a ? b : a;
    case kSub:
      return integer ? integer_arithmetic(op, dtype, a, b) : a - b;
    case kDiv:
      return !integer ? a / b : b == 0 ? 0 : std::trunc(a / b);
    case kPow:
      return integer ? integer_power(dtype, a, b) : std::pow(a, b);
    case kFloorDiv:
      return integer ? (b == 0 ? 0 : std::floor(a / b)) : std::floor(round_to(DType::kFloat32, a / b));
    case kAnd:
      return a * b;
    case kOr:
      return a + b > 0;
    case kXor:
      return a != b;
    case kEqual:
      return a == b;
    case kGreater:
      return a > b;
    default:
      return a < b;
  }
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Index a = broadcast_strides(x[0].dims), b = broadcast_strides(x[1].dims);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    const double left = x[0].data[static_cast<size_t>(offset_of(index, a))];
    const double right = x[1].data[static_cast<size_t>(offset_of(index, b))];
    result.data[at++] = apply(op.attrs.integer("op"), x[0].dtype, left, right);
  });
  for (double& v : result.data) v = stored(result.dtype, v);
  return {std::move(result)};
}

}  // namespace

OpDef define_elementwise() { return {infer, expand, reference}; }

}  // namespace rondo::ops
