/// The weights of resizing along one dimension.
#pragma once

#include <cstdint>
#include <vector>

namespace rondo::onnx {

/// The settings that all dimensions share.
struct ResizeForm {
  enum class Mode { kNearest, kLinear, kCubic } mode = Mode::kNearest;
  enum class Transform {
    kHalfPixel,
    kAsymmetric,
    kAlignCorners,
    kPytorchHalfPixel,
    kCropAndResize,
    kHalfPixelSymmetric
  } transform = Transform::kHalfPixel;
  enum class Rounding { kPreferFloor, kPreferCeil, kFloor, kCeil } rounding = Rounding::kPreferFloor;
  double cubic = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

/// One dimension: its extents, the scale between them (out need not be in * scale exactly), and the part of it that is read.
struct ResizeAxis {
  int64_t in, out;
  double scale;
  double roi_start, roi_end;
};

/// matrix [out, in] row-major: y = matrix x; inside says for which outputs the coordinate lies inside of the input.
struct AxisWeights {
  std::vector<double> matrix;
  std::vector<bool> inside;
};

/// Elements beyond the edge count as the edge, or not at all with exclude_outside.
/// Source    ONNX Resize-19, its reference implementation for antialias
AxisWeights axis_weights(ResizeForm const& form, ResizeAxis const& axis);

}  // namespace rondo::onnx
