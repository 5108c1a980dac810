// Places first, channels second. For a row of the grid every place becomes a short list of taps, an offset into a
// channel and a weight each, kept tap by tap in arrays as long as the row. All channels then walk these arrays: no
// coordinate is computed twice, and the inner loop is a load, a multiplication and an addition per tap. An offset of -1
// reads 0.
#include "kernels/cpu/structured/sampling/grid_sample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

constexpr double kFar = 1e9, kCubicCoeff = -0.75;

int taps_per_axis(Interpolation mode) {
  return mode == Interpolation::kNearest ? 1 : mode == Interpolation::kLinear ? 2 : 4;
}

int taps_of(const GridSampleShape& shape) {
  int taps = 1;
  for (int i = 0; i < shape.space; ++i) taps *= taps_per_axis(shape.mode);
  return taps;
}

double reflected(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  if (x >= low && x <= high) return x;
  const bool below = x < low;
  const double distance = below ? low - x : x - high;
  const double turns = std::floor(distance / range), rest = distance - turns * range;
  return (std::fmod(turns, 2) == 0) == below ? low + rest : high - rest;
}

/// One spatial dimension: from grid coordinates to taps.
struct SampleAxis {
  SampleAxis(const GridSampleShape& shape, int axis, int64_t x_stride)
      : mode(shape.mode), padding(shape.padding), align(shape.align_corners), stride(x_stride) {
    extent = static_cast<double>(shape.in[axis]);
    low = align ? 0 : -0.5;
    high = extent - (align ? 1 : 0.5);
  }

  double place(double grid) const {
    double x = align ? (grid + 1) / 2 * (extent - 1) : ((grid + 1) * extent - 1) / 2;
    x = x > -kFar ? std::min(x, kFar) : -kFar;  // NaN too is far below
    if (mode == Interpolation::kNearest) x = std::nearbyint(x);
    if (x >= low && x <= high) return x;
    if (padding == SamplePadding::kClamp) return std::clamp(x, 0.0, extent - 1);
    return padding == SamplePadding::kReflect ? reflected(x, low, high) : x;
  }
  /// Byte offset of element i, -1 for none.
  int64_t offset(double i) const {
    if (padding == SamplePadding::kFill && (i < 0 || i > extent - 1)) return -1;
    if (padding == SamplePadding::kReflect) i = reflected(i, low, high);
    return static_cast<int64_t>(std::clamp(i, 0.0, extent - 1)) * stride;
  }
  void taps(double grid, int64_t* offsets, float* weights) const {
    const double x = place(grid);
    if (mode == Interpolation::kNearest) {
      offsets[0] = offset(x);
      weights[0] = 1;
      return;
    }
    const double base = std::floor(x), f = x - base;
    if (mode == Interpolation::kLinear) {
      for (int t = 0; t < 2; ++t) offsets[t] = offset(base + t);
      weights[0] = static_cast<float>(1 - f);
      weights[1] = static_cast<float>(f);
      return;
    }
    for (int t = 0; t < 4; ++t) {
      offsets[t] = offset(base + t - 1);
      weights[t] = static_cast<float>(cubic(std::fabs(f - t + 1)));
    }
  }
  static double cubic(double d) {
    if (d <= 1) return ((kCubicCoeff + 2) * d - (kCubicCoeff + 3)) * d * d + 1;
    return ((d - 5) * d + 8) * kCubicCoeff * d - 4 * kCubicCoeff;
  }

  Interpolation mode;
  SamplePadding padding;
  bool align;
  int64_t stride;
  double extent, low, high;
};

/// The taps of one place: all combinations of those of its axes, x's last axis fastest.
void put_taps(const SampleAxis* axes, int space, int per_axis, const double* place, int64_t width, int64_t j,
              int64_t* offsets, float* weights) {
  int64_t at[kMaxSampleSpace][4];
  float w[kMaxSampleSpace][4];
  int taps = 1;
  for (int i = 0; i < space; ++i, taps *= per_axis) axes[i].taps(place[space - 1 - i], at[i], w[i]);
  for (int t = 0; t < taps; ++t) {
    int64_t offset = 0;
    float weight = 1;
    for (int i = space - 1, rest = t; i >= 0; --i, rest /= per_axis) {
      const int u = rest % per_axis;
      offset = offset < 0 || at[i][u] < 0 ? -1 : offset + at[i][u];
      weight *= w[i][u];
    }
    offsets[t * width + j] = offset;
    weights[t * width + j] = weight;
  }
}

