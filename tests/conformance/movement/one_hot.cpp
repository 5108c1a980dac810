#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case one_hot(Random& r, DType dtype) {
  Ints dims = r.shape(0, 7);
  for (int64_t& n : dims) n = n > 40 ? 40 : n;
  const int64_t depth = r.number(0, 12);
  Case c(ir::OpKind::k_one_hot, {{"axis", r.number(0, static_cast<int64_t>(dims.size()))}});
  c.dims("depth", {depth});
  c.data(r.values(r.flip() ? DType::kInt32 : DType::kInt64, dims, -1, static_cast<double>(depth)));
  return c.data(r.values(dtype, {2}, 0, 4), ~0U);
}

const Registration row("one_hot", kAllTypes, one_hot);

}  // namespace
}  // namespace rondo::conformance
