/// INormalizationLayer: layer, group, instance and batch normalization.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Computes (x - mean) / sqrt(variance + epsilon) * scale + bias, with mean and biased variance over a set of dimensions.
///
/// Layer, instance and batch normalization differ in the set only: the last dimensions, the spatial ones, or batch and spatial
/// ones. More than one group splits the channels: each group of channels of a sample is normalized with its spatial dimensions.
/// The statistics are computed in float32, mean first, whatever the type of x.
/// Shapes    x [N, C, ..], scale and bias [1, C, 1..] or whatever broadcasts to x -> y [as x]
///           with G groups: scale and bias [1, G, 1..] from addNormalization, [1, C, 1..] from addNormalizationV2
/// Requires  (C1) at least one axis bit, all below rank(x)   (C2) float types   (C3) scale and bias have x's rank and extents
///           that are equal or 1   (C4) groups >= 1; above 1: axes are all dimensions behind the channels, and the groups divide
///           the channels   (C5) above 1: the shapes of scale and bias as given above
class INormalizationLayer : public ILayer {
 public:
  /// What is added to the variance; 1e-5 until set.
  /// Errors    kINVALID_ARGUMENT if it is negative or not finite
  virtual void setEpsilon(float eps) noexcept = 0;
  virtual float getEpsilon() const noexcept = 0;

  /// The normalized dimensions: bit i stands for dimension i.
  virtual void setAxes(uint32_t axesMask) noexcept = 0;
  virtual uint32_t getAxes() const noexcept = 0;

  /// Into how many groups the channels, dimension 1, are split; 1 until set.
  virtual void setNbGroups(int64_t nbGroups) noexcept = 0;
  virtual int64_t getNbGroups() const noexcept = 0;

  /// Type that a user asks the statistics to be computed in (gone in 11): kFLOAT until set, or kHALF. Rondo computes in
  /// float32 in both cases.
  RONDO_DEPRECATED virtual void setComputePrecision(DataType type) noexcept = 0;
  virtual DataType getComputePrecision() const noexcept = 0;

  /// True if addNormalizationV2 made the layer.
  virtual bool isV2() const noexcept = 0;
};

}  // namespace rondo
