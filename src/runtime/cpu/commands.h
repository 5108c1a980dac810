#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/thread_team.h"
#include "plan/program.h"
#include "runtime/cpu/binding/footprint.h"
#include "runtime/cpu/chains/chain_runner.h"
#include "runtime/cpu/kernel_runner.h"
#include "runtime/cpu/stages/stage_runner.h"

namespace rondo::runtime {

/// Ranks that walk commands together. A failing rank writes the number of the team's next barrier; whoever passes that barrier leaves.
struct Team {
  Team(uint32_t id_, int size_) : id(id_), size(size_), barrier(size_) {}
  const uint32_t id;
  const int size;
  bool closes = false;  ///< something inside can fail: its ranks meet once more at the end
  Barrier barrier;
  std::atomic<uint64_t> failed_at{0};
};

struct LoopCommand;
struct BranchCommand;
struct SplitCommand;

/// One step as the executor walks it. Ranks from `threads` on skip it.
struct Command {
  plan::StepKind kind = plan::StepKind::kStage;
  bool barrier = false;  ///< meet before it
  bool chained = false;  ///< a kStage with `chain`: it and the stages behind it, block by block
  int threads = 1;
  uint32_t step = 0;  ///< of the program
  union {
    const StageRunner* stage = nullptr;
    const ChainRunner* chain;
    const KernelRunner* kernel;
    const LoopCommand* loop;
    const BranchCommand* branch;
    const SplitCommand* split;
    const BoundView* flag;  ///< kBreak
  };
  const RuntimeCheck* checks = nullptr;
  uint32_t check_count = 0;
  uint32_t refresh_count = 0;
  const uint32_t* refresh = nullptr;  ///< counters to take over from the rank that ran their loop
};
using Sequence = std::vector<Command>;

struct LoopCommand {
  uint32_t slot = 0;
  int64_t trips = 0;                 ///< INT64_MAX without a limit known beforehand
  const BoundView* count = nullptr;  ///< limit in memory, i32 or i64
  bool back_barrier = false;         ///< meet between two iterations
  bool publish = false;              ///< the counter is read behind the loop
  Team* team = nullptr;              ///< who runs it; another than the current one where fewer ranks pay
  Sequence body;
};

struct BranchCommand {
  const BoundView* flag = nullptr;  ///< null: shapes tell the condition
  bool takes_then = false;          ///< then
  Team* team = nullptr;
  Sequence then_body, else_body;
};

/// Independent blocks on disjoint sub-teams; ends with a barrier of the whole.
struct SplitCommand {
  struct Part {
    int first_rank = 0;
    Team* team = nullptr;
    std::deque<Sequence> blocks;
  };
  std::vector<Part> parts;
  std::vector<uint32_t> part_of_rank;
};

/// A program bound to shapes and to a number of threads. Addresses inside never move.
struct Schedule {
  int threads = 1;
  size_t scratch_bytes = 0;  ///< per rank
  Team* root = nullptr;
  Sequence entry;
  std::vector<Footprint> footprints;
  std::vector<std::optional<StageRunner>> stages;    ///< by step
  std::vector<std::optional<KernelRunner>> kernels;  ///< by step
  std::deque<ChainRunner> chains;                    ///< those that run in blocks
  std::vector<const ChainRunner*> chain_of;          ///< by step; null: the step runs on its own
  int64_t local_bytes = 0;                           ///< memory for the local buffers of the other chains
  std::deque<LoopCommand> loops;
  std::deque<BranchCommand> branches;
  std::deque<SplitCommand> splits;
  std::deque<Team> teams;

  Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;
};

}  // namespace rondo::runtime
