#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/structured/sampling/resize.h"
#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

constexpr int kMaxSampleSpace = 3;

/// What a sample reads outside of x; integers as in SampleMode.
enum class SamplePadding : uint8_t { kClamp = 2, kFill = 3, kReflect = 4 };

/// x [batch, channels, in..], grid [batch, out.., space], y [batch, channels, out..]
struct GridSampleShape {
  int space = 2;  ///< 2 or 3
  int64_t batch = 0, channels = 0;
  int64_t in[kMaxSampleSpace] = {}, out[kMaxSampleSpace] = {};
  Interpolation mode = Interpolation::kLinear;
  SamplePadding padding = SamplePadding::kFill;
  bool align_corners = false;
};

/// Number of rows of y: product of batch and all out extents but the last.
int64_t grid_sample_rows(const GridSampleShape& shape);
/// Bytes of 8-byte aligned scratch that one call needs.
size_t grid_sample_scratch_bytes(const GridSampleShape& shape);

/// Samples x where the grid says, rows [first, last) of all channels; formulas in docs/ops/primitive/grid_sample.md. Coordinates are computed
/// in double, sums in f32.
/// Types     grid float; x any for kNearest, else float; y as x
/// Requires  in extents >= 1
void grid_sample(const GridSampleShape& shape, const Strided& x, const Strided& grid, const Strided& y, int64_t first,
                 int64_t last, std::byte* scratch);

}  // namespace rondo::kernels
