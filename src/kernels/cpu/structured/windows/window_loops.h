// reason: one body of loops that every instruction set compiles for itself.
#pragma once

// Windowed reductions in three shapes of loop, chosen by the shape alone.
//
// Rows: a run of results along the last axis advances together, tap by tap. The results whose tap lies inside x are one
// range, known before the loop, so that the loop tests nothing: borders cost shorter loops, not tests. Columns: the
// same where windows span rows as well. The rows under the run are folded into one first, which reads them whole
// whatever the stride; its taps along the last axis follow. A window of 3 x 3 takes 3 + 3 steps, not 9.
// Runs: where the last axis has few results and long windows (a global pooling), one result at a time reads its taps in
// kLanes interleaved partial results that are combined in a fixed tree.

#include <algorithm>

#include "kernels/cpu/structured/windows/window_axes.h"
#include "kernels/cpu/structured/windows/window_elements.h"

namespace rondo::kernels {
namespace {

// Results that advance together, and elements of x under them: bound by the cache next to the core, any size within it
// does.
constexpr int64_t kRow = 512, kSpan = 2048;
constexpr int kLanes = 16;

/// The rows of x under one row of y: the taps of all axes but the last that lie inside x, in row-major order.
struct OuterTaps {
  const WindowAxes& axes;
  TapRange range[kMaxStridedRank];
  int64_t tap[kMaxStridedRank] = {};
  int64_t x_offset = 0, y_offset = 0;
  bool any = true;

