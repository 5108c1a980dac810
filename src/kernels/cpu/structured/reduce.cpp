// Reductions in two shapes of loop, chosen by the strides of x.
//
// Rows: one result at a time. The innermost folded axis is read in eight interleaved partial results that are combined
// in a fixed tree, which makes vectors of them and fixes the order of additions by the shape alone.
// Columns: where the innermost kept axis is contiguous in x, many neighbouring results advance together, each
// adding its elements one after the other. Both orders ignore how the results are shared among threads, so bits do not
// depend on the team. Loops over contiguous elements are compiled for each instruction set (reduction/reduce_loops.h).
#include "kernels/cpu/structured/reduce.h"

#include <cmath>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/structured/element.h"
#include "kernels/cpu/structured/reduction/reduce_table.h"

namespace rondo::kernels {

namespace {

constexpr int kLanes = 8;
constexpr int64_t kLongRun = 32;  // elements that are worth a call
constexpr int kColumns = 2048;    // 16 KB of partial results; fewer read memory in runs too short to be streamed
constexpr int kRowsTogether = 4;  // rows that pass over the partial results at once

struct Add {
  static constexpr size_t kRow = 0;
  template <class E>
  static typename E::Wide start() {
    return 0;
  }
  template <class W>
  static W step(W a, W b) {
    if constexpr (std::is_integral_v<W>)
      return static_cast<W>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    else
      return a + b;
  }
};
struct Multiply {
  static constexpr size_t kRow = 1;
  template <class E>
  static typename E::Wide start() {
    return 1;
  }
  template <class W>
  static W step(W a, W b) {
    if constexpr (std::is_integral_v<W>)
      return static_cast<W>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    else
      return a * b;
  }
};
struct Larger {
  static constexpr size_t kRow = 2;
  template <class E>
  static typename E::Wide start() {
    return E::lowest();
  }
  template <class W>
  static W step(W a, W b) {
    return b > a ? b : a;
  }
};
struct Smaller {
  static constexpr size_t kRow = 3;
  template <class E>
  static typename E::Wide start() {
    return E::highest();
  }
  template <class W>
  static W step(W a, W b) {
    return b < a ? b : a;
  }
};

/// Kept and folded axes apart; `kept` walks x and y together.
struct Axes {
  Odometer<2> kept;
  Odometer<1> folded;
};

Axes split(const ReduceShape& shape, const Strided& x, const Strided& y) {
  Axes axes;
  for (int i = 0; i < shape.rank; ++i) {
    if (shape.axes >> i & 1)
      axes.folded.add(shape.dims[i], x.strides[i]);
    else
      axes.kept.add(shape.dims[i], x.strides[i], y.strides[i]);
  }
  return axes;
}

template <class E, class Op>
typename E::Wide fold_row(const std::byte* x, Odometer<1>& folded, int64_t runs, int64_t length, int64_t stride,
                          const ReduceLoops& loops) {
  constexpr int64_t kElement = sizeof(typename E::Storage);
  using W = typename E::Wide;
  W lane[kLanes];
  for (W& l : lane) l = Op::template start<E>();
  folded.seek(0);
  for (int64_t r = 0; r < runs; ++r, folded.next()) {
    const std::byte* p = x + folded.offset[0];
    int64_t i = 0;
    if (stride == kElement && length >= kLongRun) {
      i = length / kLanes * kLanes;
      loops.run(lane, p, i);
    }
    for (; i + kLanes <= length; i += kLanes) {
      for (int l = 0; l < kLanes; ++l) lane[l] = Op::step(lane[l], E::load(p + (i + l) * stride));
    }
    for (int l = 0; i < length; ++i, ++l) lane[l] = Op::step(lane[l], E::load(p + i * stride));
  }
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; ++l) lane[l] = Op::step(lane[l], lane[l + half]);
  }
  return lane[0];
}

const ReduceTable& reduce_table() {
#if !defined(RONDO_NO_X86_KERNELS)
  if (detect_isa() >= Isa::kAvx512) return reduce_table_avx512();
  if (detect_isa() == Isa::kAvx2) return reduce_table_avx2();
#endif
  return reduce_table_scalar();
}

/// The average of `count` elements that add up to `sum`.
template <class W>
W average(W sum, int64_t count) {
  if constexpr (std::is_integral_v<W>)
    return count == 0 ? 0 : sum / count;
  else
    return sum / static_cast<W>(count);
}

