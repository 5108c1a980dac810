#pragma once

#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"
#include "passes/pass.h"

namespace rondo::fuzz {

/// Runs the network the way an application would have it run: passes, schedule, plan bytes and back, runtime. It is run by one
/// thread as it pays, and by three threads on team sizes of all kinds; both must give the same bits (Error if they do not).
std::vector<ops::Tensor> run_engine(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                    const passes::PassOptions& options);

}  // namespace rondo::fuzz
