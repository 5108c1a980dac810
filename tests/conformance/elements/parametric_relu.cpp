#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case parametric_relu(Random& r, DType dtype) {
  const Ints dims = r.shape(0, 8);
  Ints slope = dims;
  for (int64_t& extent : slope) extent = r.one_in(2) ? 1 : extent;
  Case c(ir::OpKind::k_parametric_relu, {});
  c.data(r.one_in(3) ? r.specials(dtype, dims) : r.values(dtype, dims, -4, 4));
  if (r.flip()) return c.constant(r.values(dtype, slope, -2, 2));
  return c.data(r.values(dtype, slope, -2, 2), unit_axes(slope));
}

const Registration row("parametric_relu", kFloats, parametric_relu);

}  // namespace
}  // namespace rondo::conformance
