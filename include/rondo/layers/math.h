/// Layers that combine elements along dimensions: matrix multiply, fully connected, reduce, softmax and top-k.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// How a matrix multiply reads an operand.
enum class MatrixOperation : int32_t {
  kNONE = 0,       ///< the last two dimensions are a matrix
  kTRANSPOSE = 1,  ///< the last two dimensions are a matrix, transposed
  kVECTOR = 2      ///< the last dimension is a vector: a row on the left, a column on the right
};

template <>
constexpr int32_t EnumMax<MatrixOperation>() noexcept {
  return 3;
}

/// Multiplies matrices, or matrix and vector, for each index of the leading dimensions.
/// Shapes    a [N.., M, K], b [N.., K, P] -> y [N.., M, P]; kVECTOR leaves out M or P; [K] x [P, K]^T -> [P]
/// Requires  (C1) the leading dimensions agree in number   (C2) each pair is equal or one is 1   (C3) K agrees
///           (C4) equal types
class IMatrixMultiplyLayer : public ILayer {
 public:
  /// Reading of operand index, 0 or 1.
  virtual void setOperation(int32_t index, MatrixOperation op) noexcept = 0;
  virtual MatrixOperation getOperation(int32_t index) const noexcept = 0;
};

/// Multiplies the last three dimensions, flattened, by a matrix (gone in 10).
/// Shapes    x [N.., C, H, W], kernel [outputs, C H W] row-major, bias [outputs] or empty -> y [N.., outputs, 1, 1]
/// Requires  (C1) rank(x) >= 3   (C2) count(kernel) == outputs * C * H * W   (C3) count(bias) is 0 or outputs
class IFullyConnectedLayer : public ILayer {
 public:
  /// Number of outputs per sample.
  virtual void setNbOutputChannels(int32_t nbOutputs) noexcept = 0;
  virtual int32_t getNbOutputChannels() const noexcept = 0;

  /// The matrix.
  virtual void setKernelWeights(Weights weights) noexcept = 0;
  virtual Weights getKernelWeights() const noexcept = 0;

  /// The addend.
  virtual void setBiasWeights(Weights weights) noexcept = 0;
  virtual Weights getBiasWeights() const noexcept = 0;
};

/// Operation of a reduction, and its value over no elements.
enum class ReduceOperation : int32_t {
  kSUM = 0,   ///< 0
  kPROD = 1,  ///< 1
  kMAX = 2,   ///< -infinity, or the least integer
  kMIN = 3,   ///< +infinity, or the largest integer
  kAVG = 4,   ///< NaN, or 0 for integers
  kNONE = 5   ///< for collectives only
};

template <>
constexpr int32_t EnumMax<ReduceOperation>() noexcept {
  return 6;
}

/// Folds dimensions.
/// Shapes    x [any] -> y without the folded dimensions, or with extent 1 in their place
/// Requires  (C1) at least one axis bit, all below rank(x)
class IReduceLayer : public ILayer {
 public:
  /// The operation.
  virtual void setOperation(ReduceOperation op) noexcept = 0;
  virtual ReduceOperation getOperation() const noexcept = 0;

  /// The folded dimensions: bit i stands for dimension i.
  virtual void setReduceAxes(uint32_t reduceAxes) noexcept = 0;
  virtual uint32_t getReduceAxes() const noexcept = 0;

  /// Whether folded dimensions stay with extent 1.
  virtual void setKeepDimensions(bool keepDimensions) noexcept = 0;
  virtual bool getKeepDimensions() const noexcept = 0;
};

/// Computes exp(x - max) / sum along one dimension. Shapes x [any] -> y [same]
/// Requires  (C1) exactly one axis bit, below rank(x)
class ISoftMaxLayer : public ILayer {
 public:
  /// The dimension as a mask with one bit; dimension max(0, rank - 3) until set.
  virtual void setAxes(uint32_t axes) noexcept = 0;
  virtual uint32_t getAxes() const noexcept = 0;
};

/// Computes a softmax over the first elements of each row, zeros behind them.
/// Shapes    x [.., Z, S], bounds [.., Z, 1] int32 or int64, how many elements of each row count -> y as x
/// Requires  (C1) equal ranks of at least 2   (C2) extents as above   (C3) x floating-point   (C4) bounds int32 or int64
class IRaggedSoftMaxLayer : public ILayer {};

/// Which end of the order a top-k takes.
enum class TopKOperation : int32_t {
  kMAX = 0,  ///< the largest, in descending order
  kMIN = 1   ///< the smallest, in ascending order
};

template <>
constexpr int32_t EnumMax<TopKOperation>() noexcept {
  return 2;
}

/// Finds the k extreme elements along one dimension; of equal elements the lower index comes first.
/// Shapes    x [.., n, ..] -> values [.., k, ..], indices int32 or int64 of the same shape
/// Requires  (C1) exactly one axis bit, below rank(x)   (C2) 1 <= k <= 3840   (C3) k <= n   (C4) input 1, if set, is a
///           0-D int32 or int64 tensor that gives k
class ITopKLayer : public ILayer {
 public:
  /// The end of the order.
  virtual void setOperation(TopKOperation op) noexcept = 0;
  virtual TopKOperation getOperation() const noexcept = 0;

  /// How many elements; without effect where input 1 is set.
  virtual void setK(int32_t k) noexcept = 0;
  virtual int32_t getK() const noexcept = 0;

  /// The dimension as a mask with one bit.
  virtual void setReduceAxes(uint32_t reduceAxes) noexcept = 0;
  virtual uint32_t getReduceAxes() const noexcept = 0;

  /// Type of the indices: kINT32 until set, or kINT64.
  virtual bool setIndicesType(DataType type) noexcept = 0;
  virtual DataType getIndicesType() const noexcept = 0;
};

}  // namespace rondo
