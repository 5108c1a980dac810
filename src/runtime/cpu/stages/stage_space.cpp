// Merging axes. An iteration space [T, B, H] over dense tensors is a line of T*B*H elements, and a GEMM over [T, B, K]
// has T*B rows; both only if every operand agrees, in every layout that it may have (a carried value's first reading
// can differ). A GEMM keeps its last axis, the units, apart; its rows are the last group before it. If that group is
// short and another one is long, the long one serves better as rows: [T, B=1, H] with permuted outputs. A stage that
// folds rows keeps the axes of a row apart from the others: its columns are the last group of those.
#include "runtime/cpu/stages/stage_space.h"

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

struct Request {
  std::span<const int64_t> dims;
  std::span<const BoundView* const> operands;
  std::span<const GemmViews> gemms;
  uint32_t indexed;
  int batch_end;  // axes before it are those that a right-hand side has, too
};

// True if `axis` continues `group` for every operand.
bool joins(const Request& request, const Group& group, int axis) {
  const int last = group.merged.axis;
  const int64_t inner = request.dims[axis];
  if (((request.indexed >> axis) | (request.indexed >> last)) & 1u) return false;
  for (const BoundView* view : request.operands) {
    if (!one_stride(view, last, axis, inner)) return false;
  }
  for (const GemmViews& gemm : request.gemms) {
    if (!one_stride(gemm.a, last, axis, inner)) return false;
    if (gemm.b != nullptr && axis < request.batch_end && !one_stride(gemm.b, last, axis, inner)) return false;
  }
  return axis < request.batch_end || shares_b(request.gemms, group.begin, std::min(axis, request.batch_end));
}

// The group that serves as rows, or -1: the last one; for gemms, a longer one if that is short.
int pick_rows(const Request& request, const std::vector<Group>& groups) {
  if (request.gemms.empty()) return static_cast<int>(groups.size()) - 1;
  int rows = -1;
  for (int i = static_cast<int>(groups.size()) - 1; i >= 0; --i) {
    const Group& group = groups[i];
    if (!shares_b(request.gemms, group.begin, std::min(group.merged.axis + 1, request.batch_end))) continue;
    const bool longer =
        rows >= 0 && groups[rows].merged.size < kFewRows && group.merged.size > groups[rows].merged.size;
    if (rows < 0 || longer) rows = i;
  }
  return rows;
}

// Moves the groups of a row's axes to cols and inner. An empty row is one empty run.
void take_row(int first_axis, std::vector<Group>* groups, StageSpace* space) {
  bool empty = false;
  while (!groups->empty() && groups->back().begin >= first_axis) {
    const MergedAxis axis = groups->back().merged;
    empty |= axis.size == 0;
    if (space->cols.axis < 0) {
      space->cols = axis;
    } else {
      space->inner.insert(space->inner.begin(), axis);
    }
    groups->pop_back();
  }
  if (!empty) return;
  space->cols.size = 0;
  space->inner.clear();
}

}  // namespace

StageSpace merge_axes(std::span<const int64_t> dims, std::span<const BoundView* const> operands,
                      std::span<const GemmViews> gemms, uint32_t indexed, int row_axes) {
  StageSpace space;
  const int rank = static_cast<int>(dims.size());
  const Request request{dims, operands, gemms, indexed, std::max(0, rank - 2)};
  const int first_row_axis = rank - row_axes;
  for (int axis = 0; axis < first_row_axis; ++axis) space.empty |= dims[axis] == 0;
  std::vector<Group> groups;
  for (int axis = 0, end = gemms.empty() ? rank : rank - 1; axis < end; ++axis) {
    if (dims[axis] == 1) continue;
    const bool apart = !groups.empty() && groups.back().begin < first_row_axis && axis >= first_row_axis;
    if (!groups.empty() && !(row_axes > 0 && apart) && joins(request, groups.back(), axis)) {
      groups.back().merged.size *= dims[axis];
      groups.back().merged.axis = axis;
    } else {
      groups.push_back({{dims[axis], axis}, axis});
    }
  }
  if (!gemms.empty()) {
    space.cols = {dims[rank - 1], rank - 1};
  } else if (row_axes > 0) {
    take_row(first_row_axis, &groups, &space);
  } else if (!groups.empty()) {
    space.cols = groups.back().merged;
    groups.pop_back();
  }
  const int rows = pick_rows(request, groups);
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
