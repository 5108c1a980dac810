#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/packing/packing.h"
#include "plan/program.h"
#include "runtime/cpu/bound.h"

namespace rondo::runtime {

struct StagePlan;

/// One stage of a Program bound to shapes: how its iteration space is cut into tiles, and the loops over them.
///
/// The result of an element depends on the stage and the ISA alone: not on the team, nor on the tile it falls in.
/// Threads    const methods are safe together; a run by a team is one call of run() for every rank, and ends for a rank when
///            its own share is done (whoever needs the whole result waits at a barrier)
class StageRunner {
 public:
  /// `exprs` are the Program's expressions evaluated for the shapes; `views` all bound views by ViewId. The array of views and
  /// the packed matrices (by Program::packed index) outlive the runner; afterwards only `base` pointers in `views` change.
  StageRunner(const plan::Program& program, const plan::Stage& stage, std::span<const kernels::PackedMatrix> packed,
              std::span<const int64_t> exprs, const BoundView* views, kernels::Isa isa);
  ~StageRunner();
  StageRunner(StageRunner&&) noexcept;
  StageRunner& operator=(StageRunner&&) noexcept;

  /// Team size, 1 .. available, that pays for this stage at its shapes: 1 if there is less work than a barrier is worth.
  int useful_threads(int available) const;
  /// Scratch of one thread, in bytes; it is to be 64-byte aligned.
  size_t scratch_bytes() const;
  /// Does the share of `rank` in a team of `size`. `slots` are the calling thread's loop counters. No barrier, no allocation.
  void run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept;

 private:
  std::unique_ptr<const StagePlan> plan_;
};

}  // namespace rondo::runtime
