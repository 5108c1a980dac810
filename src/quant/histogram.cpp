#include "quant/histogram.h"

#include <cmath>
#include <cstdio>
#include <numeric>
#include <sstream>

namespace rondo::quant {

void Histogram::grow(float magnitude) {
  if (width_ == 0) {
    // Zeros met before have the first bin at any width.
    width_ = static_cast<double>(magnitude) / kBins;
    if (width_ == 0) width_ = static_cast<double>(magnitude);  // kBins below the smallest float
  }
  while (static_cast<double>(magnitude) > width_ * kBins) {
    for (size_t i = 0; i < kBins / 2; ++i) counts_[i] = counts_[2 * i] + counts_[2 * i + 1];
    std::fill(counts_.begin() + kBins / 2, counts_.end(), 0);
    width_ *= 2;
  }
}

void Histogram::add(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    const float magnitude = std::fabs(value);
    if (std::isfinite(magnitude) && magnitude > largest) largest = magnitude;
  }
  if (largest > 0) grow(largest);
  amax_ = std::max(amax_, largest);
  for (const float value : values) {
    if (!std::isfinite(value)) {
      ++not_finite_;
      continue;
    }
    const double position = width_ == 0 ? 0 : std::fabs(static_cast<double>(value)) / width_;
    ++counts_[std::min(static_cast<size_t>(position), kBins - 1)];
  }
}

uint64_t Histogram::total() const { return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0}); }

std::string Histogram::to_text() const {
  char head[96];
  std::snprintf(head, sizeof head, "%a %a %llu", width_, static_cast<double>(amax_),
                static_cast<unsigned long long>(not_finite_));
  std::string text = head;
  for (const uint64_t count : counts_) text += " " + std::to_string(count);
  return text;
}

bool Histogram::from_text(const std::string& text) {
  std::istringstream in(text);
  std::string width, amax;
  Histogram read;
  if (!(in >> width >> amax >> read.not_finite_)) return false;
  read.width_ = std::strtod(width.c_str(), nullptr);
  read.amax_ = std::strtof(amax.c_str(), nullptr);
  for (uint64_t& count : read.counts_) {
    if (!(in >> count)) return false;
  }
  const bool valid = std::isfinite(read.width_) && std::isfinite(read.amax_) && read.width_ >= 0 && read.amax_ >= 0;
  if (!valid || (in >> width)) return false;
  *this = read;
  return true;
}

}  // namespace rondo::quant
