#include "kernels/cpu/structured/reverse_prefix.h"

#include <algorithm>
#include <cstring>

namespace rondo::kernels {

namespace {

void swap_bytes(std::byte* a, std::byte* b, size_t bytes) { std::swap_ranges(a, a + bytes, b); }

}  // namespace

void reverse_prefix(std::span<const int64_t> dims, int axis, int64_t length, const Strided& y) {
  const size_t bytes = dtype_bytes(y.dtype);
  length = std::min(length, dims[static_cast<size_t>(axis)]);
  const int64_t stride = y.strides[axis];
  Odometer<1> other;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (static_cast<int>(i) != axis) other.add(dims[i], y.strides[i]);
  }
  const int inner = other.rank - 1;
  const bool run = inner >= 0 && other.strides[0][inner] == static_cast<int64_t>(bytes);
  const size_t run_bytes = run ? static_cast<size_t>(other.dims[inner]) * bytes : bytes;
  if (run) --other.rank;
  const int64_t count = run_bytes == 0 ? 0 : other.volume();
  if (count == 0) return;
  for (int64_t i = 0; i < length / 2; ++i) {
    std::byte* low = y.data + i * stride;
    std::byte* high = y.data + (length - 1 - i) * stride;
    other.seek(0);
    for (int64_t r = 0; r < count; ++r, other.next())
      swap_bytes(low + other.offset[0], high + other.offset[0], run_bytes);
  }
}

}  // namespace rondo::kernels
