#include "kernels/cpu/structured/topk.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

/// A strict weak order for every input: NaN behind all numbers, ties by index.
template <class E, bool kLargest>
struct Before {
  const std::byte* row;
  int64_t stride;
  bool operator()(int64_t a, int64_t b) const {
    const auto va = E::load(row + a * stride);
    const auto vb = E::load(row + b * stride);
    if (va != va || vb != vb) return va != va ? (vb != vb && a < b) : true;
    if (va != vb) return kLargest ? va > vb : va < vb;
    return a < b;
  }
};

void store_index(const Strided& indices, std::byte* at, int64_t value) {
  if (indices.dtype == DType::kInt64) {
    std::memcpy(at, &value, sizeof value);
  } else {
    const int32_t narrow = static_cast<int32_t>(value);
    std::memcpy(at, &narrow, sizeof narrow);
  }
}

template <class E, bool kLargest>
void rows(const TopKShape& shape, const Strided& x, const Strided& values, const Strided& indices, int64_t first,
          int64_t last, int64_t* order) {
  const int64_t n = shape.dims[shape.axis];
  const int64_t stride = x.strides[shape.axis];
  const size_t bytes = dtype_bytes(x.dtype);
  Odometer<3> other;
  for (int i = 0; i < shape.rank; ++i) {
    if (i != shape.axis) other.add(shape.dims[i], x.strides[i], values.strides[i], indices.strides[i]);
  }
  other.seek(first);
  for (int64_t r = first; r < last; ++r, other.next()) {
    const std::byte* row = x.data + other.offset[0];
    const Before<E, kLargest> before{row, stride};
    if (shape.k == 1) {
      order[0] = 0;
      for (int64_t i = 1; i < n; ++i) order[0] = before(i, order[0]) ? i : order[0];
    } else {
      for (int64_t i = 0; i < n; ++i) order[i] = i;
      std::partial_sort(order, order + shape.k, order + n, before);
    }
    for (int64_t i = 0; i < shape.k; ++i) {
      std::memcpy(values.data + other.offset[1] + i * values.strides[shape.axis], row + order[i] * stride, bytes);
      store_index(indices, indices.data + other.offset[2] + i * indices.strides[shape.axis], order[i]);
    }
  }
}

}  // namespace

int64_t topk_rows(const TopKShape& shape) {
  int64_t rows = 1;
  for (int i = 0; i < shape.rank; ++i) rows *= i == shape.axis ? 1 : shape.dims[i];
  return rows;
}

size_t topk_scratch_bytes(const TopKShape& shape) {
  return static_cast<size_t>(shape.dims[shape.axis]) * sizeof(int64_t);
}

void topk(const TopKShape& shape, const Strided& x, const Strided& values, const Strided& indices, int64_t first,
          int64_t last, std::byte* scratch) {
  if (first >= last || shape.k == 0) return;
  int64_t* order = reinterpret_cast<int64_t*>(scratch);
  with_element(x.dtype, [&]<class E>() {
    if (shape.largest)
      rows<E, true>(shape, x, values, indices, first, last, order);
    else
      rows<E, false>(shape, x, values, indices, first, last, order);
  });
}

}  // namespace rondo::kernels
