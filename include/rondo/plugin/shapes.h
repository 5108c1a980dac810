/// How a plugin says the shapes of its outputs: expressions over the extents of its inputs.
#pragma once

#include "rondo/plugin/types.h"

namespace rondo {

/// Operation of IExprBuilder. Divisions round toward minus and plus infinity; comparisons give 1 or 0.
enum class DimensionOperation : int32_t {
  kSUM = 0,   ///< a + b
  kPROD = 1,  ///< a b
  kMAX = 2,   ///< the larger
  kMIN = 3,   ///< the smaller
  kSUB = 4,
  kEQUAL = 5,
  kLESS = 6,
  kFLOOR_DIV = 7,
  kCEIL_DIV = 8
};

template <>
constexpr int32_t EnumMax<DimensionOperation>() noexcept {
  return 9;
}

/// An extent, or a number computed from extents.
/// Memory    owned by the builder of expressions that made it; valid during the call that it was made in
class IDimensionExpr {
 public:
  /// Tells whether the build knows the value.
  virtual bool isConstant() const noexcept = 0;

  /// The value of a constant; INT64_MIN for anything else.
  virtual int64_t getConstantValue() const noexcept = 0;

  /// Tells whether declareSizeTensor made it.
  virtual bool isSizeTensor() const noexcept { return false; }

 protected:
  IDimensionExpr() = default;
  virtual ~IDimensionExpr() noexcept = default;
};

/// Makes expressions.
/// Memory    owned by the library; valid during the call that hands it to the plugin
class IExprBuilder {
 public:
  /// An expression of a known value.
  virtual IDimensionExpr const* constant(int64_t value) noexcept = 0;

  /// first op second.
  /// Errors    null if an operand is null, a divisor is the constant 0, or a constant leaves 64 bits
  virtual IDimensionExpr const* operation(DimensionOperation op, IDimensionExpr const& first,
                                          IDimensionExpr const& second) noexcept = 0;

  /// An extent that only enqueue knows, for IPluginV3OneBuild::getOutputShapes. enqueue writes its value to output
  /// outputIndex, which is 0-D, kINT32 or kINT64, and writes the elements of the outputs that have this extent without gaps.
  /// opt is the value to expect, upper the largest: memory is reserved for it.
  /// Errors    null if outputIndex is out of range or declared before
  virtual IDimensionExpr const* declareSizeTensor(int32_t outputIndex, IDimensionExpr const& opt,
                                                  IDimensionExpr const& upper) noexcept = 0;

 protected:
  IExprBuilder() = default;
  virtual ~IExprBuilder() noexcept = default;
};

/// A shape of expressions.
class DimsExprs {
 public:
  int32_t nbDims;                           ///< rank
  IDimensionExpr const* d[Dims::MAX_DIMS];  ///< extents
};

}  // namespace rondo
