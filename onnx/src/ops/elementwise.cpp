// Operators whose every output element comes from the elements at the same place.
//
// Rows carry the layer's own operation; what needs a second layer or a number has a function of its own below. Integer
// operands of one to a few elements are computed here (ops/shape_arithmetic.h): they are what shapes are made of.

#include <array>

#include "layers/build.h"
#include "ops/op_table.h"
#include "ops/shape_arithmetic.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using U = UnaryOperation;

bool is_float(ITensor& x) {
  return x.getType() == DataType::kFLOAT || x.getType() == DataType::kHALF || x.getType() == DataType::kBF16;
}

Values import_unary(Context& context, Node& node) {
  if (auto folded = fold_unary(node, node.parameter<U>())) return {*folded};
  return {with_known(unary(context, to_tensor(context, node.input(0)), node.parameter<U>()),
                     known_unary(node, node.parameter<U>()))};
}

/// Functions of real numbers on integers: the format has none, files of some exporters do.
Values import_identity_on_integers(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  return {is_float(x) ? unary(context, x, node.parameter<U>()) : x};
}

Values import_is_inf(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const bool negative = node.attributes.flag("detect_negative", true);
  const bool positive = node.attributes.flag("detect_positive", true);
  ITensor& infinite = unary(context, x, U::kISINF);
  if (negative && positive) return {infinite};
  if (!negative && !positive) return {binary(context, infinite, logical_not(context, infinite), E::kAND)};
  ITensor& side = binary(context, x, 0, positive ? E::kGREATER : E::kLESS);
  return {binary(context, infinite, side, E::kAND)};
}

Values import_binary(Context& context, Node& node) {
  const E op = node.parameter<E>();
  if (auto folded = fold_binary(node, op)) return {*folded};
  return {with_known(binary(context, to_tensor(context, node.input(0)), to_tensor(context, node.input(1)), op),
                     known_binary(node, op))};
}

Values import_equal(Context& context, Node& node) {
  if (node.input(0).type() != DataType::kBOOL) return import_binary(context, node);
  ITensor& differ = binary(context, to_tensor(context, node.input(0)), to_tensor(context, node.input(1)), E::kXOR);
  return {logical_not(context, differ)};
}

/// Not the opposite of the opposite comparison, which would be true for NaN.
Values import_or_equal(Context& context, Node& node) {
  ITensor& a = to_tensor(context, node.input(0));
  ITensor& b = to_tensor(context, node.input(1));
  return {binary(context, binary(context, a, b, node.parameter<E>()), binary(context, a, b, E::kEQUAL), E::kOR)};
}

Values import_variadic(Context& context, Node& node) {
  if (node.input_count() == 1) return {node.input(0)};
  if (node.input_count() == 2) return import_binary(context, node);
  ITensor* total = &to_tensor(context, node.input(0));
  for (int32_t i = 1; i < node.input_count(); ++i) {
    total = &binary(context, *total, to_tensor(context, node.input(i)), node.parameter<E>());
  }
  return {*total};
}

Values import_mean(Context& context, Node& node) {
  ITensor* total = &to_tensor(context, node.input(0));
  for (int32_t i = 1; i < node.input_count(); ++i) {
    total = &binary(context, *total, to_tensor(context, node.input(i)), E::kSUM);
  }
  return {binary(context, *total, node.input_count(), E::kDIV)};
}

/// base^exponent for integers, exact modulo 2^n: squares of the base, chosen by the bits of the exponent.
ITensor& integer_power(Context& context, ITensor& base, ITensor& exponent) {
  ITensor* result = nullptr;
  ITensor* square = &base;
  ITensor* rest = &cast(context, exponent, DataType::kINT64);
  ITensor& one = scalar(context, base.getType(), 1, rank_of(base));
  ITensor& negative = binary(context, *rest, 0, E::kLESS);
  for (int bit = 0; bit < 6; ++bit) {
    ITensor& half = binary(context, *rest, 2, E::kFLOOR_DIV);
    ITensor& odd = binary(context, binary(context, *rest, binary(context, half, 2, E::kPROD), E::kSUB), 1, E::kEQUAL);
    ITensor& factor = select(context, odd, *square, one);
    result = result ? &binary(context, *result, factor, E::kPROD) : &factor;
    square = &binary(context, *square, *square, E::kPROD);
    rest = &half;
  }
  return select(context, negative, scalar(context, base.getType(), 0), *result);
}

