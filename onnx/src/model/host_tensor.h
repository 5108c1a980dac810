/// HostTensor: constant data of a model, in host memory.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/element_type.h"
#include "model/extents.h"

namespace rondo::onnx {

/// An immutable array. Data is row-major in a network type; bool is 0 or 1.
/// Memory    owner keeps data alive: the model, a file's content, or a vector made here
class HostTensor {
 public:
  HostTensor(DataType type, Extents dims, void const* data, std::shared_ptr<void const> owner, int32_t onnx_type = 0);

  /// The transpose of a matrix. Its elements are copied when they are first asked for, and never where a product takes the matrix.
  static std::shared_ptr<HostTensor const> transpose_of(std::shared_ptr<HostTensor const> matrix);
  /// The matrix that this is the transpose of; null for any other tensor.
  std::shared_ptr<HostTensor const> const& matrix() const { return matrix_; }

  /// Element type in the network.
  DataType type() const { return type_; }
  /// Element type in the file (TensorProto::DataType) where it is another than the network's; else 0.
  int32_t onnx_type() const { return onnx_type_; }
  Extents const& dims() const { return dims_; }
  int32_t rank() const { return static_cast<int32_t>(dims_.size()); }
  int64_t count() const { return count_; }
  size_t bytes() const { return static_cast<size_t>(count_ * element_bytes(type_)); }
  void const* data() const {
    if (matrix_ && !data_) copy_transposed();
    return data_;
  }

  /// The elements as T, which must have the size of the type.
  template <typename T>
  std::span<T const> as() const {
    return {static_cast<T const*>(data()), static_cast<size_t>(count_)};
  }

  bool is_integer() const;
  bool is_float() const;

  /// The elements of an integer or bool tensor; of any type, as double.
  std::vector<int64_t> to_ints() const;
  std::vector<double> to_reals() const;

  /// The same data under other extents of the same volume.
  std::shared_ptr<HostTensor const> reshaped(Extents dims) const;

  /// As weights for a layer. Valid while this object lives.
  Weights weights() const { return {type_, count_ ? data() : nullptr, count_}; }

 private:
  void copy_transposed() const;

  DataType type_;
  Extents dims_;
  int64_t count_;
  mutable void const* data_;
  mutable std::shared_ptr<void const> owner_;
  int32_t onnx_type_;
  std::shared_ptr<HostTensor const> matrix_;
};

using HostTensorPtr = std::shared_ptr<HostTensor const>;

/// Product of extents.
/// Errors    kINVALID_VALUE naming `who` for a negative extent, or if the product does not fit 63 bits
int64_t volume(Extents const& dims, std::string const& who);

/// Makes a tensor of values that are T in memory and `type` in the network.
template <typename T>
HostTensorPtr make_host_tensor(DataType type, Extents dims, std::vector<T> values) {
  auto owner = std::make_shared<std::vector<T> const>(std::move(values));
  void const* data = owner->data();
  return std::make_shared<HostTensor const>(type, std::move(dims), data, std::move(owner));
}

/// Makes a tensor of `type` from reals or integers, each converted as a cast of ONNX does (to float: nearest even; to an integer:
/// truncated, saturated for reals, modulo 2^n for integers; to bool: not 0).
HostTensorPtr host_tensor_of(DataType type, Extents dims, std::span<double const> values);
HostTensorPtr host_tensor_of(DataType type, Extents dims, std::span<int64_t const> values);

/// int64 [n], and an int64 scalar.
HostTensorPtr int_vector(std::vector<int64_t> values);
HostTensorPtr int_scalar(int64_t value);

/// "float32[2, 3]".
std::string type_text(HostTensor const& tensor);
std::string dims_text(std::span<int64_t const> dims);

}  // namespace rondo::onnx
