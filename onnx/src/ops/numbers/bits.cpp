// Operations on bits, which the engine does not have as such: an integer is taken apart by division into its bits, each
// bit is an integer 0 or 1, and arithmetic does the rest. Exact for all values; slow, as such models use it on small
// tensors.
#include <algorithm>
#include <limits>

#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

enum class Bitwise { kAnd, kOr, kXor };

/// Bits of a type without its sign.
int32_t magnitude_bits(Node const& node, DataType type) {
  switch (type) {
    case DataType::kUINT8:
      return 8;
    case DataType::kINT8:
      return 7;
    case DataType::kINT32:
      return 31;
    case DataType::kINT64:
      return 63;
    default:
      node.fail(ErrorCode::kUNSUPPORTED_NODE_DATATYPE, text("bits of ", type_name(type), " are not supported"));
  }
}

ITensor& number(Context& context, int64_t value, int32_t rank) {
  return context.constant_tensor(
      host_tensor_of(DataType::kINT64, Extents(static_cast<size_t>(rank), 1), std::span<int64_t const>(&value, 1)));
}

/// floor(x / 2^k) mod 2 of int64 x.
ITensor& bit(Context& context, ITensor& x, int32_t k) {
  const int32_t rank = rank_of(x);
  ITensor& two = number(context, 2, rank);
  ITensor& shifted = k == 0 ? x : binary(context, x, number(context, int64_t{1} << k, rank), E::kFLOOR_DIV);
  ITensor& even = binary(context, binary(context, shifted, two, E::kFLOOR_DIV), two, E::kPROD);
  return binary(context, shifted, even, E::kSUB);
}

ITensor& joined(Context& context, ITensor& a, ITensor& b, Bitwise op) {
  ITensor& product = binary(context, a, b, E::kPROD);
  if (op == Bitwise::kAnd) return product;
  ITensor& sum = binary(context, a, b, E::kSUM);
  ITensor& once = binary(context, sum, product, E::kSUB);
  return op == Bitwise::kOr ? once : binary(context, once, product, E::kSUB);
}

ITensor& sign_bit(Context& context, ITensor& x) {
  return cast(context, binary(context, x, 0, E::kLESS), DataType::kINT64);
}

Values import_bitwise(Context& context, Node& node) {
  const DataType type = to_tensor(context, node.input(0)).getType();
  const int32_t bits = magnitude_bits(node, type);
  ITensor& a = integers(context, to_tensor(context, node.input(0)));
  ITensor& b = integers(context, to_tensor(context, node.input(1)));
  const Bitwise op = node.parameter<Bitwise>();
  ITensor* total = nullptr;
  for (int32_t k = 0; k < bits; ++k) {
    ITensor& one = joined(context, bit(context, a, k), bit(context, b, k), op);
    ITensor& worth = binary(context, one, number(context, int64_t{1} << k, rank_of(one)), E::kPROD);
    total = total ? &binary(context, *total, worth, E::kSUM) : &worth;
  }
  if (type != DataType::kUINT8) {
    ITensor& negative = joined(context, sign_bit(context, a), sign_bit(context, b), op);
    const int64_t worth = bits == 63 ? std::numeric_limits<int64_t>::min() : -(int64_t{1} << bits);
    total = &binary(context, *total, binary(context, negative, number(context, worth, rank_of(negative)), E::kPROD),
                    E::kSUM);
  }
  return {cast(context, *total, type)};
}

/// -x - 1 of a signed integer, 255 - x of a byte.
Values import_bitwise_not(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  magnitude_bits(node, x.getType());
  ITensor& wide = cast(context, x, DataType::kINT64);
  ITensor& top = number(context, x.getType() == DataType::kUINT8 ? 255 : -1, rank_of(x));
  return {cast(context, binary(context, top, wide, E::kSUB), x.getType())};
}

/// 2 to the exponents, at the places that the index names.
ITensor& power_of_two(Context& context, std::vector<int64_t> exponents, ITensor& index) {
  for (int64_t& e : exponents) e = int64_t{1} << e;
  return gather(context, ints(context, std::move(exponents)), index, 0);
}

