/// IOptimizationProfile: the range of run-time shapes that a plan is built for.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Which value of a range.
enum class OptProfileSelector : int32_t {
  kMIN = 0,  ///< the smallest
  kOPT = 1,  ///< the one to optimize for
  kMAX = 2   ///< the largest
};

template <>
constexpr int32_t EnumMax<OptProfileSelector>() noexcept {
  return 3;
}

/// Ranges for all dynamic inputs of a network; an engine may have several profiles.
/// Memory    owned by the builder that made it
/// Requires  (C1) all three values for every input with a -1 in its shape   (C2) min <= opt <= max in each dimension
///           (C3) static dimensions repeat the network's   (C4) shape tensors: all three value lists, same length
class IOptimizationProfile : public INoCopy {
 public:
  /// Sets one shape of an input.
  /// Errors    kINVALID_ARGUMENT, false, if the name is null, an extent is negative or C2 breaks against values set before
  virtual bool setDimensions(char const* inputName, OptProfileSelector select, Dims const& dims) noexcept = 0;

  /// Returns a shape set before; rank -1 if there is none.
  virtual Dims getDimensions(char const* inputName, OptProfileSelector select) const noexcept = 0;

  /// Sets the values of an input that is a shape tensor.
  /// Memory    values are copied
  /// Errors    kINVALID_ARGUMENT, false, if C2 or C4 breaks against values set before
  RONDO_DEPRECATED virtual bool setShapeValues(char const* inputName, OptProfileSelector select, int32_t const* values,
                                               int32_t nbValues) noexcept = 0;

  /// Returns how many values are set per list; -1 if none.
  virtual int32_t getNbShapeValues(char const* inputName) const noexcept = 0;

  /// Returns values set before, or null.
  /// Memory    valid until the values of this input change
  RONDO_DEPRECATED virtual int32_t const* getShapeValues(char const* inputName,
                                                         OptProfileSelector select) const noexcept = 0;

  /// Same as setShapeValues, in 64 bits (10.11).
  virtual bool setShapeValuesV2(char const* inputName, OptProfileSelector select, int64_t const* values,
                                int32_t nbValues) noexcept = 0;

  /// Same as getShapeValues, in 64 bits (10.11).
  virtual int64_t const* getShapeValuesV2(char const* inputName, OptProfileSelector select) const noexcept = 0;

  /// Sets how much extra memory the profile may use, 0 .. 1 of what is left; a hint.
  /// Errors    kINVALID_ARGUMENT, false, outside 0 .. 1
  virtual bool setExtraMemoryTarget(float target) noexcept = 0;
  virtual float getExtraMemoryTarget() const noexcept = 0;

  /// Tells whether C1, C2 and C4 hold for all inputs named so far. C3 is checked by the build.
  virtual bool isValid() const noexcept = 0;

 protected:
  ~IOptimizationProfile() noexcept override = default;
};

}  // namespace rondo
