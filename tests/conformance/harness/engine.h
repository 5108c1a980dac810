#pragma once

#include <memory>
#include <vector>

#include "kernels/cpu/isa.h"
#include "ops/test_graph.h"
#include "plan/program.h"

namespace rondo::conformance {

/// Instruction sets of this machine.
std::vector<kernels::Isa> instruction_sets();

/// Passes and schedule, plan bytes and back.
plan::Program compile(const ir::Graph& graph);

/// Runs the program with kernels of `isa`: by one thread, and by `threads` on teams of all sizes. Both must give the same bits.
/// Errors    Error(kFailedExecution) if they do not, or if something is written past the end of an output
std::vector<ops::Tensor> run(const plan::Program& program, kernels::Isa isa, const std::vector<ops::Tensor>& inputs,
                             int threads);

}  // namespace rondo::conformance
