#pragma once

#include <cstdint>

#include "rondo/plugin/types.h"

namespace rondo::bundled {

/// Float types that the bundled plugins compute with: kFLOAT, kHALF, kBF16. Arithmetic is f32 for all of them.
bool is_float(DataType type);

/// Elements [first, first + count) of float memory as f32, and back, rounded to nearest even.
void load(void const* from, DataType type, int64_t first, int64_t count, float* to);
void store(float const* from, DataType type, int64_t first, int64_t count, void* to);

/// Product of extents [begin, end) of a shape.
int64_t volume(Dims const& dims, int32_t begin, int32_t end);
inline int64_t volume(Dims const& dims) { return volume(dims, 0, dims.nbDims); }

/// y = (x - mean) / sqrt(variance + epsilon) * gamma + beta over one row; gamma and beta may be null. x and y may be the same.
void normalize_row(float const* x, int64_t count, float epsilon, float const* gamma, float const* beta, float* y);

/// Memory of the calling thread for `count` floats, which the next call may reuse; null if there is none left.
float* scratch(int64_t count) noexcept;

}  // namespace rondo::bundled
