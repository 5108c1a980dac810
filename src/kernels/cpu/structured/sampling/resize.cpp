// Interpolation is separable: every dimension has a table of taps, made once when shapes are bound. A row of y is made
// in two steps. First the rows of x that the outer dimensions name are added up, weight by weight, over the whole width
// of x: long contiguous loops. Then each element of the row takes its taps from that sum. Nearest has one tap and
// copies: whole rows where the last dimension stays, and a row that comes from the same row of x as the one before it
// is copied from there.
#include "kernels/cpu/structured/sampling/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {

namespace {

double coordinate(const ResizeRule& rule, int64_t i, int64_t in, int64_t out) {
  if (out == 1 && rule.single_pixel_upper) return 0;
  const auto from = static_cast<double>(in), to = static_cast<double>(out);
  switch (rule.coordinates) {
    case CoordinateRule::kAlignCorners:
      return out == 1 ? 0 : static_cast<double>(i) * (from - 1) / (to - 1);
    case CoordinateRule::kAsymmetric:
      return static_cast<double>(i) * from / to;
    default:
      return (static_cast<double>(2 * i + 1) * from - to) / (2 * to);
  }
}

double nearest(NearestRule rule, double x) {
  switch (rule) {
    case NearestRule::kHalfUp:
      return std::floor(x + 0.5);
    case NearestRule::kHalfDown:
      return std::ceil(x - 0.5);
    case NearestRule::kFloor:
      return std::floor(x);
    default:
      return std::ceil(x);
  }
}

/// Keys' four weights for the fraction f.
void cubic_weights(double a, double f, double* w) {
  const auto outer = [a](double d) { return ((d - 5) * d + 8) * a * d - 4 * a; };
  const auto inner = [a](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  w[0] = outer(1 + f);
  w[1] = inner(f);
  w[2] = inner(1 - f);
  w[3] = outer(2 - f);
}

void put_taps(const ResizeRule& rule, ResizeAxis& axis, int64_t j) {
  const double x = coordinate(rule, j, axis.in, axis.out);
  double base = rule.mode == Interpolation::kNearest ? nearest(rule.rounding, x) : std::floor(x);
  double w[4] = {1, 0, 0, 0};
  const double f = x - base;
  if (rule.mode == Interpolation::kLinear) {
    w[0] = 1 - f;
    w[1] = f;
  } else if (rule.mode == Interpolation::kCubic) {
    cubic_weights(rule.cubic_coeff, f, w);
    base -= 1;
  }
  double sum = 1;
  if (rule.mode == Interpolation::kCubic && rule.exclude_outside) {
    sum = 0;
    for (int t = 0; t < 4; ++t) {
      if (base + t < 0 || base + t >= static_cast<double>(axis.in)) w[t] = 0;
      sum += w[t];
    }
  }
  for (int t = 0; t < axis.taps; ++t) {
    const auto index = static_cast<int64_t>(base) + t;
    axis.index[static_cast<size_t>(j * axis.taps + t)] = std::clamp<int64_t>(index, 0, axis.in - 1);
    axis.weight[static_cast<size_t>(j * axis.taps + t)] = static_cast<float>(w[t] / sum);
  }
}

constexpr int kMaxRowTaps = 16;  ///< linear: 2 x 2, cubic: 4

struct RowTaps {
  int count = 1;
  int64_t offset[kMaxRowTaps] = {};
  float weight[kMaxRowTaps] = {1};
};

/// The rows of x that make the output row at `index`.
RowTaps row_taps(const ResizeShape& shape, const Strided& x, const int64_t* index) {
  RowTaps row;
  for (size_t a = 0; a + 1 < shape.axes.size(); ++a) {
    const ResizeAxis& axis = shape.axes[a];
    const int64_t stride = x.strides[a];
    const int64_t j = index[a];
    if (axis.taps <= 1) {
      const int64_t from = axis.taps == 0 ? j : axis.index[static_cast<size_t>(j)];
      for (int t = 0; t < row.count; ++t) row.offset[t] += from * stride;
      continue;
    }
    const RowTaps before = row;
    row.count = 0;
    for (int t = 0; t < before.count; ++t) {
      for (int u = 0; u < axis.taps && row.count < kMaxRowTaps; ++u) {
        const auto at = static_cast<size_t>(j * axis.taps + u);
        row.offset[row.count] = before.offset[t] + axis.index[at] * stride;
        row.weight[row.count++] = before.weight[t] * axis.weight[at];
      }
    }
  }
  return row;
}

template <class T>
void pick(const std::byte* x, int64_t x_stride, std::byte* y, int64_t y_stride, const ResizeAxis& axis) {
  if (axis.taps == 0) {
    for (int64_t j = 0; j < axis.out; ++j) std::memcpy(y + j * y_stride, x + j * x_stride, sizeof(T));
  } else if (y_stride == sizeof(T)) {
    for (int64_t j = 0; j < axis.out; ++j) {
      std::memcpy(y + j * static_cast<int64_t>(sizeof(T)), x + axis.index[static_cast<size_t>(j)] * x_stride,
                  sizeof(T));
    }
  } else {
    for (int64_t j = 0; j < axis.out; ++j) {
      std::memcpy(y + j * y_stride, x + axis.index[static_cast<size_t>(j)] * x_stride, sizeof(T));
    }
  }
}

void pick_row(size_t bytes, const std::byte* x, int64_t x_stride, std::byte* y, int64_t y_stride,
              const ResizeAxis& axis) {
  switch (bytes) {
    case 1:
      return pick<uint8_t>(x, x_stride, y, y_stride, axis);
    case 2:
      return pick<uint16_t>(x, x_stride, y, y_stride, axis);
    case 4:
      return pick<uint32_t>(x, x_stride, y, y_stride, axis);
    default:
      return pick<uint64_t>(x, x_stride, y, y_stride, axis);
  }
}

/// Walks the outer axes of y.
Odometer<1> outer_axes(const ResizeShape& shape, const Strided& y) {
  Odometer<1> outer;
  for (size_t a = 0; a + 1 < shape.axes.size(); ++a) outer.add(shape.axes[a].out, y.strides[a]);
  return outer;
}

void nearest_rows(const ResizeShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  const ResizeAxis& width = shape.axes.back();
  const size_t inner = shape.axes.size() - 1;
  const size_t bytes = dtype_bytes(x.dtype);
  const bool dense = y.strides[inner] == static_cast<int64_t>(bytes);
  const bool same = dense && width.taps == 0 && x.strides[inner] == static_cast<int64_t>(bytes);
  const size_t row_bytes = static_cast<size_t>(width.out) * bytes;
  Odometer<1> outer = outer_axes(shape, y);
  outer.seek(first);
  const std::byte *before = nullptr, *made = nullptr;
  for (int64_t r = first; r < last; ++r, outer.next()) {
    const std::byte* from = x.data + row_taps(shape, x, outer.index).offset[0];
    std::byte* to = y.data + outer.offset[0];
    if (same) {
      std::memcpy(to, from, row_bytes);
    } else if (dense && from == before) {
      std::memcpy(to, made, row_bytes);
    } else {
      pick_row(bytes, from, x.strides[inner], to, y.strides[inner], width);
    }
    before = from;
    made = to;
  }
}

/// The weighted sum of rows of x, as dense floats.
class RowSum {
 public:
  RowSum(const Strided& x, int64_t stride, int64_t width, float* row, float* sum)
      : x_(x), stride_(stride), width_(width), row_(row), sum_(sum) {
    load_ = tile_functions(detect_isa()).load[static_cast<size_t>(x.dtype)];
    dense_ = x.dtype == DType::kFloat32 && stride == sizeof(float);
  }

  const float* of(const RowTaps& taps) const {
    const float* r0 = row(taps.offset[0]);
    if (taps.count == 1 && taps.weight[0] == 1) return r0;
    const float w0 = taps.weight[0];
    for (int64_t i = 0; i < width_; ++i) sum_[i] = w0 * r0[i];
    for (int t = 1; t < taps.count; ++t) {
      const float* r = row(taps.offset[t]);
      const float w = taps.weight[t];
      for (int64_t i = 0; i < width_; ++i) sum_[i] += w * r[i];
    }
    return sum_;
  }

 private:
  const float* row(int64_t offset) const {
    if (dense_) return reinterpret_cast<const float*>(x_.data + offset);
    load_(row_, x_.data + offset, stride_, width_);
    return row_;
  }

  const Strided& x_;
  int64_t stride_, width_;
  float *row_, *sum_;
  tile::TileFunctions::Load load_;
  bool dense_;
};

void interpolate_row(const ResizeAxis& axis, const float* row, float* y) {
  const int64_t* index = axis.index.data();
  const float* w = axis.weight.data();
  if (axis.taps == 2) {
    for (int64_t j = 0; j < axis.out; ++j, index += 2, w += 2) y[j] = w[0] * row[index[0]] + w[1] * row[index[1]];
  } else {
    for (int64_t j = 0; j < axis.out; ++j, index += 4, w += 4) {
      y[j] = (w[0] * row[index[0]] + w[1] * row[index[1]]) + (w[2] * row[index[2]] + w[3] * row[index[3]]);
    }
  }
}

void interpolated_rows(const ResizeShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last,
                       std::byte* scratch) {
  const ResizeAxis& width = shape.axes.back();
  const size_t inner = shape.axes.size() - 1;
  auto* buffer = reinterpret_cast<float*>(scratch);
  const RowSum sum(x, x.strides[inner], width.in, buffer, buffer + width.in);
  float* made = buffer + 2 * width.in;
  const auto store = tile_functions(detect_isa()).store[static_cast<size_t>(y.dtype)];
  const bool dense = y.dtype == DType::kFloat32 && y.strides[inner] == sizeof(float);
  Odometer<1> outer = outer_axes(shape, y);
  outer.seek(first);
  for (int64_t r = first; r < last; ++r, outer.next()) {
    const float* row = sum.of(row_taps(shape, x, outer.index));
    std::byte* to = y.data + outer.offset[0];
    if (width.taps != 0) {
      float* target = dense ? reinterpret_cast<float*>(to) : made;
      interpolate_row(width, row, target);
      if (dense) continue;
      row = made;
    }
    store(to, y.strides[inner], row, width.out);
  }
}

}  // namespace

ResizeAxis resize_axis(const ResizeRule& rule, int64_t in, int64_t out) {
  ResizeAxis axis{in, out, 0, {}, {}};
  if (in == out) return axis;
  axis.taps = rule.mode == Interpolation::kNearest ? 1 : rule.mode == Interpolation::kLinear ? 2 : 4;
  axis.index.resize(static_cast<size_t>(out * axis.taps));
  axis.weight.resize(static_cast<size_t>(out * axis.taps));
  for (int64_t j = 0; j < out; ++j) put_taps(rule, axis, j);
  return axis;
}

int64_t resize_rows(const ResizeShape& shape) {
  int64_t rows = 1;
  for (size_t a = 0; a + 1 < shape.axes.size(); ++a) rows *= shape.axes[a].out;
  return rows;
}

size_t resize_scratch_bytes(const ResizeShape& shape) {
  const ResizeAxis& width = shape.axes.back();
  return shape.nearest ? 0 : static_cast<size_t>(2 * width.in + width.out) * sizeof(float);
}

void resize(const ResizeShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last,
            std::byte* scratch) {
  if (first >= last || shape.axes.back().out == 0) return;
  if (shape.nearest) return nearest_rows(shape, x, y, first, last);
  interpolated_rows(shape, x, y, first, last, scratch);
}

}  // namespace rondo::kernels
