// The search for a range.
//
// Rounding to 8 bits loses twice: a wide range makes steps coarse, a narrow one cuts off the outliers. Entropy
// calibration measures both as one number. For each candidate range, the first i bins of the histogram:
//
//   P   those bins, and everything beyond added to the last one: what saturation does to the values
//   Q   the bins without what was beyond, poured into 128 levels of i / 128 bins each and spread back evenly over the
//       bins of the level that are not empty: what the steps do to them
//
// and the candidate with the least KL(P || Q) = sum p log(p / q) wins, the narrowest of equals. Bin 0 holds exact zeros
// and what rounds to them at any scale, often most of a tensor behind a ReLU; it would outweigh everything else, so it
// is left out. A level's borders lie between bins where 128 does not divide i: bin b belongs to level b * 128 / i.

#include "quant/scale_search.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rondo::quant {

namespace {

constexpr size_t kBins = Histogram::kBins;
constexpr size_t kLevels = 128;
constexpr double kSteps = 127;

/// KL(P || Q) of the candidate that keeps the first `kept` bins; `beyond` values lie behind them.
double divergence(const std::array<uint64_t, kBins>& counts, size_t kept, uint64_t beyond) {
  std::array<double, kLevels> level_sum{};
  std::array<uint32_t, kLevels> level_bins{};
  double p_sum = static_cast<double>(beyond), q_sum = 0;
  for (size_t b = 1; b < kept; ++b) {
    const auto count = static_cast<double>(counts[b]);
    const bool in_p = counts[b] != 0 || (b + 1 == kept && beyond != 0);
    level_sum[b * kLevels / kept] += count;
    level_bins[b * kLevels / kept] += in_p;
    p_sum += count;
    q_sum += count;
  }
  if (p_sum == 0) return 0;
  if (q_sum == 0) return HUGE_VAL;
  double sum = 0;
  for (size_t b = 1; b < kept; ++b) {
    const double p = (static_cast<double>(counts[b]) + (b + 1 == kept ? static_cast<double>(beyond) : 0)) / p_sum;
    if (p == 0) continue;
    const size_t level = b * kLevels / kept;
    const double q = level_sum[level] / level_bins[level] / q_sum;
    // A level that only saturated values reach: Q has nothing there, the divergence would be infinite.
    sum += p * std::log(p / std::max(q, 1e-12));
  }
  return sum;
}

double entropy_range(const Histogram& histogram) {
  const auto& counts = histogram.counts();
  uint64_t beyond = 0;
  for (size_t b = kLevels; b < kBins; ++b) beyond += counts[b];
  size_t best = kBins;
  double least = HUGE_VAL;
  for (size_t kept = kLevels; kept <= kBins; ++kept) {
    const double d = divergence(counts, kept, beyond);
    if (d < least) {
      least = d;
      best = kept;
    }
    if (kept < kBins) beyond -= counts[kept];
  }
  return std::min(static_cast<double>(best) * histogram.width(), static_cast<double>(histogram.amax()));
}

double percentile_range(const Histogram& histogram, const PercentileParameters& parameters) {
  const double wanted = std::clamp(parameters.quantile, 0.0, 1.0) * static_cast<double>(histogram.total());
  uint64_t inside = 0;
  size_t bins = 0;
  while (bins < kBins && static_cast<double>(inside) < wanted) inside += histogram.counts()[bins++];
  const double most = static_cast<double>(histogram.amax()) * std::clamp(parameters.cutoff, 0.0, 1.0);
  return std::min(static_cast<double>(bins) * histogram.width(), most);
}

}  // namespace

double range_of(const Histogram& histogram, Method method, const PercentileParameters& parameters) {
  double range = static_cast<double>(histogram.amax());
  if (method == Method::kEntropy || method == Method::kEntropy2) range = entropy_range(histogram);
  if (method == Method::kPercentile) range = percentile_range(histogram, parameters);
  return range > 0 ? range : 1;  // all zero: any range is right
}

float scale_of(const Histogram& histogram, Method method, const PercentileParameters& parameters) {
  return std::max(static_cast<float>(range_of(histogram, method, parameters) / kSteps), 1.17549435e-38F);
}

}  // namespace rondo::quant
