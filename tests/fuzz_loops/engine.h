#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"
#include "passes/pass.h"

namespace rondo::fuzz {

/// Runs the network the way an application would have it run: passes, schedule, plan, runtime. Nothing if this build of the fuzzer
/// has no engine connected.
std::optional<std::vector<ops::Tensor>> run_engine(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                                   const passes::PassOptions& options);

}  // namespace rondo::fuzz
