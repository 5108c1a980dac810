#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kModes[] = {"DEFAULT", "ELEMENT", "ND"};

/// Indices into an extent, some of them outside of it.
ops::Tensor indices(Random& r, const Ints& dims, int64_t extent) {
  const DType type = r.pick<DType>({DType::kInt32, DType::kInt64});
  return r.values(type, dims, r.one_in(4) ? -2 : 0,
                  static_cast<double>(r.one_in(4) ? extent + 1 : std::max<int64_t>(extent - 1, 0)));
}

Case gather(Random& r, DType dtype) {
  const int64_t mode = r.number(0, 2);
  const Ints dims = r.shape(1, mode == 1 ? 8 : 4);
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t axis = r.number(0, rank - 1), extent = dims[static_cast<size_t>(axis)];
  int64_t shared = 0;
  Ints at;
  uint32_t fixed = 0;
  if (mode == 0) {
    shared = axis > 0 && r.one_in(3) ? 1 : 0;
    if (shared > 0) at.push_back(dims[0]), fixed = dims[0] == 1 ? 1 : 0;
    const Ints more = r.shape(0, 3);
    at.insert(at.end(), more.begin(), more.end());
  } else if (mode == 1) {
    at = dims;
    for (int64_t& e : at) e = r.number(r.one_in(10) ? 0 : e > 0, e);
    at[static_cast<size_t>(axis)] = r.number(0, 6);
  } else {
    shared = rank > 1 && r.one_in(3) ? 1 : 0;
    if (shared > 0) at.push_back(dims[0]), fixed = dims[0] == 1 ? 1 : 0;
    const Ints more = r.shape(0, 3);
    at.insert(at.end(), more.begin(), more.end());
    at.push_back(r.number(1, rank - shared));
    fixed |= 1u << (at.size() - 1);
  }
  Case c(ir::OpKind::k_gather, {{"mode", mode}, {"elementwise_dims", shared}});
  if (mode != 2) c.attrs.set("axis", axis);
  c.uses("GatherMode", kModes[mode]);
  const int64_t reach = mode == 2 ? 3 : extent;
  return c.data(r.specials(dtype, dims), shared > 0 ? fixed & 1 : 0).data(indices(r, at, reach), fixed);
}

const Registration row("gather", kAllTypes, gather);

}  // namespace
}  // namespace rondo::conformance