Values import_pow(Context& context, Node& node) {
  ITensor& base = to_tensor(context, node.input(0));
  ITensor& exponent = to_tensor(context, node.input(1));
  if (is_float(base)) return {binary(context, base, cast(context, exponent, base.getType()), E::kPOW)};
  if (!is_float(exponent)) return {integer_power(context, base, exponent)};
  ITensor& real =
      binary(context, cast(context, base, DataType::kFLOAT), cast(context, exponent, DataType::kFLOAT), E::kPOW);
  return {cast(context, real, base.getType())};
}

/// x without its fraction.
ITensor& truncate(Context& context, ITensor& x) {
  ITensor& magnitude = unary(context, unary(context, x, U::kABS), U::kFLOOR);
  return binary(context, magnitude, unary(context, x, U::kSIGN), E::kPROD);
}

/// The remainder of finite a by infinite b, else `remainder`: a, or b where the quotient, just below zero, is rounded down.
ITensor& mod_by_infinity(Context& context, ITensor& a, ITensor& b, ITensor& remainder, bool truncated) {
  ITensor* whole = &a;
  if (!truncated) whole = &select(context, binary(context, binary(context, a, b, E::kPROD), 0, E::kLESS), b, a);
  ITensor& unless_a_is_infinite = binary(context, *whole, binary(context, a, a, E::kSUB), E::kSUM);
  return select(context, unary(context, b, U::kISINF), unless_a_is_infinite, remainder);
}

/// a - b * quotient, the quotient rounded down (the sign of b) or toward zero (the sign of a).
Values import_mod(Context& context, Node& node) {
  const bool truncated = node.attributes.flag("fmod", false);
  ITensor& a = to_tensor(context, node.input(0));
  ITensor& b = to_tensor(context, node.input(1));
  node.require(truncated || !is_float(a) || node.opset() >= 28, ErrorCode::kINVALID_NODE,
               "attribute 'fmod' is 0; before version 28 real operands need 1, where the sign is the first one's");
  ITensor* quotient = &binary(context, a, b, truncated ? E::kDIV : E::kFLOOR_DIV);
  if (truncated && is_float(a)) quotient = &truncate(context, *quotient);
  ITensor& remainder = binary(context, a, binary(context, *quotient, b, E::kPROD), E::kSUB);
  return {is_float(a) ? mod_by_infinity(context, a, b, remainder, truncated) : remainder};
}

Values import_where(Context& context, Node& node) {
  if (auto folded = fold_where(node)) return {*folded};
  ITensor& chosen = select(context, to_tensor(context, node.input(0)), to_tensor(context, node.input(1)),
                           to_tensor(context, node.input(2)));
  return {with_known(chosen, known_where(node))};
}

/// Upper after lower: where the bounds cross, all elements are the upper one.
Values import_clip_by_inputs(Context& context, Node& node) {
  ITensor* x = &to_tensor(context, node.input(0));
  for (int32_t i : {1, 2}) {
    if (node.has_input(i)) x = &binary(context, *x, to_tensor(context, node.input(i)), i == 1 ? E::kMAX : E::kMIN);
  }
  return {*x};
}

Values import_clip_by_attributes(Context& context, Node& node) {
  ITensor* x = &to_tensor(context, node.input(0));
  const auto lower = node.attributes.optional_real("min");
  const auto upper = node.attributes.optional_real("max");
  if (lower) x = &binary(context, *x, *lower, E::kMAX);
  if (upper) x = &binary(context, *x, *upper, E::kMIN);
  return {*x};
}

constexpr Count kOne{1, 1};
constexpr Count kTwo{2, 2};

