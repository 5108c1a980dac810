// Before windows are folded, neighbouring axes are joined where they lie one after the other in memory: two axes
// without windows, and an axis that one window covers whole with the axis around it. A global pooling over [N, C, H, W]
// becomes one axis of N C windows of H W elements, an LRN rows of H W elements with a window over the channels around
// them. Joining keeps the row-major order of results and taps, and looks at shape and strides only.
#include "kernels/cpu/structured/windows/reduce_window.h"

#include <algorithm>

#include "base/checked.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/structured/windows/window_axes.h"

namespace rondo::kernels {
namespace {

bool plain(const WindowAxis& a) { return a.window == 1 && a.stride == 1 && a.pre == 0 && a.x == a.y; }

/// The one window is the whole axis.
bool whole(const WindowAxis& a) { return a.y == 1 && a.pre == 0 && a.window == a.x && a.dilation == 1; }

bool join(WindowAxis& outer, const WindowAxis& inner) {
  if (outer.x_stride != inner.x_stride * inner.x) return false;
  if (plain(outer) && plain(inner) && outer.y_stride == inner.y_stride * inner.y) {
    outer.y = outer.x *= inner.x;
    outer.y_stride = inner.y_stride;
  } else if (whole(inner) && (outer.dilation == 1 || outer.window == 1)) {
    outer.x *= inner.x;
    outer.window *= inner.x;
    outer.stride *= inner.x;
    outer.pre *= inner.x;
    outer.dilation = 1;
  } else {
    return false;
  }
  outer.x_stride = inner.x_stride;
  return true;
}

WindowAxes joined(const ReduceWindowShape& shape, const Strided& x, const Strided& y) {
  WindowAxes axes;
  for (int i = 0; i < shape.rank; ++i) {
    const WindowAxis axis{shape.x[i],         shape.y[i],   shape.window[i], shape.strides[i],
                          shape.dilations[i], shape.pre[i], x.strides[i],    y.strides[i]};
    if (axes.rank > 0 && join(axes.axis[axes.rank - 1], axis)) continue;
    axes.axis[axes.rank++] = axis;
  }
  const WindowAxis& last = axes.axis[axes.rank - 1];
  const int64_t kept = std::min(last.window, WindowAxes::kKept);
  for (int64_t tap = 0; tap < kept; ++tap) axes.kept[tap] = results_inside(last, tap);
  return axes;
}

FoldWindows* fold_of_machine() {
#ifndef RONDO_NO_X86_KERNELS
  if (detect_isa() >= Isa::kAvx512) return fold_windows_avx512;
  if (detect_isa() == Isa::kAvx2) return fold_windows_avx2;
#endif
  return fold_windows_scalar;
}

/// An upper bound of every index that the windows of an axis name, false beyond 64 bits.
bool reach_of(const ReduceWindowShape& shape, int i, int64_t* reach) {
  if (shape.window[i] < 1 || shape.strides[i] < 1 || shape.dilations[i] < 1 || shape.x[i] < 0 || shape.y[i] < 0)
    return false;
  int64_t starts = 0, taps = 0;
  const int64_t pre = shape.pre[i] < 0 ? -(shape.pre[i] + 1) : shape.pre[i];
  return checked_mul(shape.y[i], shape.strides[i], &starts) &&
         checked_mul(shape.window[i], shape.dilations[i], &taps) && checked_add(starts, taps, reach) &&
         checked_add(*reach, pre, reach) && checked_add(*reach, shape.x[i], reach);
}

}  // namespace

bool reduce_window_shape_is_valid(const ReduceWindowShape& shape) {
  constexpr int64_t kLimit = int64_t{1} << 60;  // joined axes multiply
  int64_t all = 1;
  for (int i = 0; i < shape.rank; ++i) {
    int64_t reach = 0;
    if (!reach_of(shape, i, &reach) || !checked_mul(all, reach, &all) || all > kLimit) return false;
  }
  return shape.rank >= 1;
}

int64_t reduce_window_results(const ReduceWindowShape& shape) {
  int64_t results = 1;
  for (int i = 0; i < shape.rank; ++i) results *= shape.y[i];
  return results;
}

void reduce_window(WindowReduction op, const ReduceWindowShape& shape, const Strided& x, const Strided& y,
                   int64_t first, int64_t last) {
  static FoldWindows* const fold = fold_of_machine();
  if (first >= last) return;
  fold(op, joined(shape, x, y), x, y, first, last);
}

}  // namespace rondo::kernels