  OuterTaps(const WindowAxes& all, int64_t row) : axes(all) {
    for (int i = axes.rank - 2; i >= 0; --i) {
      const WindowAxis& a = axes.axis[i];
      const int64_t at = row % a.y;
      row /= a.y;
      range[i] = taps_inside(a, at);
      any = any && range[i].first < range[i].last;
      tap[i] = range[i].first;
      x_offset += (at * a.stride - a.pre + tap[i] * a.dilation) * a.x_stride;
      y_offset += at * a.y_stride;
    }
  }
  bool next() {
    for (int i = axes.rank - 2; i >= 0; --i) {
      const int64_t step = axes.axis[i].dilation * axes.axis[i].x_stride;
      if (++tap[i] < range[i].last) {
        x_offset += step;
        return true;
      }
      tap[i] = range[i].first;
      x_offset -= (range[i].last - 1 - range[i].first) * step;
    }
    return false;
  }
};

/// acc[i] op= x[i * step]; kStep elements, or `step` bytes where it is 0.
template <class E, class Op, int kStep>
void fold_tap(typename E::Sum* __restrict acc, const std::byte* __restrict x, int64_t n, int64_t step) {
  constexpr int64_t kBytes = kStep * E::kBytes;
  for (int64_t i = 0; i < n; ++i) acc[i] = Op::step(acc[i], E::load(x + i * (kStep == 0 ? step : kBytes)));
}

/// acc[i] op= x[i * step]; kStep, or `step` where it is 0.
template <class Sum, class Op, int kStep>
void fold_column_tap(Sum* __restrict acc, const Sum* __restrict x, int64_t n, int64_t step) {
  for (int64_t i = 0; i < n; ++i) acc[i] = Op::step(acc[i], x[i * (kStep == 0 ? step : kStep)]);
}

/// Calls fold(results begin .. end, index in x of the first) for every tap of the last axis; results are those in [from, from + n).
template <class Fold>
void for_each_tap(const WindowAxes& axes, int64_t from, int64_t n, Fold fold) {
  const WindowAxis& last = axes.axis[axes.rank - 1];
  for (int64_t tap = 0; tap < last.window; ++tap) {
    const TapRange inside = tap < WindowAxes::kKept ? axes.kept[tap] : results_inside(last, tap);
    const int64_t begin = inside.first > from ? inside.first : from;
    const int64_t end = inside.last < from + n ? inside.last : from + n;
    if (begin < end) fold(begin, end, begin * last.stride + tap * last.dilation - last.pre);
  }
}

/// Results [from, from + n) of one row, row of x by row of x.
template <class E, class Op, int kStep>
void fold_by_taps(const WindowAxes& axes, const std::byte* x, OuterTaps& outer, int64_t from, int64_t n,
                  typename E::Sum* acc) {
  const WindowAxis& last = axes.axis[axes.rank - 1];
  const int64_t step = last.stride * last.x_stride;
  for (bool more = outer.any; more; more = outer.next()) {
    for_each_tap(axes, from, n, [&](int64_t begin, int64_t end, int64_t at) {
      fold_tap<E, Op, kStep>(acc + (begin - from), x + outer.x_offset + at * last.x_stride, end - begin, step);
    });
  }
}

/// The same through columns: the elements of x under the results, folded over the rows.
template <class E, class Op, int kStep>
void fold_by_columns(const WindowAxes& axes, const std::byte* x, OuterTaps& outer, int64_t from, int64_t n,
                     typename E::Sum* acc) {
  const WindowAxis& last = axes.axis[axes.rank - 1];
  const int64_t reach = (from + n - 1) * last.stride - last.pre + (last.window - 1) * last.dilation + 1;
  const int64_t low = std::max<int64_t>(0, from * last.stride - last.pre), width = std::min(last.x, reach) - low;
  if (!outer.any || width <= 0) return;
  typename E::Sum columns[kSpan];
  for (int64_t i = 0; i < width; ++i) columns[i] = Op::template start<E>();
  for (bool more = true; more; more = outer.next()) {
    const std::byte* row = x + outer.x_offset + low * last.x_stride;
    if (last.x_stride == E::kBytes)
      fold_tap<E, Op, 1>(columns, row, width, 0);
    else
      fold_tap<E, Op, 0>(columns, row, width, last.x_stride);
  }
  for_each_tap(axes, from, n, [&](int64_t begin, int64_t end, int64_t at) {
    fold_column_tap<typename E::Sum, Op, kStep>(acc + (begin - from), columns + (at - low), end - begin, last.stride);
  });
}

/// How many results of a row a step through columns may take; 0: rows are read tap by tap.
inline int64_t column_part(const WindowAxes& axes) {
  const WindowAxis& last = axes.axis[axes.rank - 1];
  bool tall = false;
  for (int i = 0; i < axes.rank - 1; ++i) tall = tall || axes.axis[i].window > 1;
  const int64_t room = kSpan - 1 - (last.window - 1) * last.dilation;
  if (!tall || last.window == 1 || room < kSpan / 2) return 0;
  return std::min(kRow, room / last.stride + 1);
}

template <class E, class Op, int kStep>
void fold_part(const WindowAxes& axes, const std::byte* x, std::byte* y, int64_t row, int64_t from, int64_t n,
               bool columns) {
  const WindowAxis& last = axes.axis[axes.rank - 1];
  typename E::Sum acc[kRow];
  for (int64_t i = 0; i < n; ++i) acc[i] = Op::template start<E>();
  OuterTaps outer(axes, row);
  if (columns)
    fold_by_columns<E, Op, kStep>(axes, x, outer, from, n, acc);
  else
    fold_by_taps<E, Op, kStep>(axes, x, outer, from, n, acc);
  std::byte* to = y + outer.y_offset + from * last.y_stride;
  if (last.y_stride == E::kBytes) {
    for (int64_t i = 0; i < n; ++i) E::store(to + i * E::kBytes, acc[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) E::store(to + i * last.y_stride, acc[i]);
  }
}

template <class E, class Op, int kStep>
void fold_rows(const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  const int64_t width = axes.axis[axes.rank - 1].y, columns = column_part(axes);
  for (int64_t i = first; i < last;) {
    const int64_t from = i % width, n = std::min({width - from, last - i, columns > 0 ? columns : kRow});
    fold_part<E, Op, kStep>(axes, x.data, y.data, i / width, from, n, columns > 0);
    i += n;
  }
}

/// One result whose taps along the last axis are neighbours in memory.
template <class E, class Op>
typename E::Sum fold_run(const WindowAxes& axes, const std::byte* x, OuterTaps& outer, TapRange taps, int64_t at) {
  constexpr int64_t kElement = E::kBytes;
  typename E::Sum lane[kLanes];
  for (typename E::Sum& l : lane) l = Op::template start<E>();
  const int64_t length = taps.last - taps.first;
  const WindowAxis& inner = axes.axis[axes.rank - 1];
  const int64_t origin = (at * inner.stride - inner.pre + taps.first) * kElement;
  for (bool more = outer.any && length > 0; more; more = outer.next()) {
    const std::byte* p = x + outer.x_offset + origin;
    int64_t i = 0;
    for (; i + kLanes <= length; i += kLanes) {
      for (int l = 0; l < kLanes; ++l) lane[l] = Op::step(lane[l], E::load(p + (i + l) * kElement));
    }
    for (int l = 0; i < length; ++i, ++l) lane[l] = Op::step(lane[l], E::load(p + i * kElement));
  }
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] = Op::step(lane[l], lane[l + half]);
  }
  return lane[0];
}

template <class E, class Op>
void fold_runs(const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  const WindowAxis& inner = axes.axis[axes.rank - 1];
  for (int64_t i = first; i < last; ++i) {
    const int64_t at = i % inner.y;
    OuterTaps outer(axes, i / inner.y);
    const typename E::Sum value = fold_run<E, Op>(axes, x.data, outer, taps_inside(inner, at), at);
    E::store(y.data + outer.y_offset + at * inner.y_stride, value);
  }
}

template <class E, class Op>
void fold_windows(const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  const WindowAxis& inner = axes.axis[axes.rank - 1];
  const bool dense = inner.x_stride == E::kBytes;
  const bool runs =
      dense && inner.dilation == 1 && inner.window >= kLanes / 2 && (inner.y < kLanes || inner.stride != 1);
  if (runs) return fold_runs<E, Op>(axes, x, y, first, last);
  if (dense && inner.stride == 1) return fold_rows<E, Op, 1>(axes, x, y, first, last);
  if (dense && inner.stride == 2) return fold_rows<E, Op, 2>(axes, x, y, first, last);
  fold_rows<E, Op, 0>(axes, x, y, first, last);
}

template <class E>
void fold_elements(WindowReduction op, const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first,
                   int64_t last) {
  switch (op) {
    case WindowReduction::kSum:
      return fold_windows<E, AddTaps>(axes, x, y, first, last);
    case WindowReduction::kProd:
      return fold_windows<E, MultiplyTaps>(axes, x, y, first, last);
    case WindowReduction::kMax:
      return fold_windows<E, LargerTap>(axes, x, y, first, last);
    case WindowReduction::kMin:
      return fold_windows<E, SmallerTap>(axes, x, y, first, last);
  }
}

void fold_any(WindowReduction op, const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first,
              int64_t last) {
  switch (x.dtype) {
    case DType::kFloat32:
      return fold_elements<Plain<float, float>>(op, axes, x, y, first, last);
    case DType::kFloat16:
      return fold_elements<HalfPlain<half_to_float, float_to_half>>(op, axes, x, y, first, last);
    case DType::kBFloat16:
      return fold_elements<HalfPlain<bfloat16_to_float, float_to_bfloat16>>(op, axes, x, y, first, last);
    case DType::kInt8:
      return fold_elements<Plain<int8_t, int64_t>>(op, axes, x, y, first, last);
    case DType::kUint8:
      return fold_elements<Plain<uint8_t, int64_t>>(op, axes, x, y, first, last);
    case DType::kInt32:
      return fold_elements<Plain<int32_t, int64_t>>(op, axes, x, y, first, last);
    case DType::kInt64:
      return fold_elements<Plain<int64_t, int64_t>>(op, axes, x, y, first, last);
    case DType::kBool:
      return;
  }
}

}  // namespace
}  // namespace rondo::kernels
