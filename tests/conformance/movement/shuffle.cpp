#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// perm applied to dims
Ints permuted(const Ints& dims, const Ints& perm) {
  Ints out = dims;
  for (size_t i = 0; i < perm.size(); ++i) out[i] = dims[static_cast<size_t>(perm[i])];
  return out;
}

/// Another shape of the same volume: extents merged, or an extent of 1 put in.
Ints reshaped(Random& r, Ints dims) {
  while (dims.size() > 1 && r.flip()) {
    const auto at = static_cast<size_t>(r.number(0, static_cast<int64_t>(dims.size()) - 2));
    dims[at] *= dims[at + 1];
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  if (dims.size() < 8 && r.flip()) dims.insert(dims.begin() + r.number(0, static_cast<int64_t>(dims.size())), 1);
  return dims;
}

Case shuffle(Random& r, DType dtype) {
  const Ints dims = r.shape(0, 8, r.one_in(8) ? 0 : 1);
  const bool reshapes = r.flip();
  const Ints perm1 = r.flip() ? Ints{} : r.permutation(dims.size());
  Ints shape = permuted(dims, perm1);
  bool empty = false;
  for (int64_t extent : shape) empty |= extent == 0;
  if (reshapes) shape = reshaped(r, shape);
  Ints target = reshapes ? shape : Ints{};
  bool zero_is_placeholder = !empty;
  if (!target.empty() && !empty && r.flip())
    target[static_cast<size_t>(r.number(0, static_cast<int64_t>(target.size()) - 1))] = -1;
  const Ints perm2 = r.flip() ? Ints{} : r.permutation(shape.size());
  Case c(ir::OpKind::k_shuffle, {{"perm1", perm1},
                                 {"has_reshape", int64_t{reshapes}},
                                 {"zero_is_placeholder", int64_t{zero_is_placeholder}},
                                 {"perm2", perm2}});
  c.dims("reshape", target);
  // A shape given in numbers, and open extents, agree only at run time.
  return c.data(r.specials(dtype, dims));
}

const Registration row("shuffle", kAllTypes, shuffle);

}  // namespace
}  // namespace rondo::conformance
