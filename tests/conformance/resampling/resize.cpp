#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kModes[] = {"NEAREST", "LINEAR", "CUBIC"};
constexpr const char* kTransforms[] = {"ALIGN_CORNERS", "ASYMMETRIC", "HALF_PIXEL"};
constexpr const char* kSelectors[] = {"FORMULA", "UPPER"};
constexpr const char* kRoundings[] = {"HALF_UP", "HALF_DOWN", "FLOOR", "CEIL"};
enum : int64_t { kNearest, kLinear, kCubic };

/// Mostly a stretched or shrunk extent, sometimes 1, the same, or none.
int64_t resized(Random& r, int64_t from) {
  if (from == 0 || r.one_in(20)) return 0;
  if (r.one_in(4)) return from;
  if (r.one_in(6)) return 1;
  const int64_t most = from > 20 ? from + 7 : 2 * from + 3;
  return r.number(std::max<int64_t>(1, from / 3), most);
}

Case resize(Random& r, DType dtype) {
  const int64_t mode = is_float(dtype) ? r.number(kNearest, kCubic) : kNearest;
  const int64_t transform = r.number(0, 2), selector = r.number(0, 1), rounding = r.number(0, 3);
  const Ints from = r.shape(0, mode == kNearest ? 5 : 8);
  const size_t free = mode == kNearest ? from.size() : mode == kLinear ? 3 : 2;
  Ints to = from;
  for (size_t i = 0; i < to.size(); ++i) {
    if (i + free >= to.size()) to[i] = resized(r, from[i]);
  }
  Case c(ir::OpKind::k_resize, {{"mode", mode},
                                {"transform", transform},
                                {"selector", selector},
                                {"rounding", rounding},
                                {"cubic_coeff", r.pick({-0.75, -0.5})},
                                {"exclude_outside", int64_t{r.flip()}}});
  c.dims("shape", to);
  c.uses("InterpolationMode", kModes[mode]);
  c.uses("ResizeCoordinateTransformation", kTransforms[transform]);
  c.uses("ResizeSelector", kSelectors[selector]);
  if (mode == kNearest) c.uses("ResizeRoundMode", kRoundings[rounding]);
  c.terms = mode == kCubic ? 16 : 8;
  c.scale = 8;
  const double low = dtype == DType::kUint8 ? 0 : -4;
  return c.data(mode == kNearest && r.flip() ? r.specials(dtype, from) : r.values(dtype, from, low, 4));
}

const Registration row("resize", kAllTypes, resize, 2);

}  // namespace
}  // namespace rondo::conformance
