// Merging axes. An iteration space [T, B, H] over dense tensors is a line of T*B*H elements, and a GEMM over [T, B, K] has T*B rows;
// both only if every operand agrees, in every layout that it may have (a carried value's first reading can differ).
// A GEMM keeps its last axis, the units, apart; its rows are the last group before it. If that group is short and another one
// is long, the long one serves better as rows: [T, B=1, H] with permuted outputs.
#include "runtime/cpu/stage_space.h"

#include <algorithm>

namespace rondo::runtime {
namespace {

constexpr int64_t kFewRows = 8;

// True if each layout of `view` crosses axes i and j (of size `inner`) with one stride.
bool one_stride(const BoundView* view, int i, int j, int64_t inner) {
  for (; view != nullptr; view = view->first) {
    if (view->stride_bytes[i] != view->stride_bytes[j] * inner) return false;
  }
  return true;
}

bool is_constant_along(const BoundView* view, int axis) {
  for (; view != nullptr; view = view->first) {
    if (view->stride_bytes[axis] != 0) return false;
  }
  return true;
}

// True if the right-hand sides are the same along the original axes begin .. end.
bool shares_b(std::span<const GemmViews> gemms, int begin, int end) {
  for (const GemmViews& gemm : gemms) {
    for (int axis = begin; gemm.b != nullptr && axis < end; ++axis) {
      if (!is_constant_along(gemm.b, axis)) return false;
    }
  }
  return true;
}

struct Group {
  MergedAxis merged;
  int begin = 0;  // first original axis
};

}  // namespace

StageSpace merge_axes(std::span<const int64_t> dims, std::span<const BoundView* const> operands, std::span<const GemmViews> gemms,
                      uint32_t indexed) {
  StageSpace space;
  const int rank = static_cast<int>(dims.size());
  const int merged_end = gemms.empty() ? rank : rank - 1;
  const int batch_end = std::max(0, rank - 2);  // axes that a right-hand side has, too
  std::vector<Group> groups;
  for (int axis = 0; axis < rank; ++axis) space.empty |= dims[axis] == 0;
  for (int axis = 0; axis < merged_end; ++axis) {
    if (dims[axis] == 1) continue;
    const auto joins = [&](const Group& group) {
      const int last = group.merged.axis;
      if (((indexed >> axis) | (indexed >> last)) & 1u) return false;
      for (const BoundView* view : operands) {
        if (!one_stride(view, last, axis, dims[axis])) return false;
      }
      for (const GemmViews& gemm : gemms) {
        if (!one_stride(gemm.a, last, axis, dims[axis])) return false;
        if (gemm.b != nullptr && axis < batch_end && !one_stride(gemm.b, last, axis, dims[axis])) return false;
      }
      return axis < batch_end || shares_b(gemms, group.begin, std::min(axis, batch_end));
    };
    if (!groups.empty() && joins(groups.back())) {
      groups.back().merged.size *= dims[axis];
      groups.back().merged.axis = axis;
    } else {
      groups.push_back({{dims[axis], axis}, axis});
    }
  }
  if (gemms.empty()) {
    if (!groups.empty()) {
      space.cols = groups.back().merged;
      groups.pop_back();
    }
  } else if (rank > 0) {
    space.cols = {dims[rank - 1], rank - 1};
  }
  int rows = -1;
  for (int i = static_cast<int>(groups.size()) - 1; i >= 0; --i) {
    const Group& group = groups[i];
    if (!shares_b(gemms, group.begin, std::min(group.merged.axis + 1, batch_end))) continue;
    const bool longer = rows >= 0 && !gemms.empty() && groups[rows].merged.size < kFewRows &&
                        group.merged.size > groups[rows].merged.size;
    if (rows < 0 || longer) rows = i;
    if (gemms.empty()) break;
  }
  for (int i = 0; i < static_cast<int>(groups.size()); ++i) {
    if (i == rows) {
      space.rows = groups[i].merged;
    } else {
      space.outer.push_back(groups[i].merged);
      space.outer_size *= groups[i].merged.size;
    }
  }
  return space;
}

}  // namespace rondo::runtime
