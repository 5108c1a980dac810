/// Layers that look at the surroundings of an element without weights: pooling, padding and local response normalization.
#pragma once

#include "rondo/layers/convolution.h"

namespace rondo {

/// What a pooling makes of a window.
enum class PoolingType : int32_t {
  kMAX = 0,               ///< the largest element; padding counts as -infinity
  kAVERAGE = 1,           ///< the sum over the number of elements; padding counts as 0
  kMAX_AVERAGE_BLEND = 2  ///< (1 - b) * maximum + b * average, b the blend factor
};

template <>
constexpr int32_t EnumMax<PoolingType>() noexcept {
  return 3;
}

/// Folds windows in two or three dimensions.
/// Shapes    x [N, C, spatial..] -> y [N, C, out..], out by PaddingMode
/// Requires  (C1) rank(x) = 2 + number of window extents, 2 or 3   (C2) as many strides and paddings   (C3) window, strides >= 1,
///           paddings >= 0   (C6) floating-point, or int8 for a maximum   (C7) 0 <= blend factor <= 1   (C8) the window fits into
///           the padded input
class IPoolingLayer : public ILayer {
 public:
  /// The fold.
  virtual void setPoolingType(PoolingType type) noexcept = 0;
  virtual PoolingType getPoolingType() const noexcept = 0;

  /// Extents of the window.
  virtual void setWindowSizeNd(Dims const& windowSize) noexcept = 0;
  virtual Dims getWindowSizeNd() const noexcept = 0;

  /// Distance between neighbouring windows; 1 until set.
  virtual void setStrideNd(Dims const& stride) noexcept = 0;
  virtual Dims getStrideNd() const noexcept = 0;

  /// Padding on both sides; 0 until set. The getter returns that in front.
  virtual void setPaddingNd(Dims const& padding) noexcept = 0;
  virtual Dims getPaddingNd() const noexcept = 0;

  /// Padding in front of and behind each spatial dimension.
  virtual void setPrePadding(Dims const& padding) noexcept = 0;
  virtual Dims getPrePadding() const noexcept = 0;
  virtual void setPostPadding(Dims const& padding) noexcept = 0;
  virtual Dims getPostPadding() const noexcept = 0;

  /// The rule of the extents; kEXPLICIT_ROUND_DOWN until set.
  virtual void setPaddingMode(PaddingMode paddingMode) noexcept = 0;
  virtual PaddingMode getPaddingMode() const noexcept = 0;

  /// Share of the average in kMAX_AVERAGE_BLEND; 0 until set.
  virtual void setBlendFactor(float blendFactor) noexcept = 0;
  virtual float getBlendFactor() const noexcept = 0;

  /// Whether an average divides by the elements of x in the window (true, until set) or by the volume of the window. An average
  /// over padding only is 0.
  virtual void setAverageCountExcludesPadding(bool exclusive) noexcept = 0;
  virtual bool getAverageCountExcludesPadding() const noexcept = 0;

  /// The same for two dimensions (gone in 10). A getter asked in three dimensions returns the first two.
  RONDO_DEPRECATED virtual void setWindowSize(DimsHW windowSize) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getWindowSize() const noexcept = 0;
  RONDO_DEPRECATED virtual void setStride(DimsHW stride) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getStride() const noexcept = 0;
  RONDO_DEPRECATED virtual void setPadding(DimsHW padding) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getPadding() const noexcept = 0;
};

/// Puts zeros around the last two dimensions, or cuts elements off where the padding is negative.
/// Shapes    x [.., H, W] -> y [.., pre0 + H + post0, pre1 + W + post1]
/// Requires  (C1) rank(x) >= 2   (C2) two entries of padding   (C3) no extent becomes negative
class IPaddingLayer : public ILayer {
 public:
  /// In front.
  virtual void setPrePaddingNd(Dims const& padding) noexcept = 0;
  virtual Dims getPrePaddingNd() const noexcept = 0;

  /// Behind.
  virtual void setPostPaddingNd(Dims const& padding) noexcept = 0;
  virtual Dims getPostPaddingNd() const noexcept = 0;

  /// The same (gone in 10).
  RONDO_DEPRECATED virtual void setPrePadding(DimsHW padding) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getPrePadding() const noexcept = 0;
  RONDO_DEPRECATED virtual void setPostPadding(DimsHW padding) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getPostPadding() const noexcept = 0;
};

/// Divides by the response of neighbouring channels: x / (k + alpha / window * s)^beta, s the sum of squares of the window channels
/// around the element's own.
/// Shapes    x [N, C, H, W] or [N, C, D, H, W] -> y [same]
/// Requires  (C1) rank(x) is 4 or 5   (C2) window odd, 1 .. 15   (C3) floating-point   (C4) alpha, beta and k finite
class ILRNLayer : public ILayer {
 public:
  /// Number of channels.
  virtual void setWindowSize(int64_t windowSize) noexcept = 0;
  virtual int64_t getWindowSize() const noexcept = 0;

  /// The factor.
  virtual void setAlpha(float alpha) noexcept = 0;
  virtual float getAlpha() const noexcept = 0;

  /// The exponent.
  virtual void setBeta(float beta) noexcept = 0;
  virtual float getBeta() const noexcept = 0;

  /// The addend.
  virtual void setK(float k) noexcept = 0;
  virtual float getK() const noexcept = 0;
};

}  // namespace rondo
