#pragma once

#include <cstdint>

#include "kernels/cpu/structured/windows/reduce_window.h"

namespace rondo::kernels {

/// One axis of a windowed reduction with its byte strides.
struct WindowAxis {
  int64_t x = 1, y = 1, window = 1, stride = 1, dilation = 1, pre = 0;
  int64_t x_stride = 0, y_stride = 0;
};

struct TapRange {
  int64_t first = 0, last = 0;
};

/// The axes of a call, innermost last, neighbours joined where they can be walked as one.
struct WindowAxes {
  static constexpr int64_t kKept = 32;

  int rank = 0;
  WindowAxis axis[kMaxStridedRank];
  TapRange kept[kKept];  ///< of the first taps of the last axis: the results whose tap lies inside x
};

/// reduce_window over joined axes, once per instruction set.
using FoldWindows = void(WindowReduction op, const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first,
                         int64_t last);
FoldWindows fold_windows_scalar, fold_windows_avx2, fold_windows_avx512;

// Without linkage: each instruction set compiles these for itself.
namespace {

inline int64_t ceil_quotient(int64_t a, int64_t b) { return b == 1 ? a : a / b + (a % b > 0); }

inline TapRange range_inside(int64_t origin, int64_t step, int64_t count, int64_t extent) {
  const int64_t first = ceil_quotient(-origin, step), last = ceil_quotient(extent - origin, step);
  return {first > 0 ? first : 0, last < count ? last : count};
}

/// Taps of result `at` that lie inside x.
inline TapRange taps_inside(const WindowAxis& axis, int64_t at) {
  return range_inside(at * axis.stride - axis.pre, axis.dilation, axis.window, axis.x);
}

/// Results whose tap number `tap` lies inside x.
inline TapRange results_inside(const WindowAxis& axis, int64_t tap) {
  return range_inside(tap * axis.dilation - axis.pre, axis.stride, axis.y, axis.x);
}

}  // namespace
}  // namespace rondo::kernels
