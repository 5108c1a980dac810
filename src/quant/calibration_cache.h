#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quant/scale_search.h"

namespace rondo::quant {

/// Scales by tensor name, in the order of the network.
using NamedScales = std::vector<std::pair<std::string, float>>;

/// What a calibration cache holds.
struct CalibrationCache {
  Method method = Method::kEntropy2;
  PercentileParameters parameters;  ///< kPercentile: scales of other parameters are other scales
  NamedScales scales;
};

/// TensorRT's calibration cache: text, a line `TRT-<version>-<method>`, then `<tensor>: <8 hex digits>` for each tensor, the bits of its
/// float32 scale with the most significant digit first. Of kPercentile the first line is `0 <cutoff> <quantile>`, bits of float64.
std::string write_cache(int32_t version, const CalibrationCache& cache);

/// The same back, of any version.
/// Gives     none for text that is no cache, with *error naming the line
std::optional<CalibrationCache> read_cache(std::string_view text, std::string* error);

/// "EntropyCalibration2"
const char* method_name(Method method);

}  // namespace rondo::quant