/// kTaps 0: `taps` of them. What an offset of -1 reads is chosen without a branch.
template <class E, int kTaps>
void sum_taps(const std::byte* x, int taps, int64_t width, const int64_t* offsets, const float* weights, std::byte* y,
              int64_t y_stride) {
  constexpr typename E::Storage kZero{};
  const auto* zero = reinterpret_cast<const std::byte*>(&kZero);
  if (kTaps != 0) taps = kTaps;
  for (int64_t j = 0; j < width; ++j) {
    float sum = 0;
    for (int t = 0; t < taps; ++t) {
      const int64_t offset = offsets[t * width + j];
      const std::byte* from = offset < 0 ? zero : x + offset;
      sum += weights[t * width + j] * static_cast<float>(E::load(from));
    }
    E::store(y + j * y_stride, sum);
  }
}

template <class T>
void copy_taps(const std::byte* x, int64_t width, const int64_t* offsets, std::byte* y, int64_t y_stride) {
  for (int64_t j = 0; j < width; ++j) {
    T value{};
    if (offsets[j] >= 0) std::memcpy(&value, x + offsets[j], sizeof value);
    std::memcpy(y + j * y_stride, &value, sizeof value);
  }
}

/// One row of one channel.
struct Row {
  const std::byte* x;
  std::byte* y;
  int64_t y_stride;
};

void sample_row(const GridSampleShape& shape, DType dtype, const Row& row, int taps, const int64_t* offsets,
                const float* weights) {
  const int64_t width = shape.out[shape.space - 1];
  if (shape.mode == Interpolation::kNearest) {
    switch (dtype_bytes(dtype)) {
      case 1:
        return copy_taps<uint8_t>(row.x, width, offsets, row.y, row.y_stride);
      case 2:
        return copy_taps<uint16_t>(row.x, width, offsets, row.y, row.y_stride);
      case 4:
        return copy_taps<uint32_t>(row.x, width, offsets, row.y, row.y_stride);
      default:
        return copy_taps<uint64_t>(row.x, width, offsets, row.y, row.y_stride);
    }
  }
  with_element(dtype, [&]<class E>() {
    if constexpr (E::kIsFloat) {
      const auto sum = taps == 4 ? sum_taps<E, 4> : taps == 8 ? sum_taps<E, 8> : sum_taps<E, 0>;
      sum(row.x, taps, width, offsets, weights, row.y, row.y_stride);
    }
  });
}

/// The coordinates of one place of the grid, from the last dimension of x on.
void read_place(const Strided& grid, const std::byte* at, int space, double* place) {
  with_element(grid.dtype, [&]<class E>() {
    for (int i = 0; i < space; ++i) place[i] = static_cast<double>(E::load(at + i * grid.strides[space + 1]));
  });
}

}  // namespace

int64_t grid_sample_rows(const GridSampleShape& shape) {
  int64_t rows = shape.batch;
  for (int i = 0; i + 1 < shape.space; ++i) rows *= shape.out[i];
  return rows;
}

size_t grid_sample_scratch_bytes(const GridSampleShape& shape) {
  const auto entries = static_cast<size_t>(taps_of(shape) * shape.out[shape.space - 1]);
  return entries * (sizeof(int64_t) + sizeof(float));
}

void grid_sample(const GridSampleShape& shape, const Strided& x, const Strided& grid, const Strided& y, int64_t first,
                 int64_t last, std::byte* scratch) {
  const int space = shape.space;
  const int64_t width = shape.out[space - 1];
  const int taps = taps_of(shape);
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  auto* weights = reinterpret_cast<float*>(offsets + taps * width);
  const SampleAxis axes[] = {
      {shape, 0, x.strides[2]}, {shape, 1, x.strides[3]}, {shape, space - 1, x.strides[space + 1]}};
  Odometer<3> rows;  // of x, grid and y
  rows.add(shape.batch, x.strides[0], grid.strides[0], y.strides[0]);
  for (int i = 0; i + 1 < space; ++i) rows.add(shape.out[i], 0, grid.strides[i + 1], y.strides[i + 2]);
  if (first >= last) return;
  rows.seek(first);
  for (int64_t r = first; r < last; ++r, rows.next()) {
    for (int64_t j = 0; j < width; ++j) {
      double place[kMaxSampleSpace];
      read_place(grid, grid.data + rows.offset[1] + j * grid.strides[space], space, place);
      put_taps(axes, space, taps_per_axis(shape.mode), place, width, j, offsets, weights);
    }
    for (int64_t c = 0; c < shape.channels; ++c) {
      const Row row{x.data + rows.offset[0] + c * x.strides[1], y.data + rows.offset[2] + c * y.strides[1],
                    y.strides[space + 1]};
      sample_row(shape, x.dtype, row, taps, offsets, weights);
    }
  }
}

}  // namespace rondo::kernels
