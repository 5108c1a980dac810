// Conversions without branches, so that compilers make vector code of them. f16: the exponent is moved by a
// multiplication with a power of two, which also makes subnormals right; rounding is the one of the f32 unit.
#include "elements.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace rondo::bundled {
namespace {

uint32_t bits(float x) {
  uint32_t u;
  std::memcpy(&u, &x, sizeof u);
  return u;
}

float real(uint32_t u) {
  float x;
  std::memcpy(&x, &u, sizeof x);
  return x;
}

float from_half(uint16_t h) {
  const uint32_t magnitude = static_cast<uint32_t>(h & 0x7FFFU) << 13;
  const float scaled = real(magnitude) * real(0x77800000U);  // 2^112
  const uint32_t wide = magnitude >= (0x7C00U << 13) ? magnitude | 0x7F800000U : bits(scaled);
  return real(wide | static_cast<uint32_t>(h & 0x8000U) << 16);
}

uint16_t to_half(float x) {
  const uint32_t sign = bits(x) & 0x80000000U, magnitude = bits(x) ^ sign;
  // Normal results: add half of the last place, ties to even. Subnormal ones: an addition aligns and rounds them.
  const uint32_t normal = (magnitude + 0xC8000FFFU + ((magnitude >> 13) & 1U)) >> 13;
  const uint32_t tiny = bits(real(magnitude) + 0.5F) - 0x3F000000U;
  uint32_t h = magnitude < 0x38800000U ? tiny : normal;
  h = magnitude >= 0x477FF000U ? 0x7C00U : h;
  h = magnitude > 0x7F800000U ? 0x7E00U : h;
  return static_cast<uint16_t>(h | sign >> 16);
}

float from_bfloat(uint16_t b) { return real(static_cast<uint32_t>(b) << 16); }

uint16_t to_bfloat(float x) {
  const uint32_t u = bits(x);
  const uint32_t rounded = (u + 0x7FFFU + ((u >> 16) & 1U)) >> 16;
  return static_cast<uint16_t>((u & 0x7FFFFFFFU) > 0x7F800000U ? (u >> 16) | 0x40U : rounded);
}

/// Sums in eight lanes of double: the same bits for any vector width.
template <class Term>
double sum(int64_t count, Term term) {
  constexpr int64_t kLanes = 8;
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += term(i + lane);
  }
  for (; i < count; ++i) lanes[i % kLanes] += term(i);
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace

bool is_float(DataType type) { return type == DataType::kFLOAT || type == DataType::kHALF || type == DataType::kBF16; }

void load(void const* from, DataType type, int64_t first, int64_t count, float* to) {
  if (type == DataType::kFLOAT) {
    std::memcpy(to, static_cast<float const*>(from) + first, static_cast<size_t>(count) * sizeof(float));
    return;
  }
  auto const* narrow = static_cast<uint16_t const*>(from) + first;
  if (type == DataType::kHALF) {
    for (int64_t i = 0; i < count; ++i) to[i] = from_half(narrow[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = from_bfloat(narrow[i]);
  }
}

void store(float const* from, DataType type, int64_t first, int64_t count, void* to) {
  if (type == DataType::kFLOAT) {
    std::memcpy(static_cast<float*>(to) + first, from, static_cast<size_t>(count) * sizeof(float));
    return;
  }
  auto* narrow = static_cast<uint16_t*>(to) + first;
  if (type == DataType::kHALF) {
    for (int64_t i = 0; i < count; ++i) narrow[i] = to_half(from[i]);
  } else {
    for (int64_t i = 0; i < count; ++i) narrow[i] = to_bfloat(from[i]);
  }
}

int64_t volume(Dims const& dims, int32_t begin, int32_t end) {
  int64_t product = 1;
  for (int32_t i = begin; i < end; ++i) product *= dims.d[i];
  return product;
}

void normalize_row(float const* x, int64_t count, float epsilon, float const* gamma, float const* beta, float* y) {
  const auto n = static_cast<double>(count);
  const double mean = sum(count, [x](int64_t i) { return static_cast<double>(x[i]); }) / n;
  const double variance = sum(count,
                              [x, mean](int64_t i) {
                                const double d = static_cast<double>(x[i]) - mean;
                                return d * d;
                              }) /
                          n;
  const auto center = static_cast<float>(mean);
  const auto scale = static_cast<float>(1 / std::sqrt(variance + static_cast<double>(epsilon)));
  for (int64_t i = 0; i < count; ++i) y[i] = (x[i] - center) * scale;
  if (gamma != nullptr) {
    for (int64_t i = 0; i < count; ++i) y[i] *= gamma[i];
  }
  if (beta != nullptr) {
    for (int64_t i = 0; i < count; ++i) y[i] += beta[i];
  }
}

float* scratch(int64_t count) noexcept {
  static thread_local std::vector<float> memory;
  try {
    if (memory.size() < static_cast<size_t>(count)) memory.resize(static_cast<size_t>(count));
    return memory.data();
  } catch (...) {
    return nullptr;  // enqueue reports it by its status
  }
}

}  // namespace rondo::bundled