/// Exponents first, first + step, .. clamped to 0 .. 62, which are the powers that an int64 holds.
std::vector<int64_t> exponents(int32_t width, int64_t first, int64_t step) {
  std::vector<int64_t> result;
  for (int32_t n = 0; n < width; ++n) result.push_back(std::clamp<int64_t>(first + step * n, 0, 62));
  return result;
}

/// floor(x / 2^n), in two steps so that n = 63 needs no power of its own.
ITensor& shifted_right(Context& context, ITensor& x, ITensor& n, int32_t width) {
  ITensor& most = binary(context, x, power_of_two(context, exponents(width, 0, 1), n), E::kFLOOR_DIV);
  std::vector<int64_t> rest(static_cast<size_t>(width), 0);
  if (width == 64) rest.back() = 1;
  return binary(context, most, power_of_two(context, std::move(rest), n), E::kFLOOR_DIV);
}

/// The bits that stay below the sign, moved up, and the bit that becomes the sign. Nothing overflows on the way.
ITensor& shifted_left(Context& context, ITensor& x, ITensor& n, int32_t width, bool has_sign) {
  const int32_t rank = std::max(rank_of(x), rank_of(n));
  const int32_t magnitude = has_sign ? width - 1 : width;
  ITensor& unit = power_of_two(context, exponents(width, magnitude, -1), n);  // 2^(magnitude - n)
  ITensor& above = binary(context, x, unit, E::kFLOOR_DIV);
  ITensor& low = binary(context, x, binary(context, above, unit, E::kPROD), E::kSUB);
  ITensor& moved = binary(context, low, power_of_two(context, exponents(width, 0, 1), n), E::kPROD);
  if (!has_sign) return moved;
  const int64_t sign_worth = width == 64 ? std::numeric_limits<int64_t>::min() : -(int64_t{1} << magnitude);
  ITensor& sign = binary(context, bit(context, above, 0), number(context, sign_worth, rank), E::kPROD);
  ITensor& stays = binary(context, n, number(context, 0, rank_of(n)), E::kEQUAL);
  return select(context, stays, x, binary(context, moved, sign, E::kSUM));
}

/// A shift by less than 0, or by the width and more, leaves the sign alone: -1 for negative numbers shifted right, else 0.
Values import_bit_shift(Context& context, Node& node) {
  static constexpr char const* kDirections[] = {"LEFT", "RIGHT"};
  const bool right = node.attributes.choice("direction", "", kDirections) == 1;
  const DataType type = to_tensor(context, node.input(0)).getType();
  const bool has_sign = type != DataType::kUINT8;
  const int32_t width = magnitude_bits(node, type) + (has_sign ? 1 : 0);
  ITensor& x = integers(context, to_tensor(context, node.input(0)));
  ITensor& by = integers(context, to_tensor(context, node.input(1)));
  ITensor& below = binary(context, by, number(context, 0, rank_of(by)), E::kLESS);
  ITensor& beyond =
      binary(context, below, binary(context, by, number(context, width - 1, rank_of(by)), E::kGREATER), E::kOR);
  ITensor& n = select(context, beyond, number(context, 0, rank_of(by)), by);
  ITensor& moved = right ? shifted_right(context, x, n, width) : shifted_left(context, x, n, width, has_sign);
  ITensor& none = number(context, 0, rank_of(moved));
  ITensor& rest = right ? select(context, binary(context, x, number(context, 0, rank_of(x)), E::kLESS),
                                 number(context, -1, rank_of(x)), number(context, 0, rank_of(x)))
                        : none;
  return {cast(context, select(context, beyond, rest, moved), type)};
}

constexpr OpRow kRows[] = {
    OpRow::from("BitwiseAnd", 18, {2, 2}, {1, 1}, import_bitwise, Bitwise::kAnd),
    OpRow::from("BitwiseOr", 18, {2, 2}, {1, 1}, import_bitwise, Bitwise::kOr),
    OpRow::from("BitwiseXor", 18, {2, 2}, {1, 1}, import_bitwise, Bitwise::kXor),
    OpRow::from("BitwiseNot", 18, {1, 1}, {1, 1}, import_bitwise_not),
    OpRow::from("BitShift", 11, {2, 2}, {1, 1}, import_bit_shift),
};

}  // namespace

OpRows bits_rows() { return kRows; }

}  // namespace rondo::onnx
