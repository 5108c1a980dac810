/// Layers that write by index, count, or change places: scatter, one-hot, squeeze, unsqueeze, reverse sequence, cumulative.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// How a scatter reads its indices.
enum class ScatterMode : int32_t {
  kELEMENT = 0,  ///< single elements: y[index[i, j], j] = updates[i, j] along the axis
  kND = 1        ///< the last dimension of the indices is a coordinate; whole slices are written
};

template <>
constexpr int32_t EnumMax<ScatterMode>() noexcept {
  return 2;
}

/// Writes updates into a copy of data by index. An index outside the data drops its update; of several updates to one
/// place the last in row-major order stays.
/// Shapes    data of rank r, indices of rank q -> y as data
///           kELEMENT indices and updates of one shape, rank r; kND updates of shape indices.d[0 .. q-2] + data.d[k .. r-1] with
///           k = indices.d[q-1]
/// Requires  (C1) indices are int32 or int64   (C2) data and updates of one type   (C3) kELEMENT: axis inside the rank
class IScatterLayer : public ILayer {
 public:
  /// The reading of the indices.
  virtual void setMode(ScatterMode mode) noexcept = 0;

  /// Returns the reading of the indices.
  virtual ScatterMode getMode() const noexcept = 0;

  /// The dimension of kELEMENT; 0 until set.
  virtual void setAxis(int32_t axis) noexcept = 0;

  /// Returns the dimension.
  virtual int32_t getAxis() const noexcept = 0;
};

/// Turns indices into rows that are on at the index and off elsewhere; an index outside 0 .. depth - 1 leaves its row off.
/// Shapes    indices [any] int32 or int64, values [2] (off, on), depth [] -> y: a dimension of extent depth more
/// Inputs    0 indices, 1 values, 2 depth: a shape tensor
/// Requires  (C1) indices are int32 or int64   (C2) values have two elements   (C3) axis in -rank - 1 .. rank of indices
class IOneHotLayer : public ILayer {
 public:
  /// The place of the new dimension in the output; negative ones count from the end.
  virtual void setAxis(int32_t axis) noexcept = 0;

  /// Returns the dimension.
  virtual int32_t getAxis() const noexcept = 0;
};

/// Leaves dimensions of extent 1 out.
/// Inputs    0 x, 1 axes: constant 1-D int32 or int64; negative ones count from the end
/// Shapes    x [any] -> y: the other dimensions of x in order
/// Requires  (C1) axes inside the rank, each once   (C2) the extents there are 1
class ISqueezeLayer : public ILayer {};

/// Puts dimensions of extent 1 in.
/// Inputs    0 x, 1 axes: constant 1-D int32 or int64, places in the output; negative ones count from its end
/// Shapes    x [any] -> y: rank(x) plus the number of axes, at most 8
/// Requires  (C1) axes inside the rank of the output, each once
class IUnsqueezeLayer : public ILayer {};

/// Turns the first entries of each sequence of a batch around.
/// Shapes    x [any], lengths [batch] int32 or int64 -> y as x
/// Requires  (C2) both axes inside the rank   (C3) they differ   (C4) one length per batch entry
class IReverseSequenceLayer : public ILayer {
 public:
  /// The dimension of the batch; 1 until set.
  virtual void setBatchAxis(int32_t batchAxis) noexcept = 0;

  /// Returns the dimension of the batch.
  virtual int32_t getBatchAxis() const noexcept = 0;

  /// The dimension of the sequence; 0 until set.
  virtual void setSequenceAxis(int32_t sequenceAxis) noexcept = 0;

  /// Returns the dimension of the sequence.
  virtual int32_t getSequenceAxis() const noexcept = 0;
};

/// What a running total folds with.
enum class CumulativeOperation : int32_t {
  kSUM = 0  ///< addition
};

template <>
constexpr int32_t EnumMax<CumulativeOperation>() noexcept {
  return 1;
}

/// Running totals along a dimension.
/// Shapes    x [any] float, half, bfloat16, int32 or int64 -> y as x
/// Inputs    0 x, 1 axis: constant 0-D int32 or int64; negative ones count from the end
class ICumulativeLayer : public ILayer {
 public:
  /// What is folded with.
  virtual bool setOperation(CumulativeOperation op) noexcept = 0;

  /// Returns the operation.
  virtual CumulativeOperation getOperation() const noexcept = 0;

  /// Whether an element leaves itself out of its total.
  virtual void setExclusive(bool exclusive) noexcept = 0;

  /// Returns whether elements leave themselves out.
  virtual bool getExclusive() const noexcept = 0;

  /// Whether totals start at the end.
  virtual void setReverse(bool reverse) noexcept = 0;

  /// Returns whether totals start at the end.
  virtual bool getReverse() const noexcept = 0;
};

}  // namespace rondo
