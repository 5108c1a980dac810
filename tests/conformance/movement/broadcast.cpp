#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case broadcast(Random& r, DType dtype) {
  const Ints to = r.shape(1, 8);
  Ints from = to;
  for (int64_t& extent : from) extent = r.flip() ? 1 : extent;
  Case c(ir::OpKind::k_broadcast, {});
  return c.dims("shape", to).data(r.specials(dtype, from), unit_axes(from));
}

const Registration row("broadcast", kAllTypes, broadcast, 0.6);

}  // namespace
}  // namespace rondo::conformance
