#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case concat(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  const int64_t axis = r.number(0, static_cast<int64_t>(dims.size()) - 1);
  Case c(ir::OpKind::k_concat, {{"axis", axis}});
  for (int64_t n = r.number(1, 5); n > 0; --n) {
    Ints part = dims;
    if (r.flip()) part[static_cast<size_t>(axis)] = r.number(0, 5);
    c.data(r.specials(dtype, part));
  }
  return c;
}

const Registration row("concat", kAllTypes, concat);

}  // namespace
}  // namespace rondo::conformance
