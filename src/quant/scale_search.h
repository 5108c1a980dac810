#pragma once

#include <cstdint>

#include "quant/histogram.h"

namespace rondo::quant {

/// How a range follows from observed magnitudes; the numbers are those of TensorRT's CalibrationAlgoType.
enum class Method : int32_t {
  kPercentile = 0,  ///< TensorRT's legacy calibration
  kEntropy = 1,
  kEntropy2 = 2,  ///< the same search as kEntropy; TensorRT's differ in where they observe
  kMinMax = 3,
};

/// Parameters of kPercentile.
struct PercentileParameters {
  double quantile = 0.9999;  ///< share of the values that stay inside of the range, 0 to 1
  double cutoff = 1;         ///< share of the largest magnitude that the range does not exceed, 0 to 1
};

/// Computes the largest magnitude that 8-bit integers represent, above 0; larger ones saturate.
/// Source    kEntropy: S. Migacz, 8-bit Inference with TensorRT, GTC 2017: least Kullback-Leibler divergence of the histogram, clipped
///           there, and its image on 128 levels
double range_of(const Histogram& histogram, Method method, const PercentileParameters& parameters = {});

/// Real value per integer step of a tensor: range / 127.
float scale_of(const Histogram& histogram, Method method, const PercentileParameters& parameters = {});

}  // namespace rondo::quant
