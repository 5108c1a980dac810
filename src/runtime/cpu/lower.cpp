// Turns a bound program into the commands that every rank walks.
//
// A Region is a team of ranks with its own barrier. Within a region commands are appended in order; `pending_` holds
// the memory touched since the last barrier. A command that conflicts with it gets a barrier in front, and pending
// starts anew. A loop closes the circle: what is pending at the end of its body is compared with what the body touches
// before its first barrier, and a conflict puts a barrier on the back edge. Around a loop or branch everything inside
// counts as one access list.
//   for t:  A: h(t) -> g   (2 ranks)      A | B   A | B   …   barrier before B (g: RAW) and on the back edge (h: RAW)
//           B: g -> h(t+1) (2 ranks)
// A region of one rank compares nothing and has no barriers.
#include "runtime/cpu/lower.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "plan/local_buffers.h"
#include "runtime/cpu/chains/bind_chain.h"
#include "runtime/cpu/team_sizes.h"

namespace rondo::runtime {

using plan::StepKind;

namespace {

/// A sequence under construction, and what its steps touch.
class Region {
 public:
  Region(Team* team, Sequence* commands) : team_(team), commands_(commands) {}

  Team* team() const { return team_; }
  int size() const { return team_->size; }
  const std::vector<Access>& all() const { return all_; }

  /// Memory read on entry, before the first command.
  void start_with(const std::vector<Access>& accesses) { pending_ = accesses; }

  void append(Command command, const std::vector<Access>& accesses) {
    command.barrier = size() > 1 && conflict(pending_, accesses);
    if (command.barrier) meet();
    commands_->push_back(command);
    insert(&pending_, accesses);
    insert(&all_, accesses);
    if (!met_) insert(&head_, accesses);
  }
  /// The commands appended so far end with a barrier of their own.
  void meet() {
    pending_.clear();
    met_ = true;
  }
  /// True if the end of one iteration and the beginning of the next must not overlap.
  bool needs_back_barrier() const { return size() > 1 && conflict(pending_, head_); }

 private:
  static bool conflict(const std::vector<Access>& a, const std::vector<Access>& b) {
    return std::any_of(a.begin(), a.end(), [&](const Access& x) {
      return std::any_of(b.begin(), b.end(), [&](const Access& y) { return conflicts(x, y); });
    });
  }
  static void insert(std::vector<Access>* to, const std::vector<Access>& from) {
    to->insert(to->end(), from.begin(), from.end());
  }

  Team* team_;
  Sequence* commands_;
  std::vector<Access> pending_, head_, all_;
  bool met_ = false;
};

class Lowering {
 public:
  explicit Lowering(const LowerInputs& in)
      : in_(in), out_(std::make_unique<Schedule>()), sizes_(in.program, in.exprs, *out_, in.policy) {}

  std::unique_ptr<Schedule> run() {
    out_->footprints = find_footprints(in_.program, in_.exprs, in_.buffers, in_.views, in_.range);
    for (const Footprint& f : out_->footprints) published_.insert(f.outer_slots.begin(), f.outer_slots.end());
    bind_chains();
    bind_steps();
    out_->threads = sizes_.of_steps(in_.range.steps(in_.program), in_.threads);
    out_->root = new_team(out_->threads);
    Region region(out_->root, &out_->entry);
    steps(in_.range.steps(in_.program), region);
    return std::move(out_);
  }

 private:
  Team* new_team(int size) { return &out_->teams.emplace_back(static_cast<uint32_t>(out_->teams.size()), size); }
  /// The current team, or a new one where fewer ranks pay.
  Team* team_of(const Region& region, int size) { return size == region.size() ? region.team() : new_team(size); }

  /// Errors of `bind` name the step.
  template <class Bind>
  auto named(size_t s, Bind bind) {
    try {
      return bind();
    } catch (const Error& error) {
      throw Error(error.code(), text("'", in_.program.steps[s].origin, "': ", error.what()));
    }
  }

  void bind_chains() {
    out_->chain_of.resize(in_.program.steps.size());
    for (const plan::Chain& chain : in_.program.chains) {
      if (!out_->footprints[chain.steps.front()].live) continue;
      auto runner = named(chain.steps.front(), [&] { return bind_chain(in_, chain, out_->footprints); });
      if (runner) {
        const ChainRunner& bound = out_->chains.emplace_back(std::move(*runner));
        out_->scratch_bytes = std::max(out_->scratch_bytes, bound.scratch_bytes());
        absorb(bound);
        continue;
      }
      for (const uint32_t b : local_buffers(in_.program, chain)) {
        out_->local_bytes = std::max(out_->local_bytes, in_.buffers[b].space_offset + in_.buffers[b].bytes);
      }
    }
  }

