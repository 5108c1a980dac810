#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case ragged_softmax(Random& r, DType dtype) {
  const Ints dims = r.shape(2, 8);
  Ints rows = dims;
  rows.back() = 1;
  ops::Tensor bounds = r.values(r.flip() ? DType::kInt32 : DType::kInt64, rows, 0, 1);
  for (double& v : bounds.data) v = static_cast<double>(r.number(-1, dims.back() + 1));
  Case c(ir::OpKind::k_ragged_softmax, {});
  c.terms = static_cast<double>(dims.back()) + 16;
  return c.data(r.values(dtype, dims, -4, 4)).data(bounds, 1u << (dims.size() - 1));
}

const Registration row("ragged_softmax", kFloats, ragged_softmax);

}  // namespace
}  // namespace rondo::conformance
