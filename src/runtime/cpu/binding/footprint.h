#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/program.h"
#include "runtime/cpu/binding/bound_views.h"

namespace rondo::runtime {

/// Values a loop counter can have where a step runs: lo..hi. `open`: only memory knows the upper end. `soft`: hi is a limit that need
/// not be reached (the loop can break, the step is conditional), so leaving a buffer is found out at run time.
struct SlotRange {
  int64_t lo = 0, hi = 0;
  bool open = false;
  bool soft = false;
  bool empty() const { return !open && hi < lo; }
};

/// Loop counters as a memory of their own, for values that outlive their loop.
constexpr uint32_t kSlotSpace = UINT32_MAX - 1;

/// Bytes lo..hi-1 of a space that a step reads or writes, over all iterations. With period > 0 only bytes whose offset modulo period
/// lies in column_lo..column_hi-1. `threads`: ranks 0..threads-1 of the region may touch them.
struct Access {
  uint32_t space = kNoSpace;
  int64_t lo = 0, hi = 0;
  bool write = false;
  int threads = 1;
  int64_t period = 0, column_lo = 0, column_hi = 0;
};

/// True if the two may not run without a barrier in between: overlapping, not both reads, not both on rank 0 alone.
bool conflicts(const Access& a, const Access& b);

/// A bound that depends on open counters: evaluated before each run of its step.
struct RuntimeCheck {
  const BoundView* view = nullptr;    ///< as the step names it
  const BoundView* member = nullptr;  ///< the view of its `first` chain that this check is for
  int64_t offset = 0;                 ///< of member's first element in its buffer
  int64_t lo = 0, hi = 0;             ///< extent of its axes, hi exclusive
  int64_t size = 0;                   ///< bytes of the buffer
  bool store_only = false;            ///< skipped while the view's guard forbids the store

  bool holds(const int64_t* slots) const;
};

/// What binding learns of one step.
struct Footprint {
  bool live = false;  ///< false: inside a loop of zero iterations, never runs
  std::vector<Access> accesses;
  std::vector<RuntimeCheck> checks;
  std::vector<uint32_t> outer_slots;  ///< counters it reads of loops that do not enclose it
};

/// Consecutive steps of one block with all that is inside of them: what one schedule runs. The default is the whole program; a part
/// knows nothing of the counters of loops outside of it.
struct StepRange {
  uint32_t block = 0;
  size_t begin = 0, end = SIZE_MAX;
  bool whole() const { return block == 0 && begin == 0 && end == SIZE_MAX; }
  std::span<const uint32_t> steps(const plan::Program& program) const {
    const std::span<const uint32_t> all = program.blocks[block].steps;
    return all.subspan(begin, std::min(end, all.size()) - begin);
  }
};

/// Walks the steps of `range` in the order of execution and finds the memory of every step; index = step index. Loops contribute only what they
/// read themselves (their count).
/// Errors    kInvalidArgument naming the step if a view leaves its buffer for these shapes, an extent is negative or absurdly large, or a
///           step is inconsistent (packed operand of another size, kernel attributes out of range)
std::vector<Footprint> find_footprints(const plan::Program& program, std::span<const int64_t> exprs,
                                       std::span<const BoundBuffer> buffers, const BoundViews& views,
                                       const StepRange& range = {});

}  // namespace rondo::runtime
