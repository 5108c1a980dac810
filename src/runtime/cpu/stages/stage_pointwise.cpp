#include <algorithm>

#include "runtime/cpu/chains/row_block.h"
#include "runtime/cpu/stages/stage_tail.h"

namespace rondo::runtime {

// Tiles are numbered along columns, rows, outer axes; every thread takes a run of numbers.
void run_pointwise_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch) {
  const StageSpace& space = plan.space;
  const Tiling& tiling = plan.tiling;
  const int64_t across = (space.cols.size + tiling.tile_cols - 1) / tiling.tile_cols;
  const int64_t down = (space.rows.size + tiling.tile_rows - 1) / tiling.tile_rows;
  const int64_t tiles = across * down * space.outer_size;
  const int64_t begin = share_begin(tiles, rank, size), end = share_begin(tiles, rank + 1, size);
  if (begin >= end) return;
  TailCall tail(plan, slots, scratch);
  int64_t outer = begin / (across * down), y = begin / across % down, x = begin % across;
  tail.set_outer(outer);
  for (int64_t tile = begin; tile < end; ++tile) {
    const int64_t row = y * tiling.tile_rows, col = x * tiling.tile_cols;
    tail.run(row, col, std::min(tiling.tile_rows, space.rows.size - row),
             std::min(tiling.tile_cols, space.cols.size - col), nullptr, 0);
    if (++x < across) continue;
    x = 0;
    if (++y < down) continue;
    y = 0;
    if (tile + 1 < end) tail.set_outer(++outer);
  }
}

void run_row_rows(const StagePlan& plan, const int64_t* slots, const RowBlock& block, std::byte* scratch) {
  const int64_t step = plan.rows.front().shape().rows, first = block.begin % plan.space.rows.size;
  TailCall tail(plan, slots, scratch, block.locals);
  tail.set_outer(block.begin / plan.space.rows.size);
  for (int64_t row = first; row < first + block.count; row += step) {
    tail.run_rows(row, std::min(step, first + block.count - row));
  }
}

// Tiles of whole rows, numbered along rows and outer axes.
void run_row_stage(const StagePlan& plan, const int64_t* slots, int rank, int size, std::byte* scratch) {
  const int64_t rows = plan.space.rows.size, step = plan.rows.front().shape().rows;
  const int64_t down = (rows + step - 1) / step, tiles = down * plan.space.outer_size;
  const int64_t begin = share_begin(tiles, rank, size), end = share_begin(tiles, rank + 1, size);
  if (begin >= end) return;
  TailCall tail(plan, slots, scratch);
  tail.set_outer(begin / down);
  for (int64_t tile = begin; tile < end; ++tile) {
    const int64_t y = tile % down;
    if (y == 0 && tile != begin) tail.set_outer(tile / down);
    tail.run_rows(y * step, std::min(step, rows - y * step));
  }
}

}  // namespace rondo::runtime
