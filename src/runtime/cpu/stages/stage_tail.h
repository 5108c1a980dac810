#pragma once

#include "runtime/cpu/stages/stage_plan.h"

namespace rondo::runtime {

/// An operand for the loop counters of this call.
struct ActiveOperand {
  const BoundView* view = nullptr;  ///< whose strides hold
  std::byte* origin = nullptr;      ///< address of element 0 of the space
  std::byte* address = nullptr;     ///< of element (0, 0) at the current outer index
};

/// The tail of one call of run(): resolves operands once, then runs tiles. Everything lives in the thread's scratch.
class TailCall {
 public:
  /// `locals`: see RowBlock.
  TailCall(const StagePlan& plan, const int64_t* slots, std::byte* scratch, const uintptr_t* locals = nullptr);
  /// Moves to an outer index; the first call of run() follows one.
  void set_outer(int64_t outer);
  /// Runs the tail over rows x cols elements from (row, col) on; accumulators as in tile::Tile.
  void run(int64_t row, int64_t col, int64_t rows, int64_t cols, const float* acc, int64_t acc_row_stride);
  /// Asks for the lines that run() will touch in operands whose rows are dense, so that they come while products are computed.
  void ask_ahead(int64_t row, int64_t col, int64_t rows, int64_t cols) const;
  /// Whether micro-kernels can do the tail in this call.
  bool is_sum() const;
  /// Lets a micro-kernel do the tail from (row, col) on; only if is_sum().
  void give_sum(int64_t row, int64_t col, kernels::GemmTile* tile) const;
  /// Runs a program that folds rows over whole rows from `row` on, at most RowShape::rows of them.
  void run_rows(int64_t row, int64_t rows);

 private:
  void set_rows(int64_t* inner_strides);

  const StagePlan& plan_;
  ActiveOperand* operands_;
  tile::TileOperand* tile_operands_;
  tile::TileAxis* axes_;
  tile::Tile tile_;
  tile::RowTile row_tile_;
};

/// Byte offset of an outer index in a view that has the first `axes` axes of the space and is constant along the others.
int64_t outer_offset(const StageSpace& space, const BoundView& view, int64_t outer, int axes);

}  // namespace rondo::runtime
