/// INT8 calibrators: how programs of TensorRT 4 to 10 supply the data that int8 ranges are measured on (gone in 11).
///
/// A build with BuilderFlag::kINT8 asks the calibrator in this order: getAlgorithm, getBatchSize, readCalibrationCache; where there is no
/// cache of this algorithm, getBatch until it answers false, while the network runs in fp32 at the kOPT shapes of the calibration
/// profile (or of the first one) and every float tensor outside of loops is observed; then writeCalibrationCache. Convolutions,
/// fully connected layers and matrix products then run on inputs and weights rounded to 8 bits at these scales; they compute in fp32.
/// Methods that a user overrides carry no `noexcept`, so that overriders with and without it compile. What they throw fails the build.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// How ranges follow from observed values.
enum class CalibrationAlgoType : int32_t {
  kLEGACY_CALIBRATION = 0,     ///< a percentile
  kENTROPY_CALIBRATION = 1,    ///< least divergence of histograms
  kENTROPY_CALIBRATION_2 = 2,  ///< the same, per tensor; the usual one
  kMINMAX_CALIBRATION = 3      ///< smallest and largest value
};

template <>
constexpr int32_t EnumMax<CalibrationAlgoType>() noexcept {
  return 4;
}

/// Settings of calibration, bits of QuantizationFlags.
enum class QuantizationFlag : int32_t { kCALIBRATE_BEFORE_FUSION = 0 };

template <>
constexpr int32_t EnumMax<QuantizationFlag>() noexcept {
  return 1;
}

/// Mask of QuantizationFlag bits.
using QuantizationFlags = uint32_t;

/// Base of the four calibrators.
/// Memory    referenced by the configuration; must outlive the build
class IInt8Calibrator {
 public:
  IInt8Calibrator() = default;
  virtual ~IInt8Calibrator() = default;

  /// Returns the batch size of getBatch, at least 1. With explicit batch the shapes are the profile's, whatever it says.
  virtual int32_t getBatchSize() const = 0;

  /// Puts the address of the next batch of input names[i], at the shape above, into bindings[i]. False at the end of the data.
  virtual bool getBatch(void* bindings[], char const* names[], int32_t nbBindings) = 0;

  /// Returns a cache written before and its length in bytes, or null.
  virtual void const* readCalibrationCache(std::size_t& length) = 0;

  /// Receives the cache: text, one line a tensor, `name: <8 hex digits>` of the float32 scale.
  virtual void writeCalibrationCache(void const* ptr, std::size_t length) = 0;

  /// Returns the method; the four classes below answer for themselves.
  virtual CalibrationAlgoType getAlgorithm() = 0;
};

/// kENTROPY_CALIBRATION.
class IInt8EntropyCalibrator : public IInt8Calibrator {
 public:
  CalibrationAlgoType getAlgorithm() override { return CalibrationAlgoType::kENTROPY_CALIBRATION; }
};

/// kENTROPY_CALIBRATION_2.
class IInt8EntropyCalibrator2 : public IInt8Calibrator {
 public:
  CalibrationAlgoType getAlgorithm() override { return CalibrationAlgoType::kENTROPY_CALIBRATION_2; }
};

/// kMINMAX_CALIBRATION.
class IInt8MinMaxCalibrator : public IInt8Calibrator {
 public:
  CalibrationAlgoType getAlgorithm() override { return CalibrationAlgoType::kMINMAX_CALIBRATION; }
};

/// kLEGACY_CALIBRATION.
class IInt8LegacyCalibrator : public IInt8Calibrator {
 public:
  CalibrationAlgoType getAlgorithm() override { return CalibrationAlgoType::kLEGACY_CALIBRATION; }

  /// Returns the share of values inside the range, 0 to 1.
  virtual double getQuantile() const = 0;

  /// Returns the share of the largest value, 0 to 1, that no range exceeds.
  virtual double getRegressionCutoff() const = 0;

  /// The same as the calibration cache, for histograms.
  virtual void const* readHistogramCache(std::size_t& length) = 0;
  virtual void writeHistogramCache(void const* ptr, std::size_t length) = 0;
};

}  // namespace rondo
