#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

double volume_of(const Ints& dims, int64_t axes) {
  double count = 1;
  for (size_t i = 0; i < dims.size(); ++i) count *= (axes >> i & 1) != 0 ? static_cast<double>(dims[i]) : 1;
  return count;
}

Case normalized(Random& r, DType dtype, const Ints& dims, const Ints& factor, int64_t axes, int64_t groups, bool v2) {
  Case c(ir::OpKind::k_normalization, {{"axes", axes}, {"groups", groups}, {"epsilon", 1e-2}, {"v2", int64_t{v2}}});
  c.terms = 16 + volume_of(dims, groups > 1 ? axes | 2 : axes);
  c.scale = 40;
  const DType of_factor = r.flip() ? dtype : DType::kFloat32;
  c.data(r.values(dtype, dims, -2, 2), groups > 1 ? 2u : unit_axes(dims));
  return c.data(r.values(of_factor, factor, 0.5, 1.5), ~0u).data(r.values(of_factor, factor, -1, 1), ~0u);
}

Case normalization(Random& r, DType dtype) {
  if (r.one_in(3)) {
    const int64_t groups = r.number(2, 3);
    const bool v2 = r.flip();
    Ints dims = r.shape(3, 5);
    dims[1] = groups * r.number(1, 2);
    Ints factor(dims.size(), 1);
    factor[1] = v2 ? dims[1] : groups;
    return normalized(r, dtype, dims, factor, (int64_t{1} << dims.size()) - 4, groups, v2);
  }
  const Ints dims = r.shape(1, 6);
  const auto rank = static_cast<int64_t>(dims.size());
  // The last dimensions, as layer normalization has them, or any.
  const int64_t all = (int64_t{1} << rank) - 1;
  const int64_t axes = r.flip() ? all & ~((int64_t{1} << r.number(0, rank - 1)) - 1) : r.number(1, all);
  Ints factor(dims.size(), 1);
  return normalized(r, dtype, dims, factor, axes, 1, r.flip());
}

const Registration row("normalization", kFloats, normalization, 1.5);

}  // namespace
}  // namespace rondo::conformance