constexpr OpRow kRows[] = {
    OpRow::from("Abs", 6, kOne, kOne, import_unary, U::kABS),
    OpRow::from("Acos", 7, kOne, kOne, import_unary, U::kACOS),
    OpRow::from("Acosh", 9, kOne, kOne, import_unary, U::kACOSH),
    OpRow::from("Asin", 7, kOne, kOne, import_unary, U::kASIN),
    OpRow::from("Asinh", 9, kOne, kOne, import_unary, U::kASINH),
    OpRow::from("Atan", 7, kOne, kOne, import_unary, U::kATAN),
    OpRow::from("Atanh", 9, kOne, kOne, import_unary, U::kATANH),
    OpRow::from("Ceil", 6, kOne, kOne, import_identity_on_integers, U::kCEIL),
    OpRow::from("Cos", 7, kOne, kOne, import_unary, U::kCOS),
    OpRow::from("Cosh", 9, kOne, kOne, import_unary, U::kCOSH),
    OpRow::from("Erf", 9, kOne, kOne, import_unary, U::kERF),
    OpRow::from("Exp", 6, kOne, kOne, import_unary, U::kEXP),
    OpRow::from("Floor", 6, kOne, kOne, import_identity_on_integers, U::kFLOOR),
    OpRow::from("IsInf", 10, kOne, kOne, import_is_inf),
    OpRow::from("IsNaN", 9, kOne, kOne, import_unary, U::kISNAN),
    OpRow::from("Log", 6, kOne, kOne, import_unary, U::kLOG),
    OpRow::from("Neg", 6, kOne, kOne, import_unary, U::kNEG),
    OpRow::from("Not", 1, kOne, kOne, import_unary, U::kNOT),
    OpRow::from("Reciprocal", 6, kOne, kOne, import_unary, U::kRECIP),
    OpRow::from("Round", 11, kOne, kOne, import_identity_on_integers, U::kROUND),
    OpRow::from("Sign", 9, kOne, kOne, import_unary, U::kSIGN),
    OpRow::from("Sin", 7, kOne, kOne, import_unary, U::kSIN),
    OpRow::from("Sinh", 9, kOne, kOne, import_unary, U::kSINH),
    OpRow::from("Sqrt", 6, kOne, kOne, import_unary, U::kSQRT),
    OpRow::from("Tan", 7, kOne, kOne, import_unary, U::kTAN),
    OpRow::from("Add", 7, kTwo, kOne, import_binary, E::kSUM),
    OpRow::from("Sub", 7, kTwo, kOne, import_binary, E::kSUB),
    OpRow::from("Mul", 7, kTwo, kOne, import_binary, E::kPROD),
    OpRow::from("Div", 7, kTwo, kOne, import_binary, E::kDIV),
    OpRow::from("Mod", 10, kTwo, kOne, import_mod),
    OpRow::from("Pow", 7, kTwo, kOne, import_pow),
    OpRow::from("And", 7, kTwo, kOne, import_binary, E::kAND),
    OpRow::from("Or", 7, kTwo, kOne, import_binary, E::kOR),
    OpRow::from("Xor", 7, kTwo, kOne, import_binary, E::kXOR),
    OpRow::from("Equal", 7, kTwo, kOne, import_equal, E::kEQUAL),
    OpRow::from("Greater", 7, kTwo, kOne, import_binary, E::kGREATER),
    OpRow::from("Less", 7, kTwo, kOne, import_binary, E::kLESS),
    OpRow::from("GreaterOrEqual", 12, kTwo, kOne, import_or_equal, E::kGREATER),
    OpRow::from("LessOrEqual", 12, kTwo, kOne, import_or_equal, E::kLESS),
    OpRow::from("Max", 6, {1, kAny}, kOne, import_variadic, E::kMAX),
    OpRow::from("Min", 6, {1, kAny}, kOne, import_variadic, E::kMIN),
    OpRow::from("Sum", 6, {1, kAny}, kOne, import_variadic, E::kSUM),
    OpRow::from("Mean", 6, {1, kAny}, kOne, import_mean),
    OpRow::from("Where", 9, {3, 3}, kOne, import_where),
    {"Clip", 6, 10, kOne, kOne, import_clip_by_attributes},
    OpRow::from("Clip", 11, {1, 3}, kOne, import_clip_by_inputs),
};

}  // namespace

OpRows elementwise_rows() { return kRows; }

}  // namespace rondo::onnx
