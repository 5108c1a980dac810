// Selection without sorting rows. Where a value fits 32 bits, value and index become one 64-bit key: the value's bits
// in an order in which the better value is the larger number and NaN the smallest, below them the index, complemented
// so that of equal values the lower index wins. A row is then read once. Keys that beat the k-th best so far go to a
// buffer of a few k; when it is full, a selection keeps the best k and raises the bar. Blocks of a row in which nothing
// beats the bar cost one comparison per element, which the compiler vectorizes. Only the k survivors are sorted. 64-bit
// integers leave no room for the index: there the indices are selected themselves.
#include "kernels/cpu/structured/topk.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

constexpr int64_t kBlock = 128;     ///< elements that are compared before any is looked at
constexpr int64_t kLeastRoom = 32;  ///< keys of the buffer

/// True if value and index fit one key.
bool has_keys(const TopKShape& shape, DType dtype) {
  return dtype_bytes(dtype) <= 4 && shape.dims[shape.axis] <= UINT32_MAX;
}

int64_t room_of(const TopKShape& shape) { return std::min(shape.dims[shape.axis], std::max(3 * shape.k, kLeastRoom)); }

/// The order of 16-bit floats, whose NaN lie above `infinity`.
inline uint32_t half_bits(const std::byte* p, uint32_t infinity, bool largest) {
  uint16_t stored;
  std::memcpy(&stored, p, sizeof stored);
  const uint32_t magnitude = stored & 0x7fffu;
  const uint32_t rising = magnitude == stored || magnitude == 0 ? magnitude | 0x8000u : 0x7fffu - magnitude;
  return magnitude > infinity ? 0 : 1 + (largest ? rising : 0xffffu - rising);
}

/// Bits whose order is that of the values, the better ones larger; NaN is 0 and both zeros are one.
template <class E>
uint32_t bits_of(const std::byte* p, bool largest) {
  if constexpr (std::is_same_v<E, Element<DType::kFloat16>>) return half_bits(p, 0x7c00u, largest);
  if constexpr (std::is_same_v<E, Element<DType::kBFloat16>>) return half_bits(p, 0x7f80u, largest);
  uint32_t bits;
  if constexpr (E::kIsFloat) {
    const float value = static_cast<float>(E::load(p)) + 0.0f;  // -0 becomes +0
    std::memcpy(&bits, &value, sizeof bits);
    if (value != value) return 0;
    bits = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
  } else {
    bits = static_cast<uint32_t>(static_cast<int32_t>(E::load(p))) ^ 0x80000000u;
  }
  return largest ? bits : ~bits;
}

uint64_t key_of(uint32_t bits, int64_t index) {
  return uint64_t{bits} << 32 | (UINT32_MAX - static_cast<uint32_t>(index));
}
int64_t index_of(uint64_t key) { return UINT32_MAX - static_cast<uint32_t>(key); }

/// Puts the bits of a block's elements down; true if one beats the bar.
template <class E, bool kLargest>
inline bool read_block(const std::byte* p, int64_t stride, int64_t size, uint32_t bar, uint32_t* block) {
  bool any = false;
  for (int64_t i = 0; i < size; ++i) {
    block[i] = bits_of<E>(p + i * stride, kLargest);
    any |= block[i] > bar;
  }
  return any;
}

/// The keys of one row's best elements, best first, in keys[0 .. k).
template <class E, bool kLargest>
void best_keys(const std::byte* row, int64_t stride, int64_t n, int64_t k, int64_t room, uint64_t* keys) {
  uint32_t block[kBlock];
  uint32_t bar = 0;
  int64_t count = 0;
  for (int64_t from = 0; from < n; from += kBlock) {
    const int64_t size = std::min(kBlock, n - from);
    const std::byte* p = row + from * stride;
    // A contiguous row has a stride the compiler can see.
    constexpr int64_t kElement = sizeof(typename E::Storage);
    const bool any = stride == kElement ? read_block<E, kLargest>(p, kElement, size, bar, block)
                                        : read_block<E, kLargest>(p, stride, size, bar, block);
    if (!any && count >= k) continue;  // an equal value behind the k-th best loses by its index
    for (int64_t i = 0; i < size; ++i) {
      if (count >= k && block[i] <= bar) continue;
      if (count == room) {
        std::nth_element(keys, keys + k - 1, keys + count, std::greater<>());
        count = k;
        bar = static_cast<uint32_t>(keys[k - 1] >> 32);
        if (block[i] <= bar) continue;
      }
      keys[count++] = key_of(block[i], from + i);
    }
  }
  std::nth_element(keys, keys + k - 1, keys + count, std::greater<>());
  std::sort(keys, keys + k, std::greater<>());
}

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

template <class E, bool kLargest>
void best_indices(const std::byte* row, int64_t stride, int64_t n, int64_t k, int64_t* order) {
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  const Before<E, kLargest> before{row, stride};
  std::nth_element(order, order + k - 1, order + n, before);
  std::sort(order, order + k, before);
}

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
          int64_t last, std::byte* scratch) {
  const int64_t n = shape.dims[shape.axis];
  const int64_t stride = x.strides[shape.axis], room = room_of(shape);
  const size_t bytes = dtype_bytes(x.dtype);
  const bool by_keys = has_keys(shape, x.dtype);
  auto* keys = reinterpret_cast<uint64_t*>(scratch);
  auto* order = reinterpret_cast<int64_t*>(scratch);
  Odometer<3> other;
  for (int i = 0; i < shape.rank; ++i) {
    if (i != shape.axis) other.add(shape.dims[i], x.strides[i], values.strides[i], indices.strides[i]);
  }
  other.seek(first);
  for (int64_t r = first; r < last; ++r, other.next()) {
    const std::byte* row = x.data + other.offset[0];
    if (by_keys)
      best_keys<E, kLargest>(row, stride, n, shape.k, room, keys);
    else
      best_indices<E, kLargest>(row, stride, n, shape.k, order);
    for (int64_t i = 0; i < shape.k; ++i) {
      const int64_t index = by_keys ? index_of(keys[i]) : order[i];
      std::memcpy(values.data + other.offset[1] + i * values.strides[shape.axis], row + index * stride, bytes);
      store_index(indices, indices.data + other.offset[2] + i * indices.strides[shape.axis], index);
    }
  }
}

}  // namespace

int64_t topk_rows(const TopKShape& shape) {
  int64_t rows = 1;
  for (int i = 0; i < shape.rank; ++i) rows *= i == shape.axis ? 1 : shape.dims[i];
  return rows;
}

size_t topk_scratch_bytes(const TopKShape& shape, DType dtype) {
  return static_cast<size_t>(has_keys(shape, dtype) ? room_of(shape) : shape.dims[shape.axis]) * sizeof(int64_t);
}

void topk(const TopKShape& shape, const Strided& x, const Strided& values, const Strided& indices, int64_t first,
          int64_t last, std::byte* scratch) {
  if (first >= last || shape.k == 0) return;
  with_element(x.dtype, [&]<class E>() {
    if (shape.largest)
      rows<E, true>(shape, x, values, indices, first, last, scratch);
    else
      rows<E, false>(shape, x, values, indices, first, last, scratch);
  });
}

}  // namespace rondo::kernels
