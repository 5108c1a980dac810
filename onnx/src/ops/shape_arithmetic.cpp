#include "ops/shape_arithmetic.h"

#include <algorithm>

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using U = UnaryOperation;
using Element = std::optional<int64_t>;

bool is_comparison(E op) { return op == E::kEQUAL || op == E::kGREATER || op == E::kLESS; }

/// The result for two known elements; nullopt where it overflows or is undefined, which is left to the run.
Element apply(E op, int64_t a, int64_t b) {
  int64_t result = 0;
  const bool quotient_ok = b != 0 && !(a == INT64_MIN && b == -1);
  switch (op) {
    case E::kSUM:
      return __builtin_add_overflow(a, b, &result) ? Element() : result;
    case E::kSUB:
      return __builtin_sub_overflow(a, b, &result) ? Element() : result;
    case E::kPROD:
      return __builtin_mul_overflow(a, b, &result) ? Element() : result;
    case E::kDIV:
      return quotient_ok ? Element(a / b) : Element();
    case E::kFLOOR_DIV:
      return quotient_ok ? Element(a / b - ((a % b != 0) && ((a < 0) != (b < 0)))) : Element();
    case E::kMAX:
      return std::max(a, b);
    case E::kMIN:
      return std::min(a, b);
    case E::kEQUAL:
      return a == b;
    case E::kGREATER:
      return a > b;
    case E::kLESS:
      return a < b;
    case E::kAND:
      return a && b;
    case E::kOR:
      return a || b;
    case E::kXOR:
      return (a != 0) != (b != 0);
    default:
      return std::nullopt;
  }
}

/// What an int32 or narrower tensor would have wrapped is left to the run.
Element in_range(Element value, DataType type) {
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
  if (type == DataType::kINT32) {
    low = INT32_MIN;
    high = INT32_MAX;
  } else if (type == DataType::kINT8) {
    low = -128;
    high = 127;
  } else if (type == DataType::kUINT8) {
    low = 0;
    high = 255;
  }
  return value && *value >= low && *value <= high ? value : Element();
}

/// The common extents of operands of rank 0 or 1, or nullopt if they do not broadcast.
std::optional<Extents> broadcast(std::initializer_list<KnownInts const*> operands) {
  Extents dims;
  for (KnownInts const* operand : operands) {
    if (operand->dims.empty()) continue;
    const int64_t n = operand->dims[0];
    if (dims.empty() || dims[0] == 1) {
      dims = {n};
    } else if (n != 1 && n != dims[0]) {
      return std::nullopt;
    }
  }
  return dims;
}

Element at(KnownInts const& ints, int64_t i) {
  return ints.values[ints.values.size() == 1 ? 0 : static_cast<size_t>(i)];
}

DataType binary_type(Node const& node, E op) { return is_comparison(op) ? DataType::kBOOL : node.input(0).type(); }

std::optional<Value> all_known(Known const& known, DataType type) {
  return known ? constant_of(known, type) : std::nullopt;
}

}  // namespace

Known known_unary(Node const& node, U op) {
  auto x = known_ints(node.input(0));
  if (!x || (op != U::kNEG && op != U::kABS && op != U::kNOT && op != U::kSIGN)) return std::nullopt;
  for (Element& value : x->values) {
    if (!value) continue;
    const bool lowest = *value == INT64_MIN;
    Element result = op == U::kNOT    ? Element(!*value)
                     : op == U::kSIGN ? Element((*value > 0) - (*value < 0))
                                      : Element();
    if (op == U::kNEG && !lowest) result = -*value;
    if (op == U::kABS && !lowest) result = *value < 0 ? -*value : *value;
    value = in_range(result, node.input(0).type());
  }
  return x;
}

Known known_binary(Node const& node, E op) {
  const auto a = known_ints(node.input(0));
  const auto b = known_ints(node.input(1));
  if (!a || !b) return std::nullopt;
  const auto dims = broadcast({&*a, &*b});
  if (!dims) return std::nullopt;
  KnownInts result{*dims, {}};
  const int64_t count = dims->empty() ? 1 : (*dims)[0];
  for (int64_t i = 0; i < count; ++i) {
    const Element x = at(*a, i);
    const Element y = at(*b, i);
    result.values.push_back(x && y ? in_range(apply(op, *x, *y), binary_type(node, op)) : Element());
  }
  return result;
}

Known known_where(Node const& node) {
  const auto condition = known_ints(node.input(0));
  const auto then = known_ints(node.input(1));
  const auto otherwise = known_ints(node.input(2));
  if (!condition || !then || !otherwise) return std::nullopt;
  const auto dims = broadcast({&*condition, &*then, &*otherwise});
  if (!dims) return std::nullopt;
  KnownInts result{*dims, {}};
  const int64_t count = dims->empty() ? 1 : (*dims)[0];
  for (int64_t i = 0; i < count; ++i) {
    const Element c = at(*condition, i);
    result.values.push_back(!c ? Element() : *c ? at(*then, i) : at(*otherwise, i));
  }
  return result;
}

std::optional<Value> fold_unary(Node const& node, U op) {
  return all_known(known_unary(node, op), node.input(0).type());
}

std::optional<Value> fold_binary(Node const& node, E op) {
  return all_known(known_binary(node, op), binary_type(node, op));
}

std::optional<Value> fold_where(Node const& node) { return all_known(known_where(node), node.input(1).type()); }

std::optional<Value> constant_of(Known const& ints, DataType type) {
  if (!ints) return std::nullopt;
  std::vector<int64_t> values;
  for (Element const& value : ints->values) {
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return Value(host_tensor_of(type, ints->dims, std::span<int64_t const>(values)));
}

Value with_known(ITensor& computed, Known known) {
  return known ? Value(computed).with_known(std::move(*known)) : Value(computed);
}

}  // namespace rondo::onnx
