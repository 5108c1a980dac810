#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case softmax(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  const int64_t axis = r.number(0, static_cast<int64_t>(dims.size()) - 1);
  Case c(ir::OpKind::k_softmax, {{"axis", axis}});
  c.terms = static_cast<double>(dims[static_cast<size_t>(axis)]) + 2 * 12;
  return c.data(r.values(dtype, dims, -6, 6));
}

const Registration row("softmax", kFloats, softmax, 1.5);

}  // namespace
}  // namespace rondo::conformance
