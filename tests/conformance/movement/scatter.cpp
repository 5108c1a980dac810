#include <algorithm>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// Indices into extents, now and then outside.
ops::Tensor indices(Random& r, const Ints& dims, int64_t extent) {
  const DType dtype = r.flip() ? DType::kInt32 : DType::kInt64;
  const int64_t beyond = r.one_in(3) ? 2 : 0;
  return r.values(dtype, dims, static_cast<double>(-beyond),
                  static_cast<double>(std::max<int64_t>(extent - 1, 0) + beyond));
}

Case element(Random& r, DType dtype) {
  const Ints data = r.shape(1, 8);
  const int64_t axis = r.number(0, static_cast<int64_t>(data.size()) - 1);
  Ints dims = data;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (r.flip()) dims[i] = static_cast<int64_t>(i) == axis ? r.number(0, 2 * dims[i] + 1) : r.number(0, dims[i]);
  }
  Case c(ir::OpKind::k_scatter, {{"mode", int64_t{0}}, {"axis", axis}});
  c.data(r.values(dtype, data, 0, 4));
  c.data(indices(r, dims, data[static_cast<size_t>(axis)]));
  return c.data(r.values(dtype, dims, 0, 4)).uses("ScatterMode", "ELEMENT");
}

Case nd(Random& r, DType dtype) {
  const Ints data = r.shape(1, 6);
  const int64_t k = r.number(1, static_cast<int64_t>(data.size()));
  Ints lead = r.shape(0, 2);
  for (int64_t& n : lead) n = std::min<int64_t>(n, 5);
  Ints index = lead, updates = lead;
  index.push_back(k);
  updates.insert(updates.end(), data.begin() + k, data.end());
  int64_t extent = data[0];
  for (int64_t i = 0; i < k; ++i) extent = std::max(extent, data[static_cast<size_t>(i)]);
  Case c(ir::OpKind::k_scatter, {{"mode", int64_t{1}}, {"axis", int64_t{0}}});
  c.data(r.values(dtype, data, 0, 4));
  c.data(indices(r, index, r.flip() ? extent : 2), 1U << lead.size());
  return c.data(r.values(dtype, updates, 0, 4)).uses("ScatterMode", "ND");
}

Case scatter(Random& r, DType dtype) { return r.flip() ? element(r, dtype) : nd(r, dtype); }

const Registration row("scatter", kAllTypes, scatter, 2);

}  // namespace
}  // namespace rondo::conformance