  /// All stages of a chain count as its first; what lies in scratch is nobody else's memory.
  void absorb(const ChainRunner& chain) {
    Footprint all;
    all.live = true;
    for (const uint32_t s : chain.steps()) {
      out_->chain_of[s] = &chain;
      const Footprint& one = out_->footprints[s];
      std::copy_if(one.accesses.begin(), one.accesses.end(), std::back_inserter(all.accesses),
                   [](const Access& access) { return access.space != kLocalSpace; });
      all.checks.insert(all.checks.end(), one.checks.begin(), one.checks.end());
      all.outer_slots.insert(all.outer_slots.end(), one.outer_slots.begin(), one.outer_slots.end());
    }
    out_->footprints[chain.steps().front()] = std::move(all);
  }

  void bind_steps() {
    const auto& steps = in_.program.steps;
    out_->stages.resize(steps.size());
    out_->kernels.resize(steps.size());
    for (size_t s = 0; s < steps.size(); ++s) {
      if (out_->footprints[s].live && out_->chain_of[s] == nullptr) named(s, [&] { bind_step(s); });
    }
  }

  void bind_step(size_t s) {
    const plan::Step& step = in_.program.steps[s];
    if (step.kind == StepKind::kStage) {
      auto& runner = out_->stages[s];
      runner.emplace(in_.program, in_.program.stages[step.index], in_.packed, in_.exprs, in_.views.data(), in_.isa);
      out_->scratch_bytes = std::max(out_->scratch_bytes, runner->scratch_bytes());
    } else if (step.kind == StepKind::kKernel) {
      auto& runner = out_->kernels[s];
      runner.emplace(in_.program, in_.program.kernels[step.index], in_.exprs, in_.views.data(), in_.plugins);
      out_->scratch_bytes = std::max(out_->scratch_bytes, runner->scratch_bytes());
    }
  }

  void block(uint32_t index, Region& region) { steps(in_.program.blocks[index].steps, region); }

  void steps(std::span<const uint32_t> list, Region& region) {
    for (const uint32_t s : list) {
      const ChainRunner* chain = out_->chain_of[s];
      const bool is_inside = chain != nullptr && chain->steps().front() != s;
      if (out_->footprints[s].live && !is_inside) step(s, region);
    }
  }

  void step(uint32_t s, Region& region) {
    const plan::Step& step = in_.program.steps[s];
    Command command = make_command(s, region);
    switch (step.kind) {
      case StepKind::kStage:
        command.chained = out_->chain_of[s] != nullptr;
        if (command.chained)
          command.chain = out_->chain_of[s];
        else
          command.stage = &*out_->stages[s];
        command.threads = sizes_.of_step(s, region.size());
        break;
      case StepKind::kKernel:
        command.kernel = &*out_->kernels[s];
        command.threads = sizes_.of_step(s, region.size());
        region.team()->closes = region.team()->closes || command.kernel->can_fail();
        break;
      case StepKind::kBreak:
        command.flag = scalar(in_.program.breaks[step.index].flag, "a break", true);
        break;
      case StepKind::kLoop:
        return loop(s, command, region);
      case StepKind::kConditional:
        return branch(s, command, region);
      case StepKind::kParallel:
        return parallel(in_.program.parallels[step.index], command, region);
      case StepKind::kRead:
        return;  // find_footprints refuses it
    }
    region.append(command, own_accesses(s, command.threads));
  }

  Command make_command(uint32_t s, const Region& region) {
    const Footprint& footprint = out_->footprints[s];
    Command command;
    command.kind = in_.program.steps[s].kind;
    command.step = s;
    command.threads = region.size();
    command.checks = footprint.checks.data();
    command.check_count = static_cast<uint32_t>(footprint.checks.size());
    if (out_->threads > 1) {
      command.refresh = footprint.outer_slots.data();
      command.refresh_count = static_cast<uint32_t>(footprint.outer_slots.size());
    }
    region.team()->closes = region.team()->closes || command.check_count > 0;
    return command;
  }

  std::vector<Access> own_accesses(uint32_t s, int threads) const {
    const Footprint& footprint = out_->footprints[s];
    std::vector<Access> accesses = footprint.accesses;
    for (const uint32_t slot : footprint.outer_slots) accesses.push_back({kSlotSpace, slot, int64_t{slot} + 1, false});
    for (Access& access : accesses) access.threads = threads;
    return accesses;
  }

  const BoundView* scalar(plan::ViewId view, const char* what, bool flag) const {
    const DType dtype = in_.program.buffers[in_.program.views[view].buffer].dtype;
    const bool fits = flag ? dtype == DType::kBool : dtype == DType::kInt32 || dtype == DType::kInt64;
    if (!fits)
      fail(Code::kInvalidArgument, what, " reads a ", dtype_name(dtype), "; it takes ",
           flag ? "a bool" : "an i32 or i64");
    return in_.views.data() + view;
  }

