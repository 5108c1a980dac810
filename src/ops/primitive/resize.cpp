#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// resize(x) {shape, mode, transform, selector, rounding, cubic_coeff, exclude_outside} -> y [shape]: interpolation
// along each dimension whose extent changes. Output index i of a dimension in -> out reads x at the coordinate
//   transform 0 align corners  i (in-1) / (out-1), 0 for out = 1
//             1 asymmetric     i in / out
//             2 half pixel     (i + 1/2) in / out - 1/2
// selector 1 reads at 0 where out = 1. mode 0 nearest (rounding 0 half up, 1 half down, 2 floor, 3 ceil), 1 linear, 2
// cubic with cubic_coeff; indices beyond the edge read the edge, or with exclude_outside (cubic) are left out and the
// weights sum to 1 again.
//   C1 one extent per dimension, none negative   C2 mode, transform, selector and rounding are members of their enums
//   C3 linear changes the last three dimensions only, cubic the last two   C4 linear and cubic take float
//   C5 a dimension of extent 0 keeps it

namespace rondo::ops {
namespace {

enum Mode : int64_t { kNearest, kLinear, kCubic, kModes };
enum Transform : int64_t { kAlignCorners, kAsymmetric, kHalfPixel, kTransforms };
enum Rounding : int64_t { kHalfUp, kHalfDown, kFloor, kCeil, kRoundings };
constexpr int64_t kUpper = 1, kSelectors = 2;

void check_enum(const InferInput& in, const char* name, int64_t count) {
  const int64_t value = in.attrs.integer(name);
  if (value < 0 || value >= count) refuse(in, 2, name, " ", value, " is outside 0 .. ", count - 1);
}

void check_attributes(const InferInput& in) {
  check_enum(in, "mode", kModes);
  check_enum(in, "transform", kTransforms);
  check_enum(in, "selector", kSelectors);
  check_enum(in, "rounding", kRoundings);
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::Dims& shape = in.attrs.dims("shape");
  if (shape.size() != x.dims.size()) {
    refuse(in, 1, "the output has ", shape.size(), " dimensions, ", operands_text(in), " has ", x.rank());
  }
  check_attributes(in);
  const int64_t mode = in.attrs.integer("mode");
  if (mode != kNearest && !is_float(x.dtype)) {
    refuse(in, 4, operands_text(in), " is interpolated, a floating-point type is needed; convert with a cast layer");
  }
  const size_t free = mode == kNearest ? x.dims.size() : mode == kLinear ? 3 : 2;
  ir::ValueInfo result{x, {}};
  for (size_t i = 0; i < shape.size(); ++i) {
    const ir::Dim from = in.dims.resolve(x.dims[i]), to = in.dims.resolve(shape[i]);
    if (in.dims.range(to).max < 0) {
      refuse(in, 1, "extent ", in.dims.to_string(to), " of output dimension ", i, " is negative");
    }
    const bool fixed = i + free < shape.size();
    if (fixed && !in.dims.same(from, to)) {
      unify(in, 3, from, to,
            text("extents of dimension ", i, " before and after, which ",
                 mode == kLinear ? "linear interpolation changes in the last three dimensions only,"
                                 : "cubic interpolation changes in the last two dimensions only,"));
    }
    if (in.dims.range(from).max <= 0 && in.dims.range(to).min > 0) {
      refuse(in, 5, "dimension ", i, " of ", operands_text(in), " is empty, there is nothing to make ",
             in.dims.to_string(to), " elements of");
    }
    result.type.dims[i] = in.dims.resolve(to);
  }
  return {result};
}

struct Tap {
  int64_t index;
  double weight;
};

double coordinate(const ir::Attrs& attrs, int64_t i, int64_t in, int64_t out) {
  if (out == 1 && attrs.integer("selector") == kUpper) return 0;
  const auto at = static_cast<double>(i), from = static_cast<double>(in), to = static_cast<double>(out);
  switch (attrs.integer("transform")) {
    case kAlignCorners:
      return out == 1 ? 0 : at * (from - 1) / (to - 1);
    case kAsymmetric:
      return at * from / to;
    default:
      return ((2 * at + 1) * from - to) / (2 * to);
  }
}

double rounded(int64_t rounding, double x) {
  switch (rounding) {
    case kHalfUp:
      return std::floor(x + 0.5);
    case kHalfDown:
      return std::ceil(x - 0.5);
    case kFloor:
      return std::floor(x);
    default:
      return std::ceil(x);
  }
}

/// Keys' kernel at distance d.
double cubic_weight(double a, double d) {
  d = std::fabs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * a * d - 4 * a : 0;
}

/// What output index i reads along a dimension; edge elements may stand several times.
std::vector<Tap> taps_of(const ir::Attrs& attrs, int64_t i, int64_t in, int64_t out) {
  const auto inside = [&](int64_t index) { return std::clamp<int64_t>(index, 0, in - 1); };
  if (in == out) return {{i, 1}};
  const double x = coordinate(attrs, i, in, out);
  const int64_t mode = attrs.integer("mode");
  if (mode == kNearest) return {{inside(static_cast<int64_t>(rounded(attrs.integer("rounding"), x))), 1}};
  const auto base = static_cast<int64_t>(std::floor(x));
  const double f = x - static_cast<double>(base);
  if (mode == kLinear) return {{inside(base), 1 - f}, {inside(base + 1), f}};
  const bool exclude = attrs.flag("exclude_outside");
  std::vector<Tap> taps;
  double sum = 0;
  for (int64_t t = -1; t <= 2; ++t) {
    const bool outside = base + t < 0 || base + t >= in;
    const double weight = cubic_weight(attrs.real("cubic_coeff"), f - static_cast<double>(t));
    taps.push_back({inside(base + t), exclude && outside ? 0 : weight});
    sum += taps.back().weight;
  }
  for (Tap& tap : taps) tap.weight /= exclude ? sum : 1;
  return taps;
}

using AxisTaps = std::vector<std::vector<Tap>>;  ///< per output index

double interpolate(const Tensor& x, const std::vector<AxisTaps>& taps, const Index& strides, const Index& index,
                   size_t axis, int64_t offset) {
  if (axis == index.size()) return x.data[static_cast<size_t>(offset)];
  double sum = -0.0;  // which keeps the sign of a zero that is added
  for (const Tap& tap : taps[axis][static_cast<size_t>(index[axis])]) {
    const double value = interpolate(x, taps, strides, index, axis + 1, offset + tap.index * strides[axis]);
    sum += tap.weight == 1 ? value : tap.weight * value;
  }
  return sum;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  if (result.data.empty()) return {std::move(result)};
  std::vector<AxisTaps> taps(result.dims.size());
  for (size_t axis = 0; axis < taps.size(); ++axis) {
    const int64_t in = x[0].dims[axis], out = result.dims[axis];
    if (in == 0) fail(Code::kInvalidArgument, "resize '", op.name, "': dimension ", axis, " is empty (resize C5)");
    for (int64_t i = 0; i < out; ++i) taps[axis].push_back(taps_of(op.attrs, i, in, out));
  }
  const Index strides = strides_of(x[0].dims);
  size_t at = 0;
  for_each_index(result.dims,
                 [&](const Index& index) { result.data[at++] = interpolate(x[0], taps, strides, index, 0, 0); });
  return {std::move(result)};
}

}  // namespace

OpDef define_resize() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
