#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// A set of places below `rank`, in random order.
Ints places(Random& r, int64_t rank, size_t count) {
  Ints all = r.permutation(static_cast<size_t>(rank));
  all.resize(count);
  return all;
}

Case squeeze(Random& r, DType dtype) {
  Ints dims = r.shape(0, 8);
  const Ints axes =
      places(r, static_cast<int64_t>(dims.size()), static_cast<size_t>(r.number(0, static_cast<int64_t>(dims.size()))));
  for (int64_t axis : axes) dims[static_cast<size_t>(axis)] = 1;
  return Case(ir::OpKind::k_squeeze, {{"axes", axes}}).data(r.specials(dtype, dims), unit_axes(dims));
}

Case unsqueeze(Random& r, DType dtype) {
  const Ints dims = r.shape(0, 6);
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t more = r.number(0, 8 - rank);
  const Ints axes = places(r, rank + more, static_cast<size_t>(more));
  return Case(ir::OpKind::k_unsqueeze, {{"axes", axes}}).data(r.specials(dtype, dims));
}

const Registration squeeze_row("squeeze", kAllTypes, squeeze);
const Registration unsqueeze_row("unsqueeze", kAllTypes, unsqueeze);

}  // namespace
}  // namespace rondo::conformance
