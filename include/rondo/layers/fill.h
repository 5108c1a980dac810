/// The layer that makes values: evenly spaced or random ones.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// What a fill makes.
enum class FillOperation : int32_t {
  kLINSPACE = 0,        ///< alpha + sum of beta[i] * index i
  kRANDOM_UNIFORM = 1,  ///< on [alpha, beta)
  kRANDOM_NORMAL = 2    ///< mean alpha, standard deviation beta
};

template <>
constexpr int32_t EnumMax<FillOperation>() noexcept {
  return 3;
}

/// Makes values. Random ones come from a counter-based generator (docs/ops/structured/fill.md) whose seed is the layer's
/// name: the same plan gives the same numbers in every run, and each iteration of a loop, if an input comes from there, numbers of its own.
/// A linspace is computed in the type of alpha and beta where that is int32 or int64, else in float, then cast.
/// Shapes    -> y [dimensions]
/// Inputs    0 dimensions (1-D shape tensor), 1 alpha (0-D), 2 beta (linspace: 1-D, one per dimension; random: 0-D), 3 (Rondo) the stream that
///           random numbers are drawn from (0-D int64), in place of the iteration's; all optional: 0 to 2 replace the static value
/// Requires  (C5) the output is a float type, for a linspace also int32 or int64   static alpha and beta: a linspace is 1-D
class IFillLayer : public ILayer {
 public:
  /// The shape; rank -1 where input 0 gives it.
  /// Errors    kINVALID_ARGUMENT if the rank is outside -1 .. 8; extents are checked by the build
  virtual void setDimensions(Dims const& dimensions) noexcept = 0;

  /// Returns the shape.
  virtual Dims getDimensions() const noexcept = 0;

  /// What is made.
  /// Errors    kINVALID_ARGUMENT if there is no such operation
  virtual void setOperation(FillOperation op) noexcept = 0;

  /// Returns the operation.
  virtual FillOperation getOperation() const noexcept = 0;

  /// The first parameter: start, lower bound or mean; 0 until set, and read back as -1 where input 1 gives it.
  virtual void setAlpha(double alpha) noexcept = 0;

  /// Returns the first parameter, rounded if it was set as a large integer.
  virtual double getAlpha() const noexcept = 0;

  /// The second parameter: step, upper bound or deviation; 1 until set, and read back as -1 where input 2 gives it.
  virtual void setBeta(double beta) noexcept = 0;

  /// Returns the second parameter, likewise.
  virtual double getBeta() const noexcept = 0;

  /// The parameters of an integer linspace, exact over the whole range. Whichever was set last, real or integer, counts.
  virtual void setAlphaInt64(int64_t alpha) noexcept = 0;

  /// Returns the first parameter, truncated if it was set as a real.
  virtual int64_t getAlphaInt64() const noexcept = 0;

  /// The second parameter, and what it is, likewise.
  virtual void setBetaInt64(int64_t beta) noexcept = 0;
  virtual int64_t getBetaInt64() const noexcept = 0;

  /// Tells whether both parameters were set as integers, which makes a linspace of static parameters int64 where no type
  /// is asked for.
  virtual bool isAlphaBetaInt64() const noexcept = 0;

  /// The type of the output. Without it, and without one given to addFill, it is that of input 1 or 2, else kFLOAT.
  /// Errors    kINVALID_ARGUMENT for types this version does not compute with
  virtual void setToType(DataType toType) noexcept = 0;

  /// Returns the type asked for, kFLOAT until set.
  virtual DataType getToType() const noexcept = 0;
};

}  // namespace rondo