  void loop(uint32_t s, Command command, Region& region) {
    const plan::Loop& loop = in_.program.loops[in_.program.steps[s].index];
    LoopCommand& out = out_->loops.emplace_back();
    command.loop = &out;
    out.slot = loop.slot;
    out.trips = loop.trips == plan::kNone ? INT64_MAX : std::max<int64_t>(in_.exprs[loop.trips], 0);
    out.count = loop.count_view == plan::kNone ? nullptr : scalar(loop.count_view, "a loop's trip count", false);
    out.publish = out_->threads > 1 && (!in_.range.whole() || published_.count(loop.slot) > 0);
    out.team = team_of(region, out.trips == 0 ? 1 : sizes_.of_block(loop.body, region.size()));
    command.threads = out.team->size;
    std::vector<Access> accesses = own_accesses(s, command.threads);
    Region body(out.team, &out.body);
    body.start_with(accesses);
    if (out.trips > 0) block(loop.body, body);
    out.back_barrier = out.trips != 1 && body.needs_back_barrier();
    accesses.insert(accesses.end(), body.all().begin(), body.all().end());
    if (out.publish) accesses.push_back({kSlotSpace, loop.slot, int64_t{loop.slot} + 1, true, command.threads});
    take_over(out.team, region);
    region.append(command, accesses);
  }

  void branch(uint32_t s, Command command, Region& region) {
    const plan::Conditional& conditional = in_.program.conditionals[in_.program.steps[s].index];
    BranchCommand& out = out_->branches.emplace_back();
    command.branch = &out;
    out.flag = conditional.value == plan::kNone ? scalar(conditional.flag, "a condition", true) : nullptr;
    out.takes_then = out.flag == nullptr && in_.exprs[conditional.value] != 0;
    const bool leaves = (conditional.then_block != plan::kNone && breaks_out(in_.program, conditional.then_block)) ||
                        (conditional.else_block != plan::kNone && breaks_out(in_.program, conditional.else_block));
    out.team = team_of(region, leaves ? region.size() : sizes_.of_step(s, region.size()));
    command.threads = out.team->size;
    const std::vector<Access> flag = own_accesses(s, command.threads);
    std::vector<Access> accesses = flag;
    for (const bool then : {true, false}) {
      const uint32_t b = then ? conditional.then_block : conditional.else_block;
      if (b == plan::kNone) continue;
      Region side(out.team, then ? &out.then_body : &out.else_body);
      side.start_with(flag);
      block(b, side);
      accesses.insert(accesses.end(), side.all().begin(), side.all().end());
    }
    take_over(out.team, region);
    region.append(command, accesses);
  }

  void parallel(const plan::Parallel& parallel, Command command, Region& region) {
    const std::vector<int> sizes = sizes_.split(parallel, region.size());
    if (sizes.empty()) {
      for (const uint32_t b : parallel.blocks) block(b, region);
      return;
    }
    SplitCommand& out = out_->splits.emplace_back();
    command.split = &out;
    std::vector<Access> accesses;
    int rank = 0;
    for (const int size : sizes) {
      out.parts.push_back({rank, new_team(size), {}});
      out.part_of_rank.insert(out.part_of_rank.end(), static_cast<size_t>(size),
                              static_cast<uint32_t>(out.parts.size() - 1));
      rank += size;
    }
    out.part_of_rank.resize(static_cast<size_t>(region.size()), plan::kNone);
    for (size_t i = 0; i < out.parts.size(); ++i) part(parallel, i, out, region, &accesses);
    region.append(command, accesses);
    region.meet();
  }

  /// The blocks of one sub-team, in turn as one sequence of accesses each.
  void part(const plan::Parallel& parallel, size_t i, SplitCommand& out, Region& region,
            std::vector<Access>* accesses) {
    SplitCommand::Part& part = out.parts[i];
    for (size_t b = i; b < parallel.blocks.size(); b += out.parts.size()) {
      Region side(part.team, &part.blocks.emplace_back());
      block(parallel.blocks[b], side);
      for (Access access : side.all()) {
        access.threads = region.size();  // rank 0 of a sub-team is another thread than rank 0 of the region
        accesses->push_back(access);
      }
    }
    take_over(part.team, region);
  }

  /// A failure inside must reach the ranks outside.
  static void take_over(const Team* inner, const Region& region) {
    region.team()->closes = region.team()->closes || inner->closes;
  }

  const LowerInputs& in_;
  std::unique_ptr<Schedule> out_;
  TeamSizes sizes_;
  std::set<uint32_t> published_;
};

}  // namespace

std::unique_ptr<Schedule> lower(const LowerInputs& inputs) { return Lowering(inputs).run(); }

}  // namespace rondo::runtime
