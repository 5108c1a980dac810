#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/program.h"

namespace rondo::runtime {

/// One operand of a step: a view over `space`.
struct Operand {
  plan::ViewId view = plan::kNone;
  std::vector<int64_t> space;
  bool read = false;
  bool written = false;
};

/// All operands of a stage or kernel with evaluated spaces; also checks the step's own consistency.
std::vector<Operand> operands_of(const plan::Program& program, const plan::Stage& stage,
                                 std::span<const int64_t> exprs);
std::vector<Operand> operands_of(const plan::Program& program, const plan::Kernel& kernel,
                                 std::span<const int64_t> exprs);

}  // namespace rondo::runtime
