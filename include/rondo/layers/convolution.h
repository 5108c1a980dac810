// reason: convolution and its transpose have the same parameters, each in two generations of spelling.
/// Convolution, its transpose, and the rules of padding that they share with pooling.
#pragma once

#include "rondo/layer.h"
#include "rondo/legacy_dims.h"

namespace rondo {

/// How padding and rounding decide an extent. With I elements, stride S, padding B in front and A behind, and a window that
/// spans D = 1 + dilation * (window - 1) elements, convolution and pooling give
enum class PaddingMode : int32_t {
  kEXPLICIT_ROUND_DOWN = 0,                ///< floor((I + B + A - D) / S) + 1
  kEXPLICIT_ROUND_UP = 1,                  ///< ceil((I + B + A - D) / S) + 1
  kSAME_UPPER = 2,                         ///< ceil(I / S); padding as needed, the odd element behind
  kSAME_LOWER = 3,                         ///< ceil(I / S); padding as needed, the odd element in front
  kCAFFE_ROUND_DOWN RONDO_DEPRECATED = 4,  ///< rounded down, with Caffe's rules (gone in 10)
  kCAFFE_ROUND_UP RONDO_DEPRECATED = 5     ///< rounded up, with Caffe's rules (gone in 10)
};

// Caffe's rules: a convolution pads behind as in front; a pooling drops a last window that starts at I + B or beyond.
// A deconvolution gives (I - 1) S + D - (B + A), with max(0, D - S) for B + A in the SAME modes.

template <>
constexpr int32_t EnumMax<PaddingMode>() noexcept {
  return 6;
}

/// Cross-correlates in two or three dimensions.
/// Shapes    x [N, C, spatial..], kernel [K, C/G, kernel..] row-major, bias [K] or empty -> y [N, K, out..]
/// Inputs    1 the kernel, 2 the bias as tensors; the matching weights must be empty then
/// Requires  (C1) rank(x) = 2 + number of kernel extents, 2 or 3   (C2) as many strides, paddings and dilations   (C3) kernel,
///           strides, dilations >= 1, paddings >= 0   (C5) G divides C and K   (C6) K * C/G * kernel.. weights   (C7) 0 or K
///           biases   (C8) one floating-point type   (C9) the kernel fits into the padded input
class IConvolutionLayer : public ILayer {
 public:
  /// Extents of the kernel.
  virtual void setKernelSizeNd(Dims const& kernelSize) noexcept = 0;
  virtual Dims getKernelSizeNd() const noexcept = 0;

  /// K, the number of output maps.
  virtual void setNbOutputMaps(int64_t nbOutputMaps) noexcept = 0;
  virtual int64_t getNbOutputMaps() const noexcept = 0;

  /// G: maps see only the channels of their group.
  virtual void setNbGroups(int64_t nbGroups) noexcept = 0;
  virtual int64_t getNbGroups() const noexcept = 0;

  /// Distance between neighbouring positions of the kernel; 1 until set.
  virtual void setStrideNd(Dims const& stride) noexcept = 0;
  virtual Dims getStrideNd() const noexcept = 0;

  /// Distance between neighbouring elements of the kernel; 1 until set.
  virtual void setDilationNd(Dims const& dilation) noexcept = 0;
  virtual Dims getDilationNd() const noexcept = 0;

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

  /// The kernel; empty where input 1 gives it.
  virtual void setKernelWeights(Weights weights) noexcept = 0;
  virtual Weights getKernelWeights() const noexcept = 0;

  /// One addend per map; empty for none, or where input 2 gives it.
  virtual void setBiasWeights(Weights weights) noexcept = 0;
  virtual Weights getBiasWeights() const noexcept = 0;

  /// The same for two dimensions (gone in 10). A getter asked in three dimensions returns the first two.
  RONDO_DEPRECATED virtual void setKernelSize(DimsHW kernelSize) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getKernelSize() const noexcept = 0;
  RONDO_DEPRECATED virtual void setStride(DimsHW stride) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getStride() const noexcept = 0;
  RONDO_DEPRECATED virtual void setPadding(DimsHW padding) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getPadding() const noexcept = 0;
  RONDO_DEPRECATED virtual void setDilation(DimsHW dilation) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getDilation() const noexcept = 0;
};

/// Transposes a convolution: every element of x adds its multiple of the kernel to y, stride elements further than its neighbour;
/// padding is cut off the borders of y.
/// Shapes    x [N, C, spatial..], kernel [C, K/G, kernel..] row-major, bias [K] or empty -> y [N, K, out..]
/// Inputs    1 the kernel, 2 the bias as tensors; the matching weights must be empty then
/// Requires  (C1) .. (C8) as a convolution, with C * K/G * kernel.. weights   (C9) padding leaves something of y
class IDeconvolutionLayer : public ILayer {
 public:
  /// Extents of the kernel.
  virtual void setKernelSizeNd(Dims const& kernelSize) noexcept = 0;
  virtual Dims getKernelSizeNd() const noexcept = 0;

  /// K, the number of output maps.
  virtual void setNbOutputMaps(int64_t nbOutputMaps) noexcept = 0;
  virtual int64_t getNbOutputMaps() const noexcept = 0;

  /// G: maps see only the channels of their group.
  virtual void setNbGroups(int64_t nbGroups) noexcept = 0;
  virtual int64_t getNbGroups() const noexcept = 0;

  /// Distance in y between the kernels of neighbouring elements; 1 until set.
  virtual void setStrideNd(Dims const& stride) noexcept = 0;
  virtual Dims getStrideNd() const noexcept = 0;

  /// Distance between neighbouring elements of the kernel; 1 until set.
  virtual void setDilationNd(Dims const& dilation) noexcept = 0;
  virtual Dims getDilationNd() const noexcept = 0;

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

  /// The kernel; empty where input 1 gives it.
  virtual void setKernelWeights(Weights weights) noexcept = 0;
  virtual Weights getKernelWeights() const noexcept = 0;

  /// One addend per map; empty for none, or where input 2 gives it.
  virtual void setBiasWeights(Weights weights) noexcept = 0;
  virtual Weights getBiasWeights() const noexcept = 0;

  /// The same for two dimensions (gone in 10). A getter asked in three dimensions returns the first two.
  RONDO_DEPRECATED virtual void setKernelSize(DimsHW kernelSize) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getKernelSize() const noexcept = 0;
  RONDO_DEPRECATED virtual void setStride(DimsHW stride) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getStride() const noexcept = 0;
  RONDO_DEPRECATED virtual void setPadding(DimsHW padding) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getPadding() const noexcept = 0;
  RONDO_DEPRECATED virtual void setDilation(DimsHW dilation) noexcept = 0;
  RONDO_DEPRECATED virtual DimsHW getDilation() const noexcept = 0;
};

}  // namespace rondo
