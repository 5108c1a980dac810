#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case identity(Random& r, DType dtype) {
  return Case(ir::OpKind::k_identity, {}).data(r.specials(dtype, r.shape(0, 8)));
}

const Registration row("identity", kAllTypes, identity, 0.4);

}  // namespace
}  // namespace rondo::conformance
