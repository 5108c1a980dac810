#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kModes[] = {"NEAREST", "LINEAR", "CUBIC"};
constexpr const char* kPaddings[] = {"STRICT_BOUNDS", "WRAP", "CLAMP", "FILL", "REFLECT"};
enum : int64_t { kNearest, kLinear, kCubic };

Case grid_sample(Random& r, DType dtype) {
  const int64_t mode = is_float(dtype) ? r.number(kNearest, kCubic) : kNearest, padding = r.number(2, 4);
  const size_t space = mode != kCubic && r.one_in(4) ? 3 : 2;
  Ints x{r.number(1, 2), r.one_in(10) ? 0 : r.number(1, 3)}, grid{x[0]};
  for (size_t i = 0; i < space; ++i) {
    x.push_back(r.number(1, 5));
    grid.push_back(r.one_in(15) ? 0 : r.number(1, 4));
  }
  x.back() = std::min<int64_t>(r.extent(), 40);
  if (grid.back() > 0) grid.back() = std::min<int64_t>(r.extent(), 40);
  grid.push_back(static_cast<int64_t>(space));
  Case c(ir::OpKind::k_grid_sample, {{"mode", mode}, {"padding", padding}, {"align_corners", int64_t{r.flip()}}});
  c.uses("InterpolationMode", kModes[mode]);
  c.uses("SampleMode", kPaddings[padding]);
  c.terms = mode == kCubic ? 32 : 12;
  c.scale = 8;
  const DType places = r.flip() ? DType::kFloat32 : r.pick(kFloats);
  c.data(r.values(dtype, x, dtype == DType::kUint8 ? 0 : -4, 4));
  return c.data(r.one_in(6) ? r.specials(places, grid) : r.values(places, grid, -1.8, 1.8));
}

const Registration row("grid_sample",
                       {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kUint8, DType::kInt64}, grid_sample,
                       2);

}  // namespace
}  // namespace rondo::conformance
