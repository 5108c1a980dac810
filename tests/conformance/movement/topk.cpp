#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case topk(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 6);
  const int64_t op = r.number(0, 1), axis = r.number(0, static_cast<int64_t>(dims.size()) - 1);
  const int64_t extent = dims[static_cast<size_t>(axis)];
  const auto type = static_cast<int64_t>(r.pick<DType>({DType::kInt32, DType::kInt64}));
  Case c(ir::OpKind::k_topk, {{"op", op}, {"axis", axis}, {"indices", type}});
  c.uses("TopKOperation", op == 0 ? "MAX" : "MIN");
  c.dims("k", {r.number(0, extent)});
  // Few distinct values, so that ties are common; k in numbers wants an extent that cannot fall below it.
  return c.data(r.one_in(3) ? r.specials(dtype, dims) : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -6, 6),
                1u << axis);
}

const Registration row("topk",
                       {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8, DType::kUint8, DType::kInt32,
                        DType::kInt64},
                       topk);

}  // namespace
}  // namespace rondo::conformance
