#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {

constexpr int kNoTime = -1;  ///< position of the time axis of a value that is the same in all steps

/// Where the time axis stands when an op of a loop body runs for all steps at once.
struct TimeAxes {
  std::vector<int> operands;  ///< position the op needs in each operand; kNoTime for invariant ones
  int result = 0;             ///< position in each result
};

/// Decides the positions for `op`, given where the batched operands have theirs. Positions are kept where they are as long as the
/// op allows, so that no operand has to be transposed. Nothing if the op has no batched form.
std::optional<TimeAxes> place_time(ir::Graph& graph, const ir::Op& op, const std::vector<int>& has);

/// Adds the op for all steps. Batched operands have their time axis, of extent `extent`, where `axes` says; returns the first of
/// the new op's results.
ir::ValueId add_batched(OpBuilder& builder, const ir::Op& op, const TimeAxes& axes, std::vector<ir::ValueId> operands,
                        ir::Dim extent);

}  // namespace rondo::passes
