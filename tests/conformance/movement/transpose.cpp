#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case transpose(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  return Case(ir::OpKind::k_transpose, {{"perm", r.permutation(dims.size())}}).data(r.specials(dtype, dims));
}

const Registration row("transpose", kAllTypes, transpose, 0.6);

}  // namespace
}  // namespace rondo::conformance
