#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// grid_sample(x [N, C, D.., W], grid [N, E.., S]) {mode, padding, align_corners} -> y [N, C, E..]: x at the places that
// the grid names, with S = 2 or 3 spatial dimensions. grid[.., 0] goes along the last dimension of x, -1 its start and
// 1 its end: the centres of the edge elements with align_corners, their outer borders without.
//   mode 0 nearest (ties to even), 1 linear, 2 cubic (Keys, coefficient -3/4)
//   padding (SampleMode) 2 clamp: the edge; 3 fill: 0; 4 reflect: mirrored at the borders. A coordinate that is NaN
//   counts as far below
// ONNX GridSample. C1 ranks   C2 equal batch, S coordinates   C3 x float, or any type for nearest   C4 grid float
//   C5 mode and padding are among those above   C6 cubic: two spatial dimensions   C7 no extent of x is 0 unless y is
//   empty

namespace rondo::ops {
namespace {

enum Mode : int64_t { kNearest, kLinear, kCubic };
enum Padding : int64_t { kClamp = 2, kFill = 3, kReflect = 4 };
constexpr double kFar = 1e9, kCubicCoeff = -0.75;

/// Refuses what is known to read elements of an empty x.
void check_not_empty(const InferInput& in, const ir::TensorType& y) {
  for (ir::Dim extent : y.dims) {
    if (in.dims.range(extent).min < 1) return;
  }
  const ir::Dims& x = in.operands[0].type.dims;
  for (size_t i = 2; i < x.size(); ++i) {
    if (in.dims.range(in.dims.resolve(x[i])).max > 0) continue;
    refuse(in, 7, "dimension ", i, " of x in ", operands_text(in), " is empty, there is nothing to sample");
  }
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType &x = in.operands[0].type, &grid = in.operands[1].type;
  const int64_t mode = in.attrs.integer("mode"), padding = in.attrs.integer("padding");
  if ((x.rank() != 4 && x.rank() != 5) || grid.rank() != x.rank()) {
    refuse(in, 1, operands_text(in),
           ": x [N, C, H, W] takes a grid [N, Ho, Wo, 2], x [N, C, D, H, W] a grid of rank 5");
  }
  const int spatial = x.rank() - 2;
  if (!in.dims.same(x.dims[0], grid.dims[0])) unify(in, 2, x.dims[0], grid.dims[0], "batches of x and grid");
  const ir::Dim coordinates = in.dims.constant(spatial);
  if (!in.dims.same(grid.dims.back(), coordinates)) {
    unify(in, 2, grid.dims.back(), coordinates, "the last extent of the grid and the number of spatial dimensions");
  }
  if (mode < kNearest || mode > kCubic) refuse(in, 5, "mode ", mode, " is none of NEAREST, LINEAR, CUBIC");
  if (padding < kClamp || padding > kReflect)
    refuse(in, 5, "sample mode ", padding, " is none of CLAMP, FILL, REFLECT");
  if (mode != kNearest) require_float(in, 3, 0);
  require_float(in, 4, 1);
  if (mode == kCubic && spatial != 2) refuse(in, 6, "CUBIC takes x of rank 4, got ", operands_text(in));
  ir::ValueInfo result{x, {}};
  for (size_t i = 0; i < result.type.dims.size(); ++i) {
    result.type.dims[i] = in.dims.resolve(i < 2 ? x.dims[i] : grid.dims[i - 1]);
  }
  check_not_empty(in, result.type);
  return {result};
}

/// The mirror image of x between low and high.
double reflected(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const bool below = x < low;
  if (!below && x <= high) return x;
  const double distance = below ? low - x : x - high;
  const double turns = std::floor(distance / range), rest = distance - turns * range;
  return (std::fmod(turns, 2) == 0) == below ? low + rest : high - rest;
}

/// One spatial dimension of a call.
struct Axis {
  int64_t extent, padding;
  double low, high;