template <class E, class Op, bool kAverage>
void by_rows(Axes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last, const ReduceLoops& loops) {
  const int64_t count = axes.folded.volume();
  Odometer<1> outer = axes.folded;
  const int64_t length = outer.rank > 0 ? outer.dims[outer.rank - 1] : 1;
  const int64_t stride = outer.rank > 0 ? outer.strides[0][outer.rank - 1] : 0;
  if (outer.rank > 0) --outer.rank;
  const int64_t runs = outer.volume();
  constexpr int64_t kElement = sizeof(typename E::Storage);  // a stride the compiler can see
  axes.kept.seek(first);
  for (int64_t i = first; i < last; ++i, axes.kept.next()) {
    const std::byte* row = x.data + axes.kept.offset[0];
    typename E::Wide value = count == 0           ? Op::template start<E>()
                             : stride == kElement ? fold_row<E, Op>(row, outer, runs, length, kElement, loops)
                                                  : fold_row<E, Op>(row, outer, runs, length, stride, loops);
    if (kAverage) value = average(value, count);
    E::store(y.data + axes.kept.offset[1], value);
  }
}

template <class E, class Op, bool kAverage>
void by_columns(Axes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last, const ReduceLoops& loops) {
  const int64_t count = axes.folded.volume();
  const int inner = axes.kept.rank - 1;
  const int64_t width = axes.kept.dims[inner];
  for (int64_t i = first; i < last;) {
    axes.kept.seek(i);
    const int64_t n = std::min<int64_t>({kColumns, last - i, width - axes.kept.index[inner]});
    const std::byte* column = x.data + axes.kept.offset[0];
    typename E::Wide acc[kColumns];
    for (int64_t j = 0; j < (n + 7) / 8 * 8; ++j) acc[j] = Op::template start<E>();
    if (count > 0) axes.folded.seek(0);
    for (int64_t r = 0; r < count;) {
      const std::byte* rows[kRowsTogether];
      int64_t together = 0;
      for (; together < kRowsTogether && r < count; ++together, ++r, axes.folded.next())
        rows[together] = column + axes.folded.offset[0];
      loops.columns(acc, rows, together, n);
    }
    for (int64_t j = 0; j < n; ++j) {
      if (kAverage) acc[j] = average(acc[j], count);
      E::store(y.data + axes.kept.offset[1] + j * axes.kept.strides[1][inner], acc[j]);
    }
    i += n;
  }
}

template <class E, class Op, bool kAverage>
void run(Axes& axes, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  constexpr int64_t kElement = sizeof(typename E::Storage);
  const ReduceLoops& loops = reduce_table()[static_cast<size_t>(x.dtype)][Op::kRow];
  const int kept = axes.kept.rank;
  const int folded = axes.folded.rank;
  const bool rows_contiguous = folded > 0 && axes.folded.strides[0][folded - 1] == kElement;
  const bool columns =
      kept > 0 && axes.kept.dims[kept - 1] > 1 && axes.kept.strides[0][kept - 1] == kElement && !rows_contiguous;
  if (columns)
    by_columns<E, Op, kAverage>(axes, x, y, first, last, loops);
  else
    by_rows<E, Op, kAverage>(axes, x, y, first, last, loops);
}

}  // namespace

int64_t reduce_results(const ReduceShape& shape) {
  int64_t results = 1;
  for (int i = 0; i < shape.rank; ++i) results *= shape.axes >> i & 1 ? 1 : shape.dims[i];
  return results;
}

void reduce(Reduction op, const ReduceShape& shape, const Strided& x, const Strided& y, int64_t first, int64_t last) {
  if (first >= last) return;
  Axes axes = split(shape, x, y);
  with_element(x.dtype, [&]<class E>() {
    switch (op) {
      case Reduction::kSum:
        run<E, Add, false>(axes, x, y, first, last);
        break;
      case Reduction::kProd:
        run<E, Multiply, false>(axes, x, y, first, last);
        break;
      case Reduction::kMax:
        run<E, Larger, false>(axes, x, y, first, last);
        break;
      case Reduction::kMin:
        run<E, Smaller, false>(axes, x, y, first, last);
        break;
      case Reduction::kAvg:
        run<E, Add, true>(axes, x, y, first, last);
        break;
    }
  });
}

}  // namespace rondo::kernels
