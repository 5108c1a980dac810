#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace rondo::kernels {

constexpr int kMaxStridedRank = 10;

/// A tensor as the structured kernels see it: its first element and the distance of neighbours along each axis, in bytes. Strides
/// may be 0 or negative.
struct Strided {
  std::byte* data = nullptr;
  DType dtype = DType::kFloat32;
  const int64_t* strides = nullptr;
};

/// Row-major walk over up to kMaxStridedRank axes that keeps the byte offsets of `kTensors` tensors. Made once per share of work;
/// next() costs an addition per tensor most of the time.
template <int kTensors>
struct Odometer {
  int rank = 0;
  int64_t dims[kMaxStridedRank] = {};
  int64_t index[kMaxStridedRank] = {};
  int64_t strides[kTensors][kMaxStridedRank] = {};
  int64_t offset[kTensors] = {};

  /// Appends an axis, outermost first.
  template <class... Strides>
  void add(int64_t dim, Strides... s) {
    const int64_t all[] = {static_cast<int64_t>(s)...};
    dims[rank] = dim;
    for (int t = 0; t < kTensors; ++t) strides[t][rank] = all[t];
    ++rank;
  }
  int64_t volume() const {
    int64_t v = 1;
    for (int i = 0; i < rank; ++i) v *= dims[i];
    return v;
  }
  /// Goes to element `position` in row-major order. Requires position < volume().
  void seek(int64_t position) {
    for (int t = 0; t < kTensors; ++t) offset[t] = 0;
    for (int i = rank - 1; i >= 0; --i) {
      index[i] = position % dims[i];
      position /= dims[i];
      for (int t = 0; t < kTensors; ++t) offset[t] += index[i] * strides[t][i];
    }
  }
  void next() {
    for (int i = rank - 1; i >= 0; --i) {
      for (int t = 0; t < kTensors; ++t) offset[t] += strides[t][i];
      if (++index[i] < dims[i]) return;
      index[i] = 0;
      for (int t = 0; t < kTensors; ++t) offset[t] -= dims[i] * strides[t][i];
    }
  }
};

}  // namespace rondo::kernels
