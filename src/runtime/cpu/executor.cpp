// The walk that every rank of a team makes over the commands of a schedule.
//
// Each rank has its own loop counters, so a loop needs no communication: all ranks count the same way, and what they
// learn from memory (flags, counts) they read behind a barrier. Stopping works without a rank ever waiting in vain.
// Barriers of a team are numbered; the rank that must stop writes the number of its next barrier into the team and goes
// there. All others arrive at their next barrier, which has the same number, see it and leave too. A team in which
// something can fail meets once more at the end of its commands, so that there always is a next barrier. Outside of the
// team its ranks then do the same in the team around it.
#include "runtime/cpu/executor.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "runtime/cpu/lower.h"

namespace rondo::runtime {

using plan::StepKind;

struct alignas(64) Executor::Walker {
  int rank = 0;  ///< in the current team
  int global_rank = 0;
  Team* team = nullptr;
  int64_t* slots = nullptr;
  uint64_t* met = nullptr;  ///< by team: barriers passed
  std::byte* scratch = nullptr;
};

namespace {

constexpr size_t kLine = 64;
size_t lines(size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool read_flag(const BoundView& view, const int64_t* slots) { return *view.address(slots) != std::byte{0}; }

int64_t read_count(const BoundView& view, const int64_t* slots) {
  const std::byte* p = view.address(slots);
  int64_t wide = 0;
  int32_t narrow = 0;
  if (view.dtype == DType::kInt64)
    std::memcpy(&wide, p, sizeof wide);
  else
    std::memcpy(&narrow, p, sizeof narrow);
  return std::max<int64_t>(view.dtype == DType::kInt64 ? wide : narrow, 0);
}

}  // namespace

Executor::Executor(Inputs inputs)
    : inputs_(std::move(inputs)),
      buffers_(bind_buffers(inputs_.program, inputs_.exprs, inputs_.binding_dims)),
      views_(inputs_.program, inputs_.exprs) {
  schedule_ = lower({inputs_.program, inputs_.exprs, buffers_, views_, inputs_.packed, inputs_.isa, inputs_.threads,
                     inputs_.policy, inputs_.range, inputs_.plugins});
  place_locals();
  shared_slots_.resize(inputs_.program.slot_count);
  const size_t ranks = static_cast<size_t>(schedule_->threads);
  const size_t slot_bytes = lines(inputs_.program.slot_count * sizeof(int64_t));
  const size_t met_bytes = lines(schedule_->teams.size() * sizeof(uint64_t));
  const size_t each = slot_bytes + met_bytes + lines(schedule_->scratch_bytes);
  memory_.resize(each * ranks + kLine);
  std::byte* at = memory_.data() + (kLine - reinterpret_cast<uintptr_t>(memory_.data()) % kLine) % kLine;
  walkers_ = std::vector<Walker>(ranks);
  for (size_t r = 0; r < ranks; ++r, at += each) {
    Walker& w = walkers_[r];
    w.global_rank = static_cast<int>(r);
    w.slots = reinterpret_cast<int64_t*>(at);
    w.met = reinterpret_cast<uint64_t*>(at + slot_bytes);
    w.scratch = at + slot_bytes + met_bytes;
  }
}

Executor::~Executor() = default;

void Executor::place_locals() {
  local_memory_.resize(static_cast<size_t>(schedule_->local_bytes));
  locals_.assign(inputs_.program.buffers.size(), nullptr);
  auto* memory = reinterpret_cast<std::byte*>(local_memory_.data());
  for (size_t b = 0; b < locals_.size(); ++b) {
    const BoundBuffer& buffer = buffers_[b];
    const bool fits = buffer.space_offset + buffer.bytes <= schedule_->local_bytes;
    if (buffer.space == kLocalSpace && fits) locals_[b] = memory + buffer.space_offset;
  }
  for (const ChainRunner& chain : schedule_->chains) {
    for (const uint32_t b : chain.locals()) locals_[b] = nullptr;
  }
}

uint32_t Executor::run(ThreadTeam* team) noexcept {
  step_ns_ = nullptr;
  return start(team, nullptr);
}

uint32_t Executor::run(ThreadTeam* team, std::span<int64_t> slots, int64_t* step_ns) noexcept {
  step_ns_ = step_ns;
  const uint32_t stopped_at = start(team, slots.data());
  const int64_t* left = schedule_->threads > 1 ? shared_slots_.data() : walkers_[0].slots;
  for (const LoopCommand& loop : schedule_->loops) slots[loop.slot] = left[loop.slot];
  return stopped_at;
}

uint32_t Executor::run_timed(ThreadTeam* team, std::span<int64_t> step_ns) noexcept {
  step_ns_ = step_ns.data();
  return start(team, nullptr);
}

uint32_t Executor::start(ThreadTeam* team, const int64_t* slots) noexcept {
  stopped_at_.store(plan::kNone, std::memory_order_relaxed);
  if (slots == nullptr)
    std::fill(shared_slots_.begin(), shared_slots_.end(), 0);
  else
    std::copy_n(slots, shared_slots_.size(), shared_slots_.begin());
  for (Walker& w : walkers_) std::copy(shared_slots_.begin(), shared_slots_.end(), w.slots);
  for (Team& t : schedule_->teams) t.failed_at.store(0, std::memory_order_relaxed);
  if (schedule_->threads == 1)
    enter_rank(this, 0);
  else
    team->run(&Executor::enter_rank, this, schedule_->threads);
  return stopped_at_.load(std::memory_order_relaxed);
}

void Executor::enter_rank(void* self, int rank) noexcept {
  Executor& executor = *static_cast<Executor*>(self);
  Walker& w = executor.walkers_[static_cast<size_t>(rank)];
  std::fill_n(w.met, executor.schedule_->teams.size(), 0);
  w.rank = rank;
  w.team = executor.schedule_->root;
  const Flow flow = executor.step_ns_ != nullptr && rank == 0 ? executor.walk<true>(executor.schedule_->entry, w)
                                                              : executor.walk<false>(executor.schedule_->entry, w);
  if (flow != Flow::kStop && w.team->closes && w.team->size > 1) meet(w);
}

/// Passes the next barrier of the current team; false if the team stops there.
bool Executor::meet(Walker& w) noexcept {
  w.team->barrier.wait();
  return w.team->failed_at.load(std::memory_order_relaxed) != ++w.met[w.team->id];
}

/// Leaves the current team for good, taking all its ranks along.
Executor::Flow Executor::stop(Walker& w) noexcept {
  if (w.team->size > 1) {
    w.team->failed_at.store(w.met[w.team->id] + 1, std::memory_order_relaxed);
    meet(w);
  }
  return Flow::kStop;
}

/// Goes back from w.team to the team around it.
Executor::Flow Executor::leave(Flow flow, Team* team, int rank, Walker& w) noexcept {
  if (w.team == team) return flow;
  if (flow != Flow::kStop && w.team->closes && w.team->size > 1 && !meet(w)) flow = Flow::kStop;
  w.team = team;
  w.rank = rank;
  return flow == Flow::kStop ? stop(w) : flow;
}

/// Takes over counters and evaluates checks; false if the step must not run.
bool Executor::prepare(const Command& command, Walker& w) noexcept {
  for (uint32_t i = 0; i < command.refresh_count; ++i) w.slots[command.refresh[i]] = shared_slots_[command.refresh[i]];
  for (uint32_t i = 0; i < command.check_count; ++i) {
    if (command.checks[i].holds(w.slots)) continue;
    uint32_t none = plan::kNone;
    stopped_at_.compare_exchange_strong(none, command.step, std::memory_order_relaxed);
    return false;
  }
  return true;
}

template <bool kTimed>
Executor::Flow Executor::walk(const Sequence& sequence, Walker& w) noexcept {
  for (const Command& command : sequence) {
    if (command.barrier && !meet(w)) return Flow::kStop;
    if (w.rank >= command.threads) continue;
    if ((command.check_count | command.refresh_count) != 0 && !prepare(command, w)) return stop(w);
    const int64_t begin = kTimed ? now_ns() : 0;
    Flow flow = Flow::kNext;
    if (command.chained)
      command.chain->run(w.slots, w.rank, command.threads, w.scratch, kTimed ? step_ns_ : nullptr);
    else if (command.kind == StepKind::kStage)
      command.stage->run(w.slots, w.rank, command.threads, w.scratch);
    else if (command.kind == StepKind::kKernel)
      flow = kernel(command, w);
    else
      flow = control<kTimed>(command, w);
    if (kTimed && !command.chained) step_ns_[command.step] += now_ns() - begin;
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Executor::Flow Executor::kernel(const Command& command, Walker& w) noexcept {
  command.kernel->run(w.slots, w.rank, command.threads, w.scratch);
  if (!command.kernel->take_failure()) return Flow::kNext;
  uint32_t none = plan::kNone;
  stopped_at_.compare_exchange_strong(none, command.step, std::memory_order_relaxed);
  return stop(w);
}

template <bool kTimed>
Executor::Flow Executor::control(const Command& command, Walker& w) noexcept {
  switch (command.kind) {
    case StepKind::kLoop:
      return loop<kTimed>(command, w);
    case StepKind::kBreak:
      return read_flag(*command.flag, w.slots) ? Flow::kNext : Flow::kBreak;
    case StepKind::kConditional:
      return branch<kTimed>(*command.branch, w);
    case StepKind::kParallel:
      return split<kTimed>(*command.split, w);
    default:
      return Flow::kNext;
  }
}

template <bool kTimed>
Executor::Flow Executor::loop(const Command& command, Walker& w) noexcept {
  const LoopCommand& l = *command.loop;
  Team* const outer = w.team;
  const int rank = w.rank;
  w.team = l.team;
  const int64_t trips = l.count == nullptr ? l.trips : std::min(l.trips, read_count(*l.count, w.slots));
  int64_t& counter = w.slots[l.slot];
  Flow flow = Flow::kNext;
  int64_t i = 0;
  for (; i < trips; ++i) {
    counter = i;
    if (l.back_barrier && i > 0 && !meet(w))
      flow = Flow::kStop;
    else
      flow = walk<kTimed>(l.body, w);
    if (flow != Flow::kNext) break;
  }
  counter = i;
  if (l.publish && w.rank == 0) shared_slots_[l.slot] = i;
  return leave(flow == Flow::kBreak ? Flow::kNext : flow, outer, rank, w);
}

template <bool kTimed>
Executor::Flow Executor::branch(const BranchCommand& b, Walker& w) noexcept {
  Team* const outer = w.team;
  const int rank = w.rank;
  w.team = b.team;
  const bool then = b.flag == nullptr ? b.takes_then : read_flag(*b.flag, w.slots);
  const Flow flow = walk<kTimed>(then ? b.then_body : b.else_body, w);
  return leave(flow, outer, rank, w);
}

template <bool kTimed>
Executor::Flow Executor::split(const SplitCommand& s, Walker& w) noexcept {
  Team* const outer = w.team;
  const int rank = w.rank;
  const uint32_t index = s.part_of_rank[static_cast<size_t>(rank)];
  Flow flow = Flow::kNext;
  if (index != plan::kNone) {
    const SplitCommand::Part& part = s.parts[index];
    w.team = part.team;
    w.rank = rank - part.first_rank;
    for (size_t i = 0; i < part.blocks.size() && flow == Flow::kNext; ++i) flow = walk<kTimed>(part.blocks[i], w);
    flow = leave(flow, outer, rank, w);
  }
  if (flow == Flow::kStop) return flow;
  return meet(w) ? Flow::kNext : Flow::kStop;
}

}  // namespace rondo::runtime
