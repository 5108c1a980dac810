#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "rondo/types.h"

namespace rondo::api {

constexpr Dims kNoDims{-1, {}};

inline Dims to_dims(std::span<const int64_t> dims) {
  if (dims.size() > static_cast<size_t>(Dims::MAX_DIMS)) return kNoDims;
  Dims out{static_cast<int32_t>(dims.size()), {}};
  for (size_t i = 0; i < dims.size(); ++i) out.d[i] = dims[i];
  return out;
}

/// Errors    kInvalidArgument for a rank outside 0 .. 8
inline std::vector<int64_t> from_dims(const Dims& dims) {
  if (dims.nbDims < 0 || dims.nbDims > Dims::MAX_DIMS) {
    fail(Code::kInvalidArgument, "a shape of rank ", dims.nbDims, " was given; the rank must lie between 0 and ",
         Dims::MAX_DIMS);
  }
  return {dims.d, dims.d + dims.nbDims};
}

/// Row-major strides in elements; -1 where a dimension behind is unknown.
inline Dims to_strides(std::span<const int64_t> dims) {
  Dims out = to_dims(dims);
  int64_t stride = 1;
  for (int32_t i = out.nbDims - 1; i >= 0; --i) {
    const int64_t dim = out.d[i];
    out.d[i] = stride;
    stride = dim < 0 || stride < 0 ? -1 : stride * dim;
  }
  return out;
}

}  // namespace rondo::api
