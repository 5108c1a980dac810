// Copies between two strided layouts. The axes are sorted by y's strides, so that the innermost one is where y is
// dense, and neighbours that are one axis in both layouts are merged: a box that is contiguous on both sides becomes
// one memcpy.
//
// What stays strided on one side falls into two cases. If x is dense along y's innermost axis, rows are copied. If x is
// dense along another axis, walking rows of y reads one element per cache line of x; then tiles of kTile x kTile
// elements, which stay in the first cache, are transposed, 4x4 words at a time in registers.
#include "kernels/cpu/structured/strided_copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

namespace {

/// Bound by the first cache: a tile takes at most 16 KiB, its rows at least a line. No prefetcher of the machine follows rows that are
/// pages apart, so the next tile of x and the lines of y are asked for ahead: twice as fast on an EPYC, at 2048 x 2048 words.
template <class T>
constexpr int64_t kTile = sizeof(T) <= 4 ? 64 : 32;
constexpr int64_t kLine = 64;

template <class T>
void copy_elements(std::byte* y, int64_t y_stride, const std::byte* x, int64_t x_stride, int64_t count) {
  T value;
  if (x_stride == 0) {
    std::memcpy(&value, x, sizeof value);
    for (int64_t i = 0; i < count; ++i) std::memcpy(y + i * y_stride, &value, sizeof value);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(&value, x + i * x_stride, sizeof value);
    std::memcpy(y + i * y_stride, &value, sizeof value);
  }
}

template <class T>
void fill_elements(std::byte* y, const std::byte* x, int64_t count) {
  T value;
  std::memcpy(&value, x, sizeof value);
  for (int64_t i = 0; i < count; ++i) std::memcpy(y + i * static_cast<int64_t>(sizeof value), &value, sizeof value);
}

template <class T>
void copy_run_of(std::byte* y, int64_t y_stride, const std::byte* x, int64_t x_stride, int64_t count) {
  constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
  if (y_stride == kBytes && x_stride == 0) return fill_elements<T>(y, x, count);
  if (y_stride == kBytes && x_stride == -kBytes) return copy_elements<T>(y, kBytes, x, -kBytes, count);
  if (y_stride == kBytes) return copy_elements<T>(y, kBytes, x, x_stride, count);
  copy_elements<T>(y, y_stride, x, x_stride, count);
}

struct Axis {
  int64_t dim, y, x;
};

struct Box {
  int rank = 0;
  Axis axes[kMaxStridedRank];  ///< outermost first
};

/// Sorted by y's strides, without axes of one element, neighbours merged. False if there is nothing to copy.
bool make_box(int rank, const int64_t* dims, const int64_t* y_strides, const int64_t* x_strides, Box* box) {
  for (int i = 0; i < rank; ++i) {
    if (dims[i] <= 0) return false;
    if (dims[i] > 1) box->axes[box->rank++] = {dims[i], y_strides[i], x_strides[i]};
  }
  std::stable_sort(box->axes, box->axes + box->rank,
                   [](const Axis& a, const Axis& b) { return std::llabs(a.y) > std::llabs(b.y); });
  int kept = 0;
  for (int i = 1; i < box->rank; ++i) {
    Axis& outer = box->axes[kept];
    const Axis& inner = box->axes[i];
    if (outer.y == inner.y * inner.dim && outer.x == inner.x * inner.dim) {
      outer = {outer.dim * inner.dim, inner.y, inner.x};
    } else {
      box->axes[++kept] = inner;
    }
  }
  if (box->rank > 0) box->rank = kept + 1;
  return true;
}

/// y[i][j] = x[j][i] for a 4x4 tile of words; rows of y, and columns of x, are dense.
void transpose_4x4(std::byte* y, int64_t y_row, const std::byte* x, int64_t x_column) {
  using Words = uint32_t __attribute__((vector_size(16)));
  Words in[4];
  for (int j = 0; j < 4; ++j) std::memcpy(&in[j], x + j * x_column, sizeof in[j]);
  const Words low01 = __builtin_shufflevector(in[0], in[1], 0, 4, 1, 5);
  const Words high01 = __builtin_shufflevector(in[0], in[1], 2, 6, 3, 7);
  const Words low23 = __builtin_shufflevector(in[2], in[3], 0, 4, 1, 5);
  const Words high23 = __builtin_shufflevector(in[2], in[3], 2, 6, 3, 7);
  const Words out[4] = {
      __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
      __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (int i = 0; i < 4; ++i) std::memcpy(y + i * y_row, &out[i], sizeof out[i]);
}

/// y[i][j] = x[j][i], i < rows, j < columns. Strides as in transpose_4x4. x is first gathered into a buffer, row by row: each of its
/// cache lines is used up when it is read, so strides of a power of two, whose lines meet in one set of the cache, cost nothing.
template <class T>
void transpose_tile(std::byte* y, int64_t y_row, const std::byte* x, int64_t x_column, int64_t rows, int64_t columns) {
  constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
  constexpr int64_t kRow = kTile<T> * kBytes;
  alignas(64) std::byte tile[static_cast<size_t>(kTile<T> * kRow)];
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t b = 0; b < columns * kBytes; b += kLine) __builtin_prefetch(y + i * y_row + b, 1);
  }
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t b = 0; b < kRow; b += kLine) __builtin_prefetch(x + (j + kTile<T>)*x_column + b);
    std::memcpy(tile + j * kRow, x + j * x_column, static_cast<size_t>(rows * kBytes));
  }
  int64_t full_rows = 0, full_columns = 0;
  if constexpr (sizeof(T) == 4) {
    full_rows = rows / 4 * 4;
    full_columns = columns / 4 * 4;
    for (int64_t i = 0; i < full_rows; i += 4) {
      for (int64_t j = 0; j < full_columns; j += 4) {
        transpose_4x4(y + i * y_row + j * kBytes, y_row, tile + j * kRow + i * kBytes, kRow);
      }
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t first = i < full_rows ? full_columns : 0;
    copy_elements<T>(y + i * y_row + first * kBytes, kBytes, tile + first * kRow + i * kBytes, kRow, columns - first);
  }
}

