#include <algorithm>
#include <cstdlib>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kModes[] = {"STRICT_BOUNDS", "WRAP", "CLAMP", "FILL", "REFLECT"};
enum : int64_t { kStrict = 0, kFill = 3 };

/// Starts, sizes and strides that stay inside, for the strict mode.
void inside(Random& r, int64_t n, int64_t* start, int64_t* size, int64_t* stride) {
  *stride = r.number(-2, 2);
  const int64_t reach = *stride == 0 ? n + 2 : (n + std::abs(*stride) - 1) / std::abs(*stride);
  *size = n == 0 ? 0 : r.number(0, reach);
  const int64_t span = std::max<int64_t>(*size - 1, 0) * std::abs(*stride);
  const int64_t low = n == 0 ? 0 : r.number(0, n - 1 - span);
  *start = *stride < 0 ? low + span : low;
}

Case sampled_slice(Random& r, DType dtype) {
  const int64_t mode = r.number(0, 4);
  const Ints dims = r.shape(0, 8, mode == kFill || mode == kStrict ? 0 : 1);
  Ints start, size, stride;
  int64_t room = 8192;
  for (int64_t n : dims) {
    const bool whole = r.one_in(3);
    int64_t at = whole ? 0 : r.number(-n - 2, n + 2), count = whole ? n : r.number(0, std::min<int64_t>(2 * n + 2, 40)),
            by = 1;
    if (!whole && r.one_in(3)) by = r.number(-3, 3);
    if (mode == kStrict) inside(r, n, &at, &count, &by);
    if (count > room) count = room;
    room /= std::max<int64_t>(count, 1);
    start.push_back(at);
    size.push_back(count);
    stride.push_back(by);
  }
  Case c(ir::OpKind::k_sampled_slice, {{"mode", mode}});
  c.dims("start", start).dims("size", size).dims("stride", stride).uses("SampleMode", kModes[mode]);
  if (mode == kStrict) c.skip_symbolic("constant bounds fit constant extents only");
  c.data(r.one_in(3) ? r.specials(dtype, dims) : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -4, 4));
  if (mode == kFill && r.flip()) c.data(r.values(dtype, {}, 0, 4));
  return c;
}

const Registration row("sampled_slice", kAllTypes, sampled_slice, 2);

}  // namespace
}  // namespace rondo::conformance
