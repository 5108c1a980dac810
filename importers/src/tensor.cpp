#include "rondo/importers/tensor.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

struct TypeRow {
  ElementType type;
  const char* name;
  int64_t bytes;
};

constexpr TypeRow kTypes[] = {
    {ElementType::kF32, "f32", 4},   {ElementType::kF64, "f64", 8}, {ElementType::kF16, "f16", 2},
    {ElementType::kBF16, "bf16", 2}, {ElementType::kI8, "i8", 1},   {ElementType::kI16, "i16", 2},
    {ElementType::kI32, "i32", 4},   {ElementType::kI64, "i64", 8}, {ElementType::kU8, "u8", 1},
    {ElementType::kU16, "u16", 2},   {ElementType::kU32, "u32", 4}, {ElementType::kU64, "u64", 8},
    {ElementType::kBool, "bool", 1},
};

const TypeRow& row_of(ElementType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row;
  }
  refuse("element type ", static_cast<int>(type), " is none");
}

template <class T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

float widen_half(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  uint32_t exponent = bits >> 10 & 31, fraction = bits & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  float tiny = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -tiny : tiny;
}

float widen_bf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

uint16_t narrow_half(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  double size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (size >= 65520.0) return sign | 0x7c00;
  int exponent = size < 0x1p-14 ? -14 : std::ilogb(size);
  // Exact scaling to units of the last place; nearbyint rounds to even. A carry moves into the exponent by itself.
  auto units = static_cast<uint32_t>(std::nearbyint(std::ldexp(size, 10 - exponent)));
  uint32_t bits = units + (static_cast<uint32_t>(exponent + 14) << 10);
  return static_cast<uint16_t>(sign | bits);
}

uint16_t narrow_bf16(double value) {
  auto narrowed = static_cast<float>(value);
  auto bits = std::bit_cast<uint32_t>(narrowed);
  if (std::isnan(narrowed)) return static_cast<uint16_t>(bits >> 16 | 0x40);
  // Round to odd on the way from double, so that two roundings give what one would.
  if (std::fabs(static_cast<double>(narrowed)) < std::fabs(value)) {
    bits |= 1;
  } else if (std::fabs(static_cast<double>(narrowed)) > std::fabs(value)) {
    bits = (bits - 1) | 1;
  }
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

bool is_float(ElementType type) {
  return type == ElementType::kF32 || type == ElementType::kF64 || type == ElementType::kF16 ||
         type == ElementType::kBF16;
}

double float_at(const Tensor& tensor, int64_t i) {
  const uint8_t* at = tensor.bytes.data() + i * bytes_of(tensor.type);
  switch (tensor.type) {
    case ElementType::kF64:
      return load<double>(at);
    case ElementType::kF16:
      return widen_half(load<uint16_t>(at));
    case ElementType::kBF16:
      return widen_bf16(load<uint16_t>(at));
    default:
      return load<float>(at);
  }
}

template <class T>
void store(T value, uint8_t* at) {
  std::memcpy(at, &value, sizeof value);
}

}  // namespace

const char* name_of(ElementType type) { return row_of(type).name; }

int64_t bytes_of(ElementType type) { return row_of(type).bytes; }

ElementType element_type_named(std::string_view name) {
  std::string names;
  for (const TypeRow& row : kTypes) {
    if (name == row.name) return row.type;
    names += std::string(names.empty() ? "" : ", ") + row.name;
  }
  refuse("element type ", in_quotes(name), " is none of ", names);
}

int64_t elements_of(const std::vector<int64_t>& dims, std::string_view what) {
  int64_t product = 1;
  bool overflow = false, has_zero = false;
  for (int64_t dim : dims) {
    if (dim < 0) refuse(what, ": dims ", dims_text(dims), " hold a negative one");
    has_zero = has_zero || dim == 0;
    overflow = __builtin_mul_overflow(product, dim, &product) || overflow;
  }
  if (has_zero) return 0;
  if (overflow) refuse(what, ": dims ", dims_text(dims), " have more elements than 63 bits can count");
  return product;
}

std::string dims_text(const std::vector<int64_t>& dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + "]";
}

int64_t Tensor::elements() const { return elements_of(dims, "tensor"); }

std::vector<float> Tensor::floats(std::string_view what) const {
  if (!is_float(type)) refuse(what, ": elements are ", name_of(type), ", a floating type is needed");
  if (bytes.size() != multiply_sizes(static_cast<uint64_t>(elements()), static_cast<uint64_t>(bytes_of(type)), what)) {
    refuse(what, ": has ", bytes.size(), " bytes, dims ", dims_text(dims), " need another number");
  }
  std::vector<float> values(static_cast<size_t>(elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(float_at(*this, static_cast<int64_t>(i)));
  return values;
}

Tensor Tensor::of_floats(std::vector<int64_t> dims, const std::vector<float>& values) {
  Tensor tensor{ElementType::kF32, std::move(dims), {}};
  if (tensor.elements() != static_cast<int64_t>(values.size())) {
    refuse("tensor of dims ", dims_text(tensor.dims), " cannot hold ", values.size(), " values");
  }
  tensor.bytes.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

Tensor with_float_type(const Tensor& tensor, ElementType type) {
  if (!is_float(type)) refuse("element type ", name_of(type), " is no floating type");
  if (!is_float(tensor.type) || tensor.type == type) return tensor;
  Tensor out{type, tensor.dims, {}};
  int64_t count = tensor.elements(), width = bytes_of(type);
  out.bytes.resize(static_cast<size_t>(count * width));
  for (int64_t i = 0; i < count; ++i) {
    double value = float_at(tensor, i);
    uint8_t* at = out.bytes.data() + i * width;
    switch (type) {
      case ElementType::kF64:
        store(value, at);
        break;
      case ElementType::kF16:
        store(narrow_half(value), at);
        break;
      case ElementType::kBF16:
        store(narrow_bf16(value), at);
        break;
      default:
        store(static_cast<float>(value), at);
        break;
    }
  }
  return out;
}

}  // namespace rondo::importers
