#include "model/rearrange.h"

#include <algorithm>

namespace rondo::onnx {
namespace {

template <typename T>
std::vector<T> copy_transposed(HostTensor const& x, Extents const& dims, Extents const& strides,
                               std::span<int64_t> index) {
  std::vector<T> out(static_cast<size_t>(x.count()));
  auto const* from = static_cast<T const*>(x.data());
  int64_t at = 0;
  for (T& element : out) {
    element = from[at];
    for (size_t d = dims.size(); d-- > 0;) {
      at += strides[d];
      if (++index[d] < dims[d]) break;
      at -= strides[d] * dims[d];
      index[d] = 0;
    }
  }
  return out;
}

}  // namespace

HostTensorPtr transposed(HostTensorPtr const& x, std::vector<int64_t> const& order) {
  if (std::is_sorted(order.begin(), order.end())) return x;
  if (x->rank() == 2) return x->matrix() ? x->matrix() : HostTensor::transpose_of(x);
  return rearranged(*x, order);
}

HostTensorPtr rearranged(HostTensor const& x, std::vector<int64_t> const& order) {
  Extents source(order.size(), 1);
  for (size_t d = order.size(); d-- > 1;) source[d - 1] = source[d] * x.dims()[d];
  Extents dims;
  Extents strides;
  for (int64_t axis : order) {
    dims.push_back(x.dims()[static_cast<size_t>(axis)]);
    strides.push_back(source[static_cast<size_t>(axis)]);
  }
  Extents index(dims.size(), 0);
  switch (element_bytes(x.type())) {
    case 8:
      return make_host_tensor(x.type(), dims, copy_transposed<uint64_t>(x, dims, strides, index));
    case 4:
      return make_host_tensor(x.type(), dims, copy_transposed<uint32_t>(x, dims, strides, index));
    case 2:
      return make_host_tensor(x.type(), dims, copy_transposed<uint16_t>(x, dims, strides, index));
    default:
      return make_host_tensor(x.type(), dims, copy_transposed<uint8_t>(x, dims, strides, index));
  }
}

}  // namespace rondo::onnx
