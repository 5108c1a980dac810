#include "runtime/cpu/team_sizes.h"

#include <algorithm>

namespace rondo::runtime {

using plan::StepKind;

namespace {

// Rough single-core speeds. They decide only whether a second sub-team is worth waking; a factor of two changes nothing
// that matters.
constexpr double kNsPerMac = 0.02;
constexpr double kNsPerPointwise = 0.2;
constexpr double kNsPerStep = 50;
/// A sub-team costs two meetings and perhaps a wake-up; what it takes over must be several times that.
constexpr double kWorthSplittingNs = 5000;
constexpr int64_t kGuessedTrips = 16;

}  // namespace

bool breaks_out(const plan::Program& program, uint32_t block) {
  for (const uint32_t s : program.blocks[block].steps) {
    const plan::Step& step = program.steps[s];
    if (step.kind == StepKind::kBreak) return true;
    if (step.kind == StepKind::kConditional) {
      const auto& c = program.conditionals[step.index];
      if (c.then_block != plan::kNone && breaks_out(program, c.then_block)) return true;
      if (c.else_block != plan::kNone && breaks_out(program, c.else_block)) return true;
    } else if (step.kind == StepKind::kParallel) {
      const auto& blocks = program.parallels[step.index].blocks;
      if (std::any_of(blocks.begin(), blocks.end(), [&](uint32_t b) { return breaks_out(program, b); })) return true;
    }
  }
  return false;
}

int TeamSizes::of_block(uint32_t block, int available) const {
  return of_steps(program_.blocks[block].steps, available);
}

int TeamSizes::of_steps(std::span<const uint32_t> steps, int available) const {
  int size = 1;
  for (const uint32_t s : steps) size = std::max(size, of_step(s, available));
  return size;
}

int TeamSizes::of_runner(uint32_t step, int paying, int available) const {
  if (policy_ == TeamPolicy::kAll) return available;
  if (policy_ == TeamPolicy::kMixed) return 1 + static_cast<int>(step) % available;
  return std::clamp(paying, 1, available);
}

int TeamSizes::of_step(uint32_t s, int available) const {
  if (available <= 1 || !schedule_.footprints[s].live) return 1;
  const plan::Step& step = program_.steps[s];
  switch (step.kind) {
    case StepKind::kStage: {
      const ChainRunner* chain = schedule_.chain_of[s];
      const int paying =
          chain == nullptr ? schedule_.stages[s]->useful_threads(available) : chain->useful_threads(available);
      return of_runner(s, paying, available);
    }
    case StepKind::kKernel:
      return of_runner(s, schedule_.kernels[s]->useful_threads(available), available);
    case StepKind::kLoop:
      return of_block(program_.loops[step.index].body, available);
    case StepKind::kRead:
    case StepKind::kBreak:
      return 1;
    case StepKind::kConditional: {
      const auto& c = program_.conditionals[step.index];
      const int then_size = c.then_block == plan::kNone ? 1 : of_block(c.then_block, available);
      return std::max(then_size, c.else_block == plan::kNone ? 1 : of_block(c.else_block, available));
    }
    case StepKind::kParallel: {
      const auto& parallel = program_.parallels[step.index];
      int size = 0;
      for (const int part : split(parallel, available)) size += part;
      for (const uint32_t b : parallel.blocks) size = size > 1 ? size : std::max(size, of_block(b, available));
      return std::max(size, 1);
    }
  }
  return 1;
}

std::vector<int> TeamSizes::split(const plan::Parallel& parallel, int available) const {
  const int blocks = static_cast<int>(parallel.blocks.size());
  if (available < 2 || blocks < 2) return {};
  std::vector<double> costs;
  for (const uint32_t b : parallel.blocks) {
    if (breaks_out(program_, b)) return {};
    costs.push_back(cost_of_block(b));
  }
  std::nth_element(costs.begin(), costs.begin() + 1, costs.end(), std::greater<>());
  if (policy_ == TeamPolicy::kPaying && costs[1] < kWorthSplittingNs) return {};
  const int teams = std::min(blocks, available);
  std::vector<int> sizes(static_cast<size_t>(teams), 1);
  for (int b = 0; b < blocks; ++b) {
    const int team = b % teams;
    const int share = available / teams + (team < available % teams);
    sizes[static_cast<size_t>(team)] =
        std::max(sizes[static_cast<size_t>(team)], of_block(parallel.blocks[static_cast<size_t>(b)], share));
  }
  return sizes;
}

double TeamSizes::cost_of_stage(const plan::Stage& stage) const {
  double elements = 1;
  for (const plan::ExprId e : stage.space) elements *= static_cast<double>(exprs_[e]);
  double each = kNsPerPointwise * static_cast<double>(program_.tile_programs[stage.tile_program].insts.size());
  for (const plan::Gemm& gemm : stage.gemms) each += kNsPerMac * static_cast<double>(exprs_[gemm.k]) * gemm.gates;
  return kNsPerStep + elements * each;
}

double TeamSizes::cost_of_block(uint32_t block) const {
  double cost = 0;
  for (const uint32_t s : program_.blocks[block].steps) cost += cost_of_step(s);
  return cost;
}

double TeamSizes::cost_of_step(uint32_t s) const {
  if (!schedule_.footprints[s].live) return 0;
  const plan::Step& step = program_.steps[s];
  switch (step.kind) {
    case StepKind::kStage:
      return cost_of_stage(program_.stages[step.index]);
    case StepKind::kKernel:
      return schedule_.kernels[s]->cost_ns();
    case StepKind::kLoop: {
      const auto& loop = program_.loops[step.index];
      const int64_t trips = loop.trips == plan::kNone ? kGuessedTrips : std::max<int64_t>(exprs_[loop.trips], 0);
      return static_cast<double>(trips) * cost_of_block(loop.body);
    }
    case StepKind::kRead:
    case StepKind::kBreak:
      return 0;
    case StepKind::kConditional: {
      const auto& c = program_.conditionals[step.index];
      const double then_cost = c.then_block == plan::kNone ? 0 : cost_of_block(c.then_block);
      return std::max(then_cost, c.else_block == plan::kNone ? 0 : cost_of_block(c.else_block));
    }
    case StepKind::kParallel: {
      double cost = 0;
      for (const uint32_t b : program_.parallels[step.index].blocks) cost += cost_of_block(b);
      return cost;
    }
  }
  return 0;
}

}  // namespace rondo::runtime
