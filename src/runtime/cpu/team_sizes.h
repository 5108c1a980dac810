#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/program.h"
#include "runtime/cpu/commands.h"
#include "runtime/cpu/team_policy.h"

namespace rondo::runtime {

/// How many ranks pay where, from the work of the bound steps. Deterministic: program, shapes and ranks decide.
class TeamSizes {
 public:
  TeamSizes(const plan::Program& program, std::span<const int64_t> exprs, const Schedule& schedule, TeamPolicy policy)
      : program_(program), exprs_(exprs), schedule_(schedule), policy_(policy) {}

  /// Ranks that a step, or the steps of a block, can use out of `available`.
  int of_step(uint32_t step, int available) const;
  int of_block(uint32_t block, int available) const;
  int of_steps(std::span<const uint32_t> steps, int available) const;

  /// Sizes of the sub-teams for parallel blocks, block b on sub-team b modulo their number; empty if one team running them in turn
  /// is as good.
  std::vector<int> split(const plan::Parallel& parallel, int available) const;

 private:
  int of_runner(uint32_t step, int paying, int available) const;
  double cost_of_step(uint32_t step) const;
  double cost_of_block(uint32_t block) const;
  double cost_of_stage(const plan::Stage& stage) const;

  const plan::Program& program_;
  std::span<const int64_t> exprs_;
  const Schedule& schedule_;
  TeamPolicy policy_;
};

/// True if a break inside the block leaves a loop outside of it.
bool breaks_out(const plan::Program& program, uint32_t block);

}  // namespace rondo::runtime
