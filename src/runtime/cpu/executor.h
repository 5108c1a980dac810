#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bulk_memory.h"
#include "base/thread_team.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/packing/packing.h"
#include "plan/program.h"
#include "runtime/cpu/binding/bound_views.h"
#include "runtime/cpu/commands.h"
#include "runtime/cpu/team_policy.h"

namespace rondo::runtime {

/// A program bound to shapes, ready to run again and again at changing addresses.
/// Memory    references program and packed matrices; owns all that a run needs
/// Threads   one thread at a time
class Executor {
 public:
  struct Inputs {
    const plan::Program& program;
    std::vector<int64_t> exprs;                      ///< value of every expression
    std::vector<std::vector<int64_t>> binding_dims;  ///< by binding
    std::span<const kernels::PackedMatrix> packed;
    kernels::Isa isa = kernels::Isa::kScalar;
    int threads = 1;  ///< the most ranks to use
    TeamPolicy policy = TeamPolicy::kPaying;
    StepRange range = {};           ///< the steps to run
    PluginHost* plugins = nullptr;  ///< of the context; null: none is loaded
  };

  /// Errors    kInvalidArgument if a view would leave its buffer or a step does not fit these shapes, naming the step
  explicit Executor(Inputs inputs);
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();

  /// Points the program at memory: one address per buffer. No allocation.
  void rebase(std::span<std::byte* const> buffers) { views_.rebase(buffers, locals_); }

  /// Ranks that a run uses; run() needs a team of at least as many if this is more than 1.
  int threads() const { return schedule_->threads; }
  std::span<const BoundBuffer> buffers() const { return buffers_; }

  /// Runs the program once. Returns plan::kNone, or the step at which it stopped: a plugin that failed, or else because a loop counter
  /// had left the tensor it walks.
  /// No allocation, lock, string or virtual call.
  uint32_t run(ThreadTeam* team) noexcept;
  /// The same for a part of a program: loop counters start as `slots` says and are left there.
  uint32_t run(ThreadTeam* team, std::span<int64_t> slots, int64_t* step_ns) noexcept;
  /// The same, adding to step_ns[s] the time rank 0 spends in step s (a loop's time contains that of its body).
  uint32_t run_timed(ThreadTeam* team, std::span<int64_t> step_ns) noexcept;

 private:
  struct Walker;
  enum class Flow : uint8_t { kNext, kBreak, kStop };

  void place_locals();
  uint32_t start(ThreadTeam* team, const int64_t* slots) noexcept;
  static void enter_rank(void* self, int rank) noexcept;
  template <bool kTimed>
  Flow walk(const Sequence& sequence, Walker& w) noexcept;
  template <bool kTimed>
  Flow control(const Command& command, Walker& w) noexcept;
  template <bool kTimed>
  Flow loop(const Command& command, Walker& w) noexcept;
  template <bool kTimed>
  Flow branch(const BranchCommand& branch, Walker& w) noexcept;
  template <bool kTimed>
  Flow split(const SplitCommand& split, Walker& w) noexcept;
  bool prepare(const Command& command, Walker& w) noexcept;
  Flow kernel(const Command& command, Walker& w) noexcept;
  Flow leave(Flow flow, Team* team, int rank, Walker& w) noexcept;
  static bool meet(Walker& w) noexcept;
  Flow stop(Walker& w) noexcept;

  Inputs inputs_;
  std::vector<BoundBuffer> buffers_;
  BoundViews views_;
  std::unique_ptr<Schedule> schedule_;
  std::vector<Walker> walkers_;
  std::vector<std::byte> memory_;   ///< counters, meeting numbers and scratch of all ranks
  Bytes local_memory_;              ///< of local buffers that do not lie in scratch
  std::vector<std::byte*> locals_;  ///< by buffer
  std::vector<int64_t> shared_slots_;
  std::atomic<uint32_t> stopped_at_{plan::kNone};
  int64_t* step_ns_ = nullptr;
};

}  // namespace rondo::runtime
