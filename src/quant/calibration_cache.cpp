#include "quant/calibration_cache.h"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace rondo::quant {

namespace {

constexpr const char* kNames[] = {"LegacyCalibration", "EntropyCalibration", "EntropyCalibration2",
                                  "MinMaxCalibration"};

std::string_view next_line(std::string_view* text) {
  const size_t end = std::min(text->find('\n'), text->size());
  std::string_view line = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool parse_bits(std::string_view digits, size_t most, uint64_t* bits) {
  if (digits.empty() || digits.size() > most) return false;
  *bits = 0;
  for (const char c : digits) {
    const bool decimal = c >= '0' && c <= '9', hex = c >= 'a' && c <= 'f';
    if (!decimal && !hex) return false;
    *bits = *bits * 16 + static_cast<uint64_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  return true;
}

bool parse_share(std::string_view digits, double* share) {
  uint64_t bits = 0;
  if (!parse_bits(digits, 16, &bits)) return false;
  std::memcpy(share, &bits, sizeof bits);
  return *share >= 0 && *share <= 1;
}

bool parse_head(std::string_view line, CalibrationCache* cache) {
  if (line.starts_with("0 ")) {
    const size_t space = line.find(' ', 2);
    cache->method = Method::kPercentile;
    return space != std::string_view::npos && parse_share(line.substr(2, space - 2), &cache->parameters.cutoff) &&
           parse_share(line.substr(space + 1), &cache->parameters.quantile);
  }
  const size_t dash = line.rfind('-');
  if (!line.starts_with("TRT-") || dash == std::string_view::npos) return false;
  for (int32_t i = 0; i < 4; ++i) {
    if (line.substr(dash + 1) != kNames[i]) continue;
    cache->method = static_cast<Method>(i);
    return true;
  }
  return false;
}

bool parse_scale(std::string_view digits, float* scale) {
  uint64_t bits = 0;
  if (!parse_bits(digits, 8, &bits)) return false;
  const auto narrow = static_cast<uint32_t>(bits);
  std::memcpy(scale, &narrow, sizeof narrow);
  return std::isfinite(*scale) && *scale >= 0;
}

std::string head_of(int32_t version, const CalibrationCache& cache) {
  if (cache.method != Method::kPercentile)
    return "TRT-" + std::to_string(version) + "-" + method_name(cache.method) + "\n";
  uint64_t bits[2];
  std::memcpy(&bits[0], &cache.parameters.cutoff, sizeof(double));
  std::memcpy(&bits[1], &cache.parameters.quantile, sizeof(double));
  char head[64];
  std::snprintf(head, sizeof head, "0 %016llx %016llx\n", static_cast<unsigned long long>(bits[0]),
                static_cast<unsigned long long>(bits[1]));
  return head;
}

}  // namespace

const char* method_name(Method method) { return kNames[static_cast<int32_t>(method)]; }

std::string write_cache(int32_t version, const CalibrationCache& cache) {
  std::string text = head_of(version, cache);
  for (const auto& [name, scale] : cache.scales) {
    uint32_t bits = 0;
    std::memcpy(&bits, &scale, sizeof bits);
    char digits[16];
    std::snprintf(digits, sizeof digits, ": %08x\n", bits);
    text += name + digits;
  }
  return text;
}

std::optional<CalibrationCache> read_cache(std::string_view text, std::string* error) {
  CalibrationCache cache;
  if (!parse_head(next_line(&text), &cache)) {
    *error = "line 1 is neither TRT-<version>-<method> nor 0 <cutoff> <quantile>";
    return std::nullopt;
  }
  for (size_t number = 2; !text.empty(); ++number) {
    const std::string_view line = next_line(&text);
    if (line.empty()) continue;
    const size_t colon = line.rfind(": ");
    float scale = 0;
    if (colon == std::string_view::npos || colon == 0 || !parse_scale(line.substr(colon + 2), &scale)) {
      *error = "line " + std::to_string(number) + " is not <tensor>: <hexadecimal float32>";
      return std::nullopt;
    }
    cache.scales.emplace_back(line.substr(0, colon), scale);
  }
  return cache;
}

}  // namespace rondo::quant
