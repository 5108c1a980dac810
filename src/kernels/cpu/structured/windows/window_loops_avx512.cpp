#include "kernels/cpu/structured/windows/window_loops.h"

namespace rondo::kernels {

void fold_windows_avx512(WindowReduction op, const WindowAxes& axes, const Strided& x, const Strided& y, int64_t first,
                         int64_t last) {
  fold_any(op, axes, x, y, first, last);
}

}  // namespace rondo::kernels
