#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/cpu/bound.h"

namespace rondo::runtime {

/// Neighbouring axes of an iteration space that every operand crosses with one stride, seen as one. Its stride in a view is the
/// view's stride of `axis`, the innermost of them.
struct MergedAxis {
  int64_t size = 1;
  int axis = -1;  ///< -1: an axis of size 1, whose stride is 0
};
inline int64_t stride_of(const BoundView& view, MergedAxis axis) {
  return axis.axis < 0 ? 0 : view.stride_bytes[axis.axis];
}

/// A stage's iteration space as the tile loops see it.
struct StageSpace {
  std::vector<MergedAxis> outer;
  MergedAxis rows, cols;
  std::vector<MergedAxis> inner;  ///< of a stage that folds rows: axes of a row that do not merge into cols
  int64_t outer_size = 1;         ///< product of outer
  bool empty = false;             ///< there is nothing to do: some axis has size 0 (axes of rows may have)
};

/// What a gemm of the stage allows to merge.
struct GemmViews {
  const BoundView* a = nullptr;
  const BoundView* b = nullptr;  ///< null: one constant for all batches
};

/// Merges the axes `dims` of a stage. `indexed` is a bitmask of axes whose index the tile program reads; they stay apart. The last
/// `row_axes` axes make rows that the program folds (0: it folds none): cols and inner are made of them, the rest of the others.
StageSpace merge_axes(std::span<const int64_t> dims, std::span<const BoundView* const> operands,
                      std::span<const GemmViews> gemms, uint32_t indexed, int row_axes = 0);

}  // namespace rondo::runtime
