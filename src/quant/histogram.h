#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace rondo::quant {

/// Counts magnitudes of a tensor's elements over any number of batches, in kBins bins of one width that start at 0.
///
/// A magnitude outside of the range doubles the width, and pairs of bins become one, until it fits: one pass over the data, and the
/// result depends on the order of batches only through the first non-zero one, which sets the width.
/// Threads   const methods are safe together
class Histogram {
 public:
  static constexpr size_t kBins = 2048;

  /// Adds values; those that are not finite are counted apart.
  void add(std::span<const float> values);

  /// Largest finite magnitude; 0 before any.
  float amax() const { return amax_; }
  /// Real extent of one bin; 0 while all values are zero.
  double width() const { return width_; }
  const std::array<uint64_t, kBins>& counts() const { return counts_; }
  uint64_t total() const;
  uint64_t not_finite() const { return not_finite_; }

  /// One line of text, without its name, and back. Returns false for text that is none.
  std::string to_text() const;
  bool from_text(const std::string& text);

 private:
  void grow(float magnitude);

  std::array<uint64_t, kBins> counts_{};
  double width_ = 0;
  float amax_ = 0;
  uint64_t not_finite_ = 0;
};

}  // namespace rondo::quant
