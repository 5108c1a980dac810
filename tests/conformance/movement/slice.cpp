#include <algorithm>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case slice(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  Ints start, size, stride;
  for (int64_t extent : dims) {
    const int64_t step = r.pick<int64_t>({1, 1, 1, 2, 3, -1, -2, 0});
    const int64_t first = extent == 0 ? 0 : r.number(0, extent - 1);
    const int64_t room = extent == 0 ? 0
                         : step > 0  ? (extent - 1 - first) / step + 1
                         : step < 0  ? first / -step + 1
                                     : 4;
    start.push_back(first);
    size.push_back(r.number(std::min<int64_t>(room, r.one_in(10) ? 0 : 1), room));
    stride.push_back(step);
  }
  Case c(ir::OpKind::k_slice, {{"stride", stride}});
  c.uses("SampleMode", "STRICT_BOUNDS");
  return c.dims("start", start).dims("size", size).data(r.specials(dtype, dims));
}

const Registration row("slice", kAllTypes, slice);

}  // namespace
}  // namespace rondo::conformance
