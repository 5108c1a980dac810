// Where an element lands depends on all elements before it, so a share of the work is not a part of x but some rows of
// y: each thread reads all of x and writes the coordinates of its axes. Runs of zeros are skipped 64 elements at a
// time.
#include "kernels/cpu/structured/selection/find_nonzero.h"

#include <cstring>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

constexpr int64_t kBlock = 64;

/// Writes the coordinates of one share, column by column.
template <class Index>
class Columns {
 public:
  Columns(const FindNonzeroShape& shape, const Strided& y, int64_t first, int64_t last)
      : y_(y), first_(first), last_(last), inner_(shape.rank - 1), count_(shape.count) {}

  bool full() const { return column_ == count_; }
  void put(const int64_t* outer, int64_t inner) {
    for (int64_t axis = first_; axis < last_; ++axis) store(axis, axis == inner_ ? inner : outer[axis]);
    ++column_;
  }
  void finish() {
    for (; column_ < count_; ++column_) {
      for (int64_t axis = first_; axis < last_; ++axis) store(axis, 0);
    }
  }

 private:
  void store(int64_t axis, int64_t value) {
    const auto index = static_cast<Index>(value);
    std::memcpy(y_.data + axis * y_.strides[0] + column_ * y_.strides[1], &index, sizeof index);
  }

  const Strided& y_;
  int64_t first_, last_, inner_, count_, column_ = 0;
};

template <class T>
bool is_nonzero(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value != T{0};
}

/// Element by its bits: floats of 16 bits are 0 for both signs of zero.
struct HalfBits {
  uint16_t bits;
  bool operator!=(HalfBits other) const { return ((bits ^ other.bits) & 0x7fff) != 0; }
};

template <class T>
bool any_nonzero(const std::byte* p, int64_t n) {
  bool any = false;
  for (int64_t i = 0; i < n; ++i) any |= is_nonzero<T>(p + i * static_cast<int64_t>(sizeof(T)));
  return any;
}

template <class T, class Index>
void find(const FindNonzeroShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  Columns<Index> columns(shape, y, first, last);
  Odometer<1> outer;
  for (int i = 0; i + 1 < shape.rank; ++i) outer.add(shape.dims[i], x.strides[i]);
  const int64_t width = shape.dims[shape.rank - 1], stride = x.strides[shape.rank - 1];
  const bool dense = stride == static_cast<int64_t>(sizeof(T));
  const int64_t rows = width == 0 ? 0 : outer.volume();
  if (rows > 0) outer.seek(0);
  for (int64_t r = 0; r < rows && !columns.full(); ++r, outer.next()) {
    const std::byte* row = x.data + outer.offset[0];
    for (int64_t from = 0; from < width; from += kBlock) {
      const int64_t to = std::min(from + kBlock, width);
      if (dense && !any_nonzero<T>(row + from * stride, to - from)) continue;
      for (int64_t i = from; i < to && !columns.full(); ++i) {
        if (is_nonzero<T>(row + i * stride)) columns.put(outer.index, i);
      }
    }
  }
  columns.finish();
}

template <class Index>
void find_in(DType dtype, const FindNonzeroShape& shape, const Strided& x, const Strided& y, int64_t first,
             int64_t last) {
  switch (dtype) {
    case DType::kFloat32:
      return find<float, Index>(shape, x, y, first, last);
    case DType::kFloat16:
    case DType::kBFloat16:
      return find<HalfBits, Index>(shape, x, y, first, last);
    case DType::kInt32:
      return find<int32_t, Index>(shape, x, y, first, last);
    case DType::kInt64:
      return find<int64_t, Index>(shape, x, y, first, last);
    default:
      return find<uint8_t, Index>(shape, x, y, first, last);
  }
}

}  // namespace

void find_nonzero(const FindNonzeroShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  if (first >= last || shape.count == 0) return;
  if (y.dtype == DType::kInt64) return find_in<int64_t>(x.dtype, shape, x, y, first, last);
  find_in<int32_t>(x.dtype, shape, x, y, first, last);
}

}  // namespace rondo::kernels
