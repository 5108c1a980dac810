#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo::runtime {

struct StagePlan;

/// Address of what a view of a local buffer shows, whose base is an offset, in memory that starts at `local`: an address that only
/// adding the rows of the block makes one.
inline std::byte* in_scratch(const std::byte* offset, uintptr_t local) {
  return reinterpret_cast<std::byte*>(local + reinterpret_cast<uintptr_t>(offset));
}

/// Consecutive rows that a chain takes through all of its stages, counted over outer x rows of the stage's space; of one outer index.
struct RowBlock {
  int64_t begin = 0, count = 0;
  bool packs = false;                 ///< right factors are packed anew: the first block of an outer index
  const uintptr_t* locals = nullptr;  ///< by local buffer: where row 0 would lie if all rows lay in scratch
};
void run_gemm_rows(const StagePlan& plan, const int64_t* slots, const RowBlock& block, std::byte* scratch);
void run_row_rows(const StagePlan& plan, const int64_t* slots, const RowBlock& block, std::byte* scratch);

}  // namespace rondo::runtime
