#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case select(Random& r, DType dtype) {
  const Ints dims = r.shape(0, 8);
  Ints each[] = {dims, dims, dims};
  uint32_t fixed = unit_axes(dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!r.one_in(4)) continue;
    each[r.number(0, 2)][i] = 1;
    fixed |= 1u << i;
  }
  Case c(ir::OpKind::k_pointwise, {{"fn", std::string("select")}});
  c.data(r.values(DType::kBool, each[0], 0, 1), fixed);
  return c.data(r.specials(dtype, each[1]), fixed).data(r.specials(dtype, each[2]), fixed);
}

const Registration row("select", kAllTypes, select);

}  // namespace
}  // namespace rondo::conformance
