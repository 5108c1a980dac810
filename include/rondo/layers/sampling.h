/// Layers that read between elements: resize and grid sample.
#pragma once

#include "rondo/layers/shape.h"

namespace rondo {

/// How a value between elements is made.
enum class InterpolationMode : int32_t {
  kNEAREST = 0,  ///< the nearest element
  kLINEAR = 1,   ///< along each dimension between two elements
  kCUBIC = 2     ///< along each of two dimensions between four elements
};

/// Name of InterpolationMode before 8.5.
using ResizeMode = InterpolationMode;

template <>
constexpr int32_t EnumMax<InterpolationMode>() noexcept {
  return 3;
}

/// The coordinate in an input extent `in` that output index i of an extent `out` reads.
enum class ResizeCoordinateTransformation : int32_t {
  kALIGN_CORNERS = 0,  ///< i (in - 1) / (out - 1)
  kASYMMETRIC = 1,     ///< i in / out
  kHALF_PIXEL = 2      ///< (i + 1/2) in / out - 1/2
};

template <>
constexpr int32_t EnumMax<ResizeCoordinateTransformation>() noexcept {
  return 3;
}

/// The coordinate where an output extent is 1.
enum class ResizeSelector : int32_t {
  kFORMULA = 0,  ///< that of the coordinate transformation; 0 for kALIGN_CORNERS
  kUPPER = 1     ///< 0
};

template <>
constexpr int32_t EnumMax<ResizeSelector>() noexcept {
  return 2;
}

/// The element that kNEAREST takes for a coordinate.
enum class ResizeRoundMode : int32_t {
  kHALF_UP = 0,    ///< the nearest, of two the higher
  kHALF_DOWN = 1,  ///< the nearest, of two the lower
  kFLOOR = 2,      ///< the one below
  kCEIL = 3        ///< the one above
};

template <>
constexpr int32_t EnumMax<ResizeRoundMode>() noexcept {
  return 4;
}

/// Changes extents by interpolation. Elements beyond the edge count as the edge.
/// Shapes    x [any] -> y [the output dimensions, or floor(extent * scale)]
/// Types     kNEAREST any; kLINEAR and kCUBIC floating-point
/// Requires  (C1) one output dimension or scale per dimension   (C2) enumerators   (C3) kLINEAR changes the last three
///           dimensions only, kCUBIC the last two   (C4) types as above   (C5) an extent of 0 stays 0
/// Inputs    1 the output dimensions (1-D int32 or int64), replacing the static ones and the scales
class IResizeLayer : public ILayer {
 public:
  /// The output dimensions; scales set before are forgotten. Rank -1 until set, and where input 1 gives them.
  virtual void setOutputDimensions(Dims const& dimensions) noexcept = 0;
  virtual Dims getOutputDimensions() const noexcept = 0;

  /// One factor above 0 per dimension; output dimensions set before are forgotten.
  /// Errors    kINVALID_ARGUMENT if scales is null, nbScales is outside 0 .. 8 or a factor is not finite and above 0
  virtual void setScales(float const* scales, int32_t nbScales) noexcept = 0;

  /// Copies the factors if size is their number. Returns their number, -1 if none are set.
  virtual int32_t getScales(int32_t size, float* scales) const noexcept = 0;

  /// The interpolation; kNEAREST until set.
  virtual void setResizeMode(InterpolationMode interpolationMode) noexcept = 0;
  virtual InterpolationMode getResizeMode() const noexcept = 0;

  /// kALIGN_CORNERS if true, kASYMMETRIC if false (gone in 10).
  RONDO_DEPRECATED virtual void setAlignCorners(bool alignCorners) noexcept = 0;
  virtual bool getAlignCorners() const noexcept = 0;

  /// The coordinates; kASYMMETRIC until set.
  virtual void setCoordinateTransformation(ResizeCoordinateTransformation coordTransform) noexcept = 0;
  virtual ResizeCoordinateTransformation getCoordinateTransformation() const noexcept = 0;

  /// The coordinate of an output extent of 1; kFORMULA until set.
  virtual void setSelectorForSinglePixel(ResizeSelector selector) noexcept = 0;
  virtual ResizeSelector getSelectorForSinglePixel() const noexcept = 0;

  /// The rounding of kNEAREST; kFLOOR until set.
  virtual void setNearestRounding(ResizeRoundMode value) noexcept = 0;
  virtual ResizeRoundMode getNearestRounding() const noexcept = 0;

  /// The coefficient of kCUBIC; -0.75 until set.
  virtual void setCubicCoeff(float A) noexcept = 0;
  virtual float getCubicCoeff() const noexcept = 0;

  /// Whether kCUBIC leaves out elements beyond the edge and scales the other weights to a sum of 1; false until set.
  virtual void setExcludeOutside(bool excludeFlag) noexcept = 0;
  virtual bool getExcludeOutside() const noexcept = 0;
};

/// Reads x where a grid of coordinates says: -1 is the start of a dimension of x, 1 its end, grid[.., 0] goes along the last.
/// Shapes    x [N, C, H, W], grid [N, Ho, Wo, 2] -> y [N, C, Ho, Wo]; x [N, C, D, H, W] with a grid of rank 5 likewise
/// Types     x: kNEAREST any, else floating-point; grid floating-point
/// Requires  (C1) the ranks above   (C2) equal N, last extent of grid 2 or 3   (C3) (C4) the types above   (C5) sample mode
///           kFILL, kCLAMP or kREFLECT   (C6) kCUBIC takes rank 4   (C7) no extent of x is 0
class IGridSampleLayer : public ILayer {
 public:
  /// The interpolation; kLINEAR until set.
  virtual void setInterpolationMode(InterpolationMode mode) noexcept = 0;
  virtual InterpolationMode getInterpolationMode() const noexcept = 0;

  /// Whether -1 and 1 are the centres of the edge elements; false until set: their outer borders.
  virtual void setAlignCorners(bool alignCorners) noexcept = 0;
  virtual bool getAlignCorners() const noexcept = 0;

  /// What lies outside of x; kFILL (zeros) until set. False, and no change, for other modes than kFILL, kCLAMP, kREFLECT.
  virtual bool setSampleMode(SampleMode mode) noexcept = 0;
  virtual SampleMode getSampleMode() const noexcept = 0;
};

}  // namespace rondo
