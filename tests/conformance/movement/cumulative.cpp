#include <algorithm>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

Case cumulative(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  const int64_t axis = r.number(0, static_cast<int64_t>(dims.size()) - 1);
  Case c(ir::OpKind::k_cumulative,
         {{"axis", axis}, {"op", int64_t{0}}, {"exclusive", r.number(0, 1)}, {"reverse", r.number(0, 1)}});
  c.terms = static_cast<double>(std::max<int64_t>(1, dims[static_cast<size_t>(axis)]));
  c.uses("CumulativeOperation", "SUM");
  const double bound = dtype == DType::kInt32 && r.one_in(3) ? 2e9 : 4;
  return c.data(r.values(dtype, dims, -bound, bound));
}

const Registration row("cumulative", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt32, DType::kInt64},
                       cumulative, 2);

}  // namespace
}  // namespace rondo::conformance
