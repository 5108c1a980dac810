#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

enum class Interpolation : uint8_t { kNearest, kLinear, kCubic };
enum class CoordinateRule : uint8_t { kAlignCorners, kAsymmetric, kHalfPixel };
enum class NearestRule : uint8_t { kHalfUp, kHalfDown, kFloor, kCeil };

/// How output indices become coordinates and weights; docs/ops/primitive/resize.md has the formulas.
struct ResizeRule {
  Interpolation mode = Interpolation::kNearest;
  CoordinateRule coordinates = CoordinateRule::kAsymmetric;
  NearestRule rounding = NearestRule::kFloor;
  bool single_pixel_upper = false;  ///< a dimension of output extent 1 reads at 0
  bool exclude_outside = false;
  double cubic_coeff = -0.75;
};

/// One dimension: output index j is the sum over t of weight[j * taps + t] * x[index[j * taps + t]]. taps 0: x and y have the
/// same elements there.
struct ResizeAxis {
  int64_t in = 0, out = 0;
  int taps = 0;
  std::vector<int64_t> index;
  std::vector<float> weight;
};

/// The table of a dimension. Requires in >= 1 where out >= 1.
ResizeAxis resize_axis(const ResizeRule& rule, int64_t in, int64_t out);

struct ResizeShape {
  std::vector<ResizeAxis> axes;  ///< at least one
  bool nearest = true;
};

/// Number of output rows: product of the output extents but the last.
int64_t resize_rows(const ResizeShape& shape);
size_t resize_scratch_bytes(const ResizeShape& shape);

/// Interpolates rows [first, last) of y, in row-major order of the other axes.
/// Types     nearest: any, x as y; else float, sums in f32
void resize(const ResizeShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last,
            std::byte* scratch);

}  // namespace rondo::kernels
