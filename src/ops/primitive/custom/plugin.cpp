#include <numeric>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"

// plugin(x…) {plugin, type, outputs, dtypes, ranks, dims, told_ranks, told, aliases}: a layer that the application
// computes. `plugin` numbers the entry of a table beside the graph that says which plugin it is; `type` is its name,
// for readers. The plugin has said its result types when the op was made: result i has dtype dtypes[i] and the next
// ranks[i] entries of `dims`. What it is told when it runs differs where it decides an extent itself: told_ranks and
// told, -1 for such extents. aliases[i] is the input that output i is to start as, or -1.
//   C1 the lists fit each other   C2 dtypes of this version, ranks up to 8   C3 no extent negative
// Two plugin ops are never equal: each has an entry of its own. There is no reference: only the application knows.

namespace rondo::ops {
namespace {

constexpr int64_t kMaxRank = 8;

void check_lists(const InferInput& in, const char* ranks, const char* dims) {
  const auto& list = in.attrs.integers(ranks);
  for (const int64_t rank : list) {
    if (rank < 0 || rank > kMaxRank) refuse(in, 2, "an output of rank ", rank, "; ranks lie between 0 and ", kMaxRank);
  }
  const int64_t total = std::accumulate(list.begin(), list.end(), int64_t{0});
  const bool fits = static_cast<int64_t>(list.size()) == in.attrs.integer("outputs") &&
                    total == static_cast<int64_t>(in.attrs.dims(dims).size());
  if (!fits) refuse(in, 1, "the lists '", ranks, "' and '", dims, "' do not describe its outputs");
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  check_lists(in, "ranks", "dims");
  check_lists(in, "told_ranks", "told");
  const auto &dtypes = in.attrs.integers("dtypes"), &ranks = in.attrs.integers("ranks");
  if (dtypes.size() != ranks.size()) refuse(in, 1, "the list 'dtypes' does not describe its outputs");
  std::vector<ir::ValueInfo> results;
  size_t at = 0;
  for (size_t i = 0; i < dtypes.size(); ++i) {
    if (!is_valid_dtype(dtypes[i])) refuse(in, 2, "output ", i, " has no type of this version");
    ir::ValueInfo result{{static_cast<DType>(dtypes[i]), {}}, {}};
    for (int64_t axis = 0; axis < ranks[i]; ++axis) {
      const ir::Dim dim = in.dims.resolve(in.attrs.dims("dims")[at++]);
      if (in.dims.is_constant(dim) && in.dims.value(dim) < 0) {
        refuse(in, 3, "extent ", axis, " of output ", i, " is ", in.dims.value(dim));
      }
      result.type.dims.push_back(dim);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

OpDef define_plugin() { return {infer, nullptr, nullptr}; }

}  // namespace rondo::ops
