#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case fully_connected(Random& r, DType dtype) {
  const Ints dims{r.one_in(8) ? 0 : r.number(1, 9), r.number(1, 4), r.number(1, 4), r.number(1, 17)};
  const int64_t outputs = r.extent(), volume = dims[1] * dims[2] * dims[3];
  Case c(ir::OpKind::k_fully_connected, {{"outputs", outputs}});
  c.terms = static_cast<double>(volume) + 1;
  c.data(r.values(dtype, dims, -1, 1), 0b1110).constant(r.values(dtype, {outputs * volume}, -1, 1));
  if (r.flip()) c.constant(r.values(dtype, {outputs}, -1, 1));
  return c;
}

const Registration row("fully_connected", kFloats, fully_connected);

}  // namespace
}  // namespace rondo::conformance