template <class T>
void transpose_plane(std::byte* y, const std::byte* x, const Axis& rows, const Axis& columns) {
  for (int64_t i = 0; i < rows.dim; i += kTile<T>) {
    for (int64_t j = 0; j < columns.dim; j += kTile<T>) {
      transpose_tile<T>(y + i * rows.y + j * columns.y, rows.y, x + i * rows.x + j * columns.x, columns.x,
                        std::min(kTile<T>, rows.dim - i), std::min(kTile<T>, columns.dim - j));
    }
  }
}

/// The axis along which x is dense if y is dense along the innermost one and x is not; -1 otherwise.
int transposed_axis(const Box& box, int64_t bytes) {
  if (box.rank < 2 || box.axes[box.rank - 1].y != bytes) return -1;
  const int64_t across = std::llabs(box.axes[box.rank - 1].x);
  for (int i = 0; i < box.rank - 1 && across > bytes; ++i) {
    if (box.axes[i].x == bytes && box.axes[i].dim >= 4) return i;
  }
  return -1;
}

/// Calls inner(y offset, x offset) for every index of the axes but the skipped ones.
template <class Inner>
void for_outer(const Box& box, int skip_a, int skip_b, Inner inner) {
  Odometer<2> outer;
  for (int i = 0; i < box.rank; ++i) {
    if (i != skip_a && i != skip_b) outer.add(box.axes[i].dim, box.axes[i].y, box.axes[i].x);
  }
  const int64_t volume = outer.volume();
  outer.seek(0);
  for (int64_t i = 0; i < volume; ++i, outer.next()) inner(outer.offset[0], outer.offset[1]);
}

}  // namespace

void copy_run(std::byte* y, int64_t y_stride, const std::byte* x, int64_t x_stride, int64_t count, size_t bytes) {
  if (y_stride == x_stride && y_stride == static_cast<int64_t>(bytes)) {
    std::memcpy(y, x, static_cast<size_t>(count) * bytes);
    return;
  }
  with_word(bytes, [&]<class T>() { copy_run_of<T>(y, y_stride, x, x_stride, count); });
}

void copy_strided(int rank, const int64_t* dims, std::byte* y, const int64_t* y_strides, const std::byte* x,
                  const int64_t* x_strides, size_t bytes) {
  Box box;
  if (!make_box(rank, dims, y_strides, x_strides, &box)) return;
  if (box.rank == 0) box.axes[box.rank++] = {1, static_cast<int64_t>(bytes), static_cast<int64_t>(bytes)};
  const int last = box.rank - 1;
  const Axis inner = box.axes[last];
  const int across = transposed_axis(box, static_cast<int64_t>(bytes));
  if (across < 0) {
    return for_outer(box, last, last,
                     [&](int64_t at, int64_t from) { copy_run(y + at, inner.y, x + from, inner.x, inner.dim, bytes); });
  }
  const Axis rows = box.axes[across];
  with_word(bytes, [&]<class T>() {
    for_outer(box, last, across, [&](int64_t at, int64_t from) { transpose_plane<T>(y + at, x + from, rows, inner); });
  });
}

}  // namespace rondo::kernels
