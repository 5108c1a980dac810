#include "model/host_tensor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/import_error.h"
#include "model/rearrange.h"
#include "model/small_float.h"

namespace rondo::onnx {
namespace {

/// Calls f(T{}) with the C++ type that holds elements of an integer or bool type.
template <typename F>
auto with_integer_type(DataType type, F&& f) {
  switch (type) {
    case DataType::kINT64:
      return f(int64_t{});
    case DataType::kINT32:
      return f(int32_t{});
    case DataType::kINT8:
      return f(int8_t{});
    case DataType::kUINT8:
    case DataType::kBOOL:
      return f(uint8_t{});
    default:
      throw ImportError(ErrorCode::kINTERNAL_ERROR, text(type_name(type), " is no integer type"));
  }
}

/// A real as an element of an integer type: truncated; beyond the range, the nearest bound; NaN is 0.
template <typename T>
T truncate_to(double value) {
  if (std::isnan(value)) return 0;
  constexpr double kLowest = static_cast<double>(std::numeric_limits<T>::lowest());
  constexpr double kHighest = static_cast<double>(std::numeric_limits<T>::max());
  if (value <= kLowest) return std::numeric_limits<T>::lowest();
  if (value >= kHighest) return std::numeric_limits<T>::max();
  return static_cast<T>(value);
}

template <typename From, typename Convert>
auto converted(std::span<From const> values, Convert convert) {
  std::vector<decltype(convert(values[0]))> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) out[i] = convert(values[i]);
  return out;
}

template <typename From>
HostTensorPtr make_from(DataType type, Extents dims, std::span<From const> values) {
  const auto make = [&](auto convert) { return make_host_tensor(type, std::move(dims), converted(values, convert)); };
  switch (type) {
    case DataType::kFLOAT:
      return make([](From v) { return static_cast<float>(v); });
    case DataType::kHALF:
      return make([](From v) { return to_half(static_cast<float>(v)); });
    case DataType::kBF16:
      return make([](From v) { return to_bfloat16(static_cast<float>(v)); });
    case DataType::kBOOL:
      return make([](From v) { return static_cast<uint8_t>(v != 0); });
    default:
      return with_integer_type(type, [&](auto zero) {
        using T = decltype(zero);
        return make([](From v) {
          if constexpr (std::is_floating_point_v<From>) return truncate_to<T>(v);
          return static_cast<T>(v);
        });
      });
  }
}

}  // namespace

HostTensor::HostTensor(DataType type, Extents dims, void const* data, std::shared_ptr<void const> owner,
                       int32_t onnx_type)
    : type_(type),
      dims_(std::move(dims)),
      count_(volume(dims_, "constant")),
      data_(data),
      owner_(std::move(owner)),
      onnx_type_(onnx_type) {}

HostTensorPtr HostTensor::transpose_of(HostTensorPtr matrix) {
  const Extents dims{matrix->dims().at(1), matrix->dims().at(0)};
  auto result = std::make_shared<HostTensor>(matrix->type(), dims, nullptr, nullptr);
  result->matrix_ = std::move(matrix);
  return result;
}

void HostTensor::copy_transposed() const {
  const HostTensorPtr copy = rearranged(*matrix_, {1, 0});
  data_ = copy->data();
  owner_ = copy;
}

bool HostTensor::is_integer() const {
  return type_ == DataType::kINT64 || type_ == DataType::kINT32 || type_ == DataType::kINT8 ||
         type_ == DataType::kUINT8;
}

bool HostTensor::is_float() const {
  return type_ == DataType::kFLOAT || type_ == DataType::kHALF || type_ == DataType::kBF16;
}

std::vector<int64_t> HostTensor::to_ints() const {
  return with_integer_type(type_, [&](auto zero) {
    const auto elements = as<decltype(zero)>();
    return std::vector<int64_t>(elements.begin(), elements.end());
  });
}

std::vector<double> HostTensor::to_reals() const {
  switch (type_) {
    case DataType::kFLOAT:
      return converted(as<float>(), [](float v) { return static_cast<double>(v); });
    case DataType::kHALF:
      return converted(as<uint16_t>(), [](uint16_t v) { return static_cast<double>(from_half(v)); });
    case DataType::kBF16:
      return converted(as<uint16_t>(), [](uint16_t v) { return static_cast<double>(from_bfloat16(v)); });
    default: {
      const std::vector<int64_t> ints = to_ints();
      return {ints.begin(), ints.end()};
    }
  }
}

HostTensorPtr HostTensor::reshaped(Extents dims) const {
  auto result = std::make_shared<HostTensor>(type_, std::move(dims), data(), owner_, onnx_type_);
  check(result->count() == count_, ErrorCode::kINVALID_VALUE,
        text(type_text(*this), " does not have the ", result->count(), " elements of ", dims_text(result->dims())));
  return result;
}

int64_t volume(Extents const& dims, std::string const& who) {
  int64_t product = 1;
  bool overflow = false;
  bool empty = false;
  for (int64_t extent : dims) {
    check(extent >= 0, ErrorCode::kINVALID_VALUE,
          text(who, ": extent ", extent, " in ", dims_text(dims), " is negative"));
    empty |= extent == 0;
    overflow |= __builtin_mul_overflow(product, extent, &product);
  }
  if (empty) return 0;
  check(!overflow && product <= std::numeric_limits<int64_t>::max() / 16, ErrorCode::kINVALID_VALUE,
        text(who, ": the number of elements of ", dims_text(dims), " does not fit 64 bits"));
  return product;
}

HostTensorPtr host_tensor_of(DataType type, Extents dims, std::span<double const> values) {
  return make_from(type, std::move(dims), values);
}

HostTensorPtr host_tensor_of(DataType type, Extents dims, std::span<int64_t const> values) {
  return make_from(type, std::move(dims), values);
}

HostTensorPtr int_vector(std::vector<int64_t> values) {
  const auto n = static_cast<int64_t>(values.size());
  return make_host_tensor(DataType::kINT64, {n}, std::move(values));
}

HostTensorPtr int_scalar(int64_t value) { return make_host_tensor(DataType::kINT64, {}, std::vector<int64_t>{value}); }

std::string type_text(HostTensor const& tensor) { return type_name(tensor.type()) + dims_text(tensor.dims()); }

std::string dims_text(std::span<int64_t const> dims) {
  constexpr size_t kShown = 16;
  std::string out = "[";
  for (size_t i = 0; i < std::min(dims.size(), kShown); ++i) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + (dims.size() > kShown ? text(", .. ", dims.size(), " in all]") : "]");
}

}  // namespace rondo::onnx
