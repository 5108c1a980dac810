#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

enum class Distribution : uint8_t { kUniform = 0, kNormal = 1 };

struct RandomShape {
  Distribution distribution = Distribution::kUniform;
  uint64_t seed = 0;
  int rank = 0;
  int64_t dims[kMaxStridedRank] = {};
};

/// Number of pieces of kRandomUnit elements in row-major order.
int64_t random_units(const RandomShape& shape);
constexpr int64_t kRandomUnit = 1024;

/// Writes units [first, last) of y: element i is a function of (seed, stream, i), as docs/ops/primitive/random.md defines it.
/// Types     f32
void random(const RandomShape& shape, uint64_t stream, const Strided& y, int64_t first, int64_t last);

}  // namespace rondo::kernels
