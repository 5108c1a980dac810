#include "ops/tensor.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/half.h"
#include "ops/reference.h"

namespace rondo::ops {
namespace {

template <class Int>
double saturate(double v) {
  if (std::isnan(v)) return 0;
  const double low = static_cast<double>(std::numeric_limits<Int>::min());
  const double high = static_cast<double>(std::numeric_limits<Int>::max());
  return v <= low ? low : v >= high ? high : std::trunc(v);
}

template <class T>
void read(const void* bytes, std::vector<double>& data) {
  const auto* source = static_cast<const uint8_t*>(bytes);
  for (size_t i = 0; i < data.size(); ++i) {
    T element;
    std::memcpy(&element, source + i * sizeof(T), sizeof(T));
    data[i] = static_cast<double>(element);
  }
}

template <class T>
void write(const std::vector<double>& data, void* bytes, T (*convert)(double)) {
  auto* target = static_cast<uint8_t*>(bytes);
  for (size_t i = 0; i < data.size(); ++i) {
    const T element = convert(data[i]);
    std::memcpy(target + i * sizeof(T), &element, sizeof(T));
  }
}

template <class Int>
Int to_integer(double v) {
  if (v >= static_cast<double>(std::numeric_limits<Int>::max())) return std::numeric_limits<Int>::max();
  return static_cast<Int>(saturate<Int>(v));
}

}  // namespace

int64_t Tensor::volume() const { return volume_or_fail(dims, "tensor"); }

double round_to(DType dtype, double v) {
  switch (dtype) {
    case DType::kFloat32:
      return static_cast<float>(v);
    case DType::kFloat16:
      return half_to_float(float_to_half(static_cast<float>(v)));
    case DType::kBFloat16:
      return bfloat16_to_float(float_to_bfloat16(static_cast<float>(v)));
    case DType::kInt8:
      return saturate<int8_t>(v);
    case DType::kUint8:
      return saturate<uint8_t>(v);
    case DType::kInt32:
      return saturate<int32_t>(v);
    case DType::kInt64:
      return saturate<int64_t>(v);
    case DType::kBool:
      return v != 0;
  }
  return v;
}

Tensor from_bytes(DType dtype, std::vector<int64_t> dims, const void* bytes) {
  Tensor tensor = zeros({dtype, std::move(dims)});
  switch (dtype) {
    case DType::kFloat32:
      read<float>(bytes, tensor.data);
      break;
    case DType::kFloat16:
      read<uint16_t>(bytes, tensor.data);
      for (double& v : tensor.data) v = half_to_float(static_cast<uint16_t>(v));
      break;
    case DType::kBFloat16:
      read<uint16_t>(bytes, tensor.data);
      for (double& v : tensor.data) v = bfloat16_to_float(static_cast<uint16_t>(v));
      break;
    case DType::kInt8:
      read<int8_t>(bytes, tensor.data);
      break;
    case DType::kUint8:
      read<uint8_t>(bytes, tensor.data);
      break;
    case DType::kInt32:
      read<int32_t>(bytes, tensor.data);
      break;
    case DType::kInt64:
      read<int64_t>(bytes, tensor.data);
      break;
    case DType::kBool:
      read<uint8_t>(bytes, tensor.data);
      for (double& v : tensor.data) v = v != 0;
      break;
  }
  return tensor;
}

void to_bytes(const Tensor& tensor, void* bytes) {
  switch (tensor.dtype) {
    case DType::kFloat32:
      return write<float>(tensor.data, bytes, [](double v) { return static_cast<float>(v); });
    case DType::kFloat16:
      return write<uint16_t>(tensor.data, bytes, [](double v) { return float_to_half(static_cast<float>(v)); });
    case DType::kBFloat16:
      return write<uint16_t>(tensor.data, bytes, [](double v) { return float_to_bfloat16(static_cast<float>(v)); });
    case DType::kInt8:
      return write<int8_t>(tensor.data, bytes, to_integer<int8_t>);
    case DType::kUint8:
      return write<uint8_t>(tensor.data, bytes, to_integer<uint8_t>);
    case DType::kInt32:
      return write<int32_t>(tensor.data, bytes, to_integer<int32_t>);
    case DType::kInt64:
      return write<int64_t>(tensor.data, bytes, to_integer<int64_t>);
    case DType::kBool:
      return write<uint8_t>(tensor.data, bytes, [](double v) { return uint8_t{v != 0}; });
  }
}

Tensor zeros(const TensorShape& shape) {
  Tensor tensor{shape.dtype, shape.dims, {}};
  tensor.data.assign(static_cast<size_t>(tensor.volume()), 0.0);
  return tensor;
}

double stored(DType dtype, double v) {
  constexpr double kConvertible = 9.2e18;
  if (is_float(dtype)) return v;
  if (dtype != DType::kInt32 || !(v > -kConvertible && v < kConvertible)) return round_to(dtype, v);
  return static_cast<int32_t>(static_cast<uint32_t>(static_cast<uint64_t>(static_cast<int64_t>(v))));
}

Index strides_of(const Index& dims) {
  Index strides(dims.size());
  int64_t stride = 1;
  for (size_t i = dims.size(); i-- > 0; stride *= dims[i]) strides[i] = stride;
  return strides;
}

Index broadcast_strides(const Index& dims) {
  Index strides = strides_of(dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 1) strides[i] = 0;
  }
  return strides;
}

Tensor picked(const Tensor& from, const Index& sources, const TensorShape& shape) {
  Tensor result = zeros(shape);
  RONDO_CHECK(sources.size() == result.data.size(), sources.size(), " sources for ", result.data.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i] >= 0) result.data[i] = from.data[static_cast<size_t>(sources[i])];
  }
  return result;
}

}  // namespace rondo::ops
