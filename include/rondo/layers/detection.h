/// Layers whose output length the data decide: non-maximum suppression and non-zero.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// How four numbers describe a box.
enum class BoundingBoxFormat : int32_t {
  kCORNER_PAIRS = 0,  ///< (x1, y1, x2, y2): two opposite corners, in either order
  kCENTER_SIZES = 1   ///< (x, y, width, height): the centre and the sizes
};

template <>
constexpr int32_t EnumMax<BoundingBoxFormat>() noexcept {
  return 2;
}

/// Selects boxes by score, leaving out those that overlap a better one of their class.
///
/// Per batch item the boxes whose score exceeds the threshold are ordered by score, whatever their class, and the first
/// getTopKBoxLimit() are considered. A box is selected unless its intersection over union with a selected box of its class
/// exceeds the IoU threshold, or its class has enough boxes. Of equal scores the lower class, then the lower box comes first.
/// Shapes    boxes [B, N, 4] or, per class, [B, N, C, 4]; scores [B, N, C] -> selected [m, 3] of (batch, class, box), ordered
///           by batch, class and descending score; m as a 0-D int32. m is known only when the network has run.
/// Requires  (C1) the shapes above   (C2) boxes and scores of one floating-point type   (C3) thresholds 0-D floating-point
///           (C4) enumerators, limit at least 1   (C5) input 2 has one element
/// Inputs    2 the most boxes per batch item and class (0-D int32 or int64), 3 the IoU threshold and 4 the score threshold
///           (0-D float, 0 until set)
class INMSLayer : public ILayer {
 public:
  /// The meaning of the four numbers; kCORNER_PAIRS until set.
  virtual void setBoundingBoxFormat(BoundingBoxFormat fmt) noexcept = 0;
  virtual BoundingBoxFormat getBoundingBoxFormat() const noexcept = 0;

  /// How many boxes are considered per batch item; 5000 until set. TensorRT takes no more, Rondo does.
  virtual void setTopKBoxLimit(int32_t limit) noexcept = 0;
  virtual int32_t getTopKBoxLimit() const noexcept = 0;

  /// Type of the selected indices: kINT32 until set, or kINT64.
  virtual bool setIndicesType(DataType type) noexcept = 0;
  virtual DataType getIndicesType() const noexcept = 0;
};

/// Finds the elements that are not zero.
/// Shapes    x [any of rank 1 or more] -> y [rank(x), n]: column i is the index of the i-th such element in row-major order.
///           n is known only when the network has run.
/// Types     x any
/// Requires  (C1) rank(x) >= 1   (C2) indices kINT32 or kINT64
class INonZeroLayer : public ILayer {
 public:
  /// Type of the indices: kINT32 until set, or kINT64.
  virtual bool setIndicesType(DataType type) noexcept = 0;
  virtual DataType getIndicesType() const noexcept = 0;
};

}  // namespace rondo
