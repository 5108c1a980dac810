// With a coordinate x, f = ceil(x) - 1 and r = x - f in (0, 1], an interpolation weighs the elements f + first .. by a
// kernel of their distance from x. Antialiasing stretches the kernel by the scale where it shrinks, so that no element
// is passed over.
#include "ops/sampling/resize_weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rondo::onnx {
namespace {

using Transform = ResizeForm::Transform;

double coordinate(ResizeForm const& form, ResizeAxis const& axis, double i) {
  const auto in = static_cast<double>(axis.in);
  const double out = axis.scale * in;  // not rounded
  switch (form.transform) {
    case Transform::kAlignCorners:
      return out == 1 ? 0 : i * (in - 1) / (out - 1);
    case Transform::kAsymmetric:
      return i / axis.scale;
    case Transform::kCropAndResize: {
      const double width = (axis.roi_end - axis.roi_start) * (in - 1);
      return axis.roi_start * (in - 1) + (out == 1 ? width / 2 : i * width / (out - 1));
    }
    case Transform::kPytorchHalfPixel:
      return out == 1 ? -0.5 : (i + 0.5) / axis.scale - 0.5;
    case Transform::kHalfPixelSymmetric:
      return in / 2 * (1 - static_cast<double>(axis.out) / out) + (i + 0.5) / axis.scale - 0.5;
    case Transform::kHalfPixel:
      break;
  }
  return (i + 0.5) / axis.scale - 0.5;
}

double cubic_kernel(double distance, double a) {
  const double d = std::abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

struct Taps {
  int64_t first;
  std::vector<double> weights;
};

Taps nearest(ResizeForm const& form, double x) {
  using R = ResizeForm::Rounding;
  const double below = std::floor(x), part = x - below;
  const bool up = part > 0 && (form.rounding == R::kCeil || (form.rounding == R::kPreferFloor && part > 0.5) ||
                               (form.rounding == R::kPreferCeil && part >= 0.5));
  return {static_cast<int64_t>(below) + (up ? 1 : 0), {1}};
}

Taps interpolated(ResizeForm const& form, double x, double scale) {
  const double support = form.mode == ResizeForm::Mode::kLinear ? 1 : 2;
  const double shrink = form.antialias ? std::min(scale, 1.0) : 1;
  const double base = std::ceil(x) - 1;
  const auto start = static_cast<int64_t>(std::floor(-support / shrink)) + 1;
  Taps taps{static_cast<int64_t>(base) + start, {}};
  for (int64_t i = start; i < 2 - start; ++i) {
    const double distance = (static_cast<double>(i) - (x - base)) * shrink;
    const double linear = std::clamp(1 - std::abs(distance), 0.0, 1.0);
    taps.weights.push_back(support == 1 ? linear : cubic_kernel(distance, form.cubic));
  }
  return taps;
}

}  // namespace

AxisWeights axis_weights(ResizeForm const& form, ResizeAxis const& axis) {
  AxisWeights result{std::vector<double>(static_cast<size_t>(axis.in * axis.out)), {}};
  for (int64_t i = 0; i < axis.out; ++i) {
    const double x = coordinate(form, axis, static_cast<double>(i));
    result.inside.push_back(x >= 0 && x <= static_cast<double>(axis.in - 1));
    Taps taps = form.mode == ResizeForm::Mode::kNearest ? nearest(form, x) : interpolated(form, x, axis.scale);
    for (size_t t = 0; form.exclude_outside && t < taps.weights.size(); ++t) {
      const int64_t at = taps.first + static_cast<int64_t>(t);
      if (at < 0 || at >= axis.in) taps.weights[t] = 0;
    }
    double sum = std::accumulate(taps.weights.begin(), taps.weights.end(), 0.0);
    if (!(form.exclude_outside || form.antialias) || sum == 0) sum = 1;
    for (size_t t = 0; t < taps.weights.size(); ++t) {
      const int64_t at = std::clamp<int64_t>(taps.first + static_cast<int64_t>(t), 0, axis.in - 1);
      result.matrix[static_cast<size_t>(i * axis.in + at)] += taps.weights[t] / sum;
    }
  }
  return result;
}

}  // namespace rondo::onnx
