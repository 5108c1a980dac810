#pragma once

#include "runtime/cpu/stages/stage_plan.h"

namespace rondo::runtime {

/// Elements of a tile of a tail that holds `live_bytes` bytes of values per element; a multiple of 64.
int64_t tail_elements(int64_t live_bytes);
/// Size of the largest cache of this machine; 32 MB if it does not say.
int64_t last_level_cache_bytes();
/// Tiles of a stage without gemms. Needs plan.space and plan.operands.
Tiling tile_pointwise(const StagePlan& plan, int64_t elements);
/// How rows of plan.space are cut, for a program that folds them.
tile::RowShape tile_rows(const StagePlan& plan, int64_t elements);
/// Tiles of a stage with gemms, whose tail may run as block code. Needs plan.space and plan.gemms (all but c_vector and scratch).
Tiling tile_gemm(const StagePlan& plan, int64_t elements, int64_t acc_count, bool in_blocks);

}  // namespace rondo::runtime
