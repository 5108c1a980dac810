#pragma once

#include <memory>
#include <vector>

#include "ops/tensor.h"
#include "runtime/engine.h"

namespace rondo::test {

/// Runs an engine by one thread as it pays and by `threads` threads on teams of all sizes, each twice on one context, and returns
/// the outputs.
/// Shapes    inputs in the order of the engine's bindings; outputs likewise, with the extents the run has found
/// Errors    Error(kFailedExecution) if the bits differ between teams or between the two runs, or if something is written behind
///           the end of a tensor
std::vector<ops::Tensor> run_alike(const std::shared_ptr<const runtime::Engine>& engine,
                                   const std::vector<ops::Tensor>& inputs, int threads);

}  // namespace rondo::test
