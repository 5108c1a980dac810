#include "ops/primitive/windows.h"

namespace rondo::ops {

ir::Dim window_positions(ir::DimPool& dims, ir::Dim padded, int64_t span, int64_t stride) {
  const ir::Dim steps = dims.floor_div(dims.add(padded, dims.constant(stride - span)), dims.constant(stride));
  return dims.max(steps, dims.constant(0));
}

const std::vector<int64_t>& require_list(const InferInput& in, int constraint, const char* name, size_t count,
                                         int64_t least) {
  const std::vector<int64_t>& list = in.attrs.integers(name);
  if (list.size() != count) {
    refuse(in, constraint, name, " has ", list.size(), " entries for ", operands_text(in), "; ", count, " are needed");
  }
  for (const int64_t entry : list) {
    if (entry < least) refuse(in, constraint, name, " contains ", entry, "; every entry must be at least ", least);
  }
  return list;
}

const ir::Dims& require_extents(const InferInput& in, int constraint, const char* name, size_t count) {
  const ir::Dims& list = in.attrs.dims(name);
  if (list.size() != count) {
    refuse(in, constraint, name, " has ", list.size(), " entries for ", operands_text(in), "; ", count, " are needed");
  }
  return list;
}

}  // namespace rondo::ops