  Axis(int64_t n, int64_t mode, bool align) : extent(n), padding(mode) {
    low = align ? 0 : -0.5;
    high = static_cast<double>(n) - (align ? 1 : 0.5);
  }
  /// The element that index i stands for, -1 for none.
  int64_t element(double i) const {
    const auto last = static_cast<double>(extent - 1);
    if (padding == kFill && (i < 0 || i > last)) return -1;
    if (padding == kReflect) i = reflected(i, low, high);
    return static_cast<int64_t>(std::clamp(i, 0.0, last));
  }
  /// Where a normalized coordinate lies, after padding.
  double place(double grid, bool align, bool nearest) const {
    const auto n = static_cast<double>(extent);
    double x = align ? (grid + 1) / 2 * (n - 1) : ((grid + 1) * n - 1) / 2;
    x = x > -kFar ? std::min(x, kFar) : -kFar;
    if (nearest) x = std::nearbyint(x);
    if (x >= low && x <= high) return x;
    return padding == kClamp ? std::clamp(x, 0.0, n - 1) : padding == kReflect ? reflected(x, low, high) : x;
  }
};

struct Tap {
  int64_t index;
  double weight;
};

double cubic_weight(double d) {
  d = std::fabs(d);
  if (d <= 1) return ((kCubicCoeff + 2) * d - (kCubicCoeff + 3)) * d * d + 1;
  return ((d - 5) * d + 8) * kCubicCoeff * d - 4 * kCubicCoeff;
}

std::vector<Tap> taps_of(const Axis& axis, double x, int64_t mode) {
  if (mode == kNearest) return {{axis.element(x), 1}};
  const double base = std::floor(x), f = x - base;
  if (mode == kLinear) return {{axis.element(base), 1 - f}, {axis.element(base + 1), f}};
  std::vector<Tap> taps;
  for (int t = -1; t <= 2; ++t) taps.push_back({axis.element(base + t), cubic_weight(f - t)});
  return taps;
}

double sample(const double* x, const std::vector<std::vector<Tap>>& taps, const Index& strides, size_t axis) {
  if (axis == taps.size()) return *x;
  double sum = -0.0;  // which keeps the sign of a zero that is added
  for (const Tap& tap : taps[axis]) {
    const double value = tap.index < 0 ? 0 : sample(x + tap.index * strides[axis + 2], taps, strides, axis + 1);
    sum += tap.weight == 1 ? value : tap.weight * value;
  }
  return sum;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> operands,
                              std::span<const TensorShape> results) {
  const Tensor &x = operands[0], &grid = operands[1];
  const bool align = op.attrs.flag("align_corners");
  const int64_t mode = op.attrs.integer("mode");
  Tensor result = zeros(results[0]);
  if (result.data.empty()) return {std::move(result)};
  const size_t spatial = x.dims.size() - 2;
  std::vector<Axis> axes;
  for (size_t i = 0; i < spatial; ++i) {
    if (x.dims[i + 2] == 0) fail(Code::kInvalidArgument, "grid_sample '", op.name, "': x is empty (grid_sample C7)");
    axes.emplace_back(x.dims[i + 2], op.attrs.integer("padding"), align);
  }
  const Index strides = strides_of(x.dims), grid_strides = strides_of(grid.dims);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    int64_t from = index[0] * grid_strides[0];
    for (size_t i = 0; i < spatial; ++i) from += index[i + 2] * grid_strides[i + 1];
    std::vector<std::vector<Tap>> taps;
    for (size_t i = 0; i < spatial; ++i) {
      const double g = grid.data[static_cast<size_t>(from) + spatial - 1 - i];
      taps.push_back(taps_of(axes[i], axes[i].place(g, align, mode == kNearest), mode));
    }
    result.data[at++] = sample(x.data.data() + index[0] * strides[0] + index[1] * strides[1], taps, strides, 0);
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_grid_sample() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
