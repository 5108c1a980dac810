/// Layers that make, move or describe data without arithmetic: constant, shuffle, slice, shape, concatenation, gather.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Yields constant data.
/// Requires  (C1) volume(dimensions) == count(weights), no extent negative
class IConstantLayer : public ILayer {
 public:
  /// The data.
  virtual void setWeights(Weights weights) noexcept = 0;
  virtual Weights getWeights() const noexcept = 0;

  /// The shape.
  virtual void setDimensions(Dims const& dimensions) noexcept = 0;
  virtual Dims getDimensions() const noexcept = 0;
};

/// Transposes, then reshapes, then transposes again.
/// Shapes    x [any] -> y of equal volume
/// Requires  (C1) a transpose is a permutation of 0 .. rank - 1   (C2) at most one -1 among the reshape dimensions
///           (C3) equal volumes   (C4) input 1, if set, is a 1-D int32 or int64 tensor with the reshape dimensions
class IShuffleLayer : public ILayer {
 public:
  /// The transpose before the reshape; the identity until set.
  virtual void setFirstTranspose(Permutation permutation) noexcept = 0;
  virtual Permutation getFirstTranspose() const noexcept = 0;

  /// The dimensions after the reshape: 0 copies the extent at that index (see setZeroIsPlaceholder), one -1 is inferred.
  /// Unset, or replaced by input 1, they read back with rank -1.
  virtual void setReshapeDimensions(Dims const& dimensions) noexcept = 0;
  virtual Dims getReshapeDimensions() const noexcept = 0;

  /// The transpose after the reshape; the identity until set.
  virtual void setSecondTranspose(Permutation permutation) noexcept = 0;
  virtual Permutation getSecondTranspose() const noexcept = 0;

  /// Whether 0 in the reshape dimensions copies an extent (the default) or means no elements.
  virtual void setZeroIsPlaceholder(bool zeroIsPlaceholder) noexcept = 0;
  virtual bool getZeroIsPlaceholder() const noexcept = 0;
};

/// What a slice or sampling reads beyond the edge.
enum class SampleMode : int32_t {
  kSTRICT_BOUNDS = 0,  ///< an error
  kWRAP = 1,           ///< the index modulo the extent
  kCLAMP = 2,          ///< the edge element
  kFILL = 3,           ///< the fill value, 0 without one
  kREFLECT = 4,        ///< mirrored, the edge element not repeated
  kDEFAULT RONDO_DEPRECATED = kSTRICT_BOUNDS
};

/// Name of SampleMode before 8.5.
using SliceMode = SampleMode;

template <>
constexpr int32_t EnumMax<SampleMode>() noexcept {
  return 5;
}

/// Takes elements at regular steps: y[i] = x[start + i * stride].
/// Shapes    x [any] -> y [size]; strides of any sign, 0 repeats
/// Requires  (C1) start, size and stride have rank(x) elements, or one per axis where axes are given
///           (C2) no size negative   (C3) kSTRICT_BOUNDS: every index inside x
/// Inputs    1 start, 2 size, 3 stride (each 1-D int32 or int64, replacing the static one; values that only the run knows are
///           read then), 4 fill value (0-D), 5 axes (constants; negative ones count from the end)
class ISliceLayer : public ILayer {
 public:
  /// The first index; rank -1 where input 1 gives it. Size and stride likewise.
  virtual void setStart(Dims const& start) noexcept = 0;
  virtual Dims getStart() const noexcept = 0;

  /// The extents of the output.
  virtual void setSize(Dims const& size) noexcept = 0;
  virtual Dims getSize() const noexcept = 0;

  /// The steps.
  virtual void setStride(Dims const& stride) noexcept = 0;
  virtual Dims getStride() const noexcept = 0;

  /// What lies beyond the edge; kSTRICT_BOUNDS until set.
  virtual void setMode(SampleMode mode) noexcept = 0;
  virtual SampleMode getMode() const noexcept = 0;

  /// The dimensions that start, size and stride speak of; all in order until set (rank -1).
  virtual void setAxes(Dims const& axes) noexcept = 0;
  virtual Dims getAxes() const noexcept = 0;
};

/// Yields the extents of its input.
/// Shapes    x [d0 .. dn-1] -> y [n], int32; int64 in a strongly typed network, as in the generations that have only those
class IShapeLayer : public ILayer {};

/// Joins tensors along one dimension.
/// Requires  (C1) equal ranks and types   (C2) axis inside the rank   (C3) all other extents equal
class IConcatenationLayer : public ILayer {
 public:
  /// The dimension; max(0, rank - 3) until set.
  virtual void setAxis(int32_t axis) noexcept = 0;
  virtual int32_t getAxis() const noexcept = 0;
};

/// How a gather reads its indices.
enum class GatherMode : int32_t {
  kDEFAULT = 0,  ///< whole slices along one axis
  kELEMENT = 1,  ///< single elements: y[i, j] = x[index[i, j], j] along the axis
  kND = 2        ///< the last dimension of the indices is a coordinate
};

template <>
constexpr int32_t EnumMax<GatherMode>() noexcept {
  return 3;
}

/// Picks data by index. An index outside the data reads 0.
/// Shapes    with e = nbElementWiseDims, x of rank r, index of rank q:
///           kDEFAULT rank r + q - 1 - e; kELEMENT the shape of index; kND rank r + q - 1 - index.d[q - 1] - e
/// Requires  (C1) index is int32 or int64   (C2) axis inside the rank, and >= e   (C3) the first e extents broadcast
class IGatherLayer : public ILayer {
 public:
  /// The dimension of kDEFAULT and kELEMENT; 0 until set.
  virtual void setGatherAxis(int32_t axis) noexcept = 0;
  virtual int32_t getGatherAxis() const noexcept = 0;

  /// Number of leading dimensions that data and indices share, 0 or 1 (any number for kND).
  virtual void setNbElementWiseDims(int32_t k) noexcept = 0;
  virtual int32_t getNbElementWiseDims() const noexcept = 0;

  /// The reading of the indices.
  virtual void setMode(GatherMode mode) noexcept = 0;
  virtual GatherMode getMode() const noexcept = 0;
};

}  // namespace rondo
