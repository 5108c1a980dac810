#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo::kernels {

/// Calls body.template operator()<T>() with the unsigned integer of `bytes` (1, 2, 4 or 8): how elements move whatever their type.
template <class Body>
void with_word(size_t bytes, Body&& body) {
  switch (bytes) {
    case 1:
      return body.template operator()<uint8_t>();
    case 2:
      return body.template operator()<uint16_t>();
    case 4:
      return body.template operator()<uint32_t>();
    default:
      return body.template operator()<uint64_t>();
  }
}

/// Copies `count` elements of `bytes` (1, 2, 4 or 8) each between strides in bytes. An x stride of 0 repeats one element; equal,
/// dense strides move as one block.
void copy_run(std::byte* y, int64_t y_stride, const std::byte* x, int64_t x_stride, int64_t count, size_t bytes);

/// Copies a box of elements: y[i..] = x[i..] for i < dims, axis by axis between strides in bytes, of any sign; x strides of 0 broadcast.
/// Axes may stand in any order: where x and y are dense along different ones, tiles are transposed in registers.
/// Requires  rank <= kMaxStridedRank; x and y do not overlap; no two elements of y share memory
void copy_strided(int rank, const int64_t* dims, std::byte* y, const int64_t* y_strides, const std::byte* x,
                  const int64_t* x_strides, size_t bytes);

}  // namespace rondo::kernels
