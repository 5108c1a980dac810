#pragma once

#include <span>
#include <string>
#include <vector>

#include "ops/op_def.h"

namespace rondo::ops {

/// Where the operands of a loop stand (ir/graph.h has the meaning).
struct LoopParts {
  bool has_count = false;
  bool has_while = false;
  size_t carried = 0;
  size_t iterated = 0;
  size_t collected = 0;
  size_t first_carried() const { return has_count ? 1 : 0; }
  size_t first_iterated() const { return first_carried() + carried; }
  size_t first_length() const { return first_iterated() + iterated; }
  size_t operand_count() const { return first_length() + collected; }
};
LoopParts loop_parts(const ir::Attrs& attrs);

/// Types of the region's arguments from the loop's operands (constraints C1, C3, C4, C5, C7, C9 of docs/ops/primitive/loop.md).
std::vector<ir::ValueInfo> infer_loop_arguments(const InferInput& in);
/// Results from the loop's operands and the types of the region's results (C2, C6, C8). carried_names, if given, name the
/// recurrences in messages.
std::vector<ir::ValueInfo> infer_loop_results(const InferInput& in, std::span<const ir::ValueInfo> body,
                                              std::span<const std::string> carried_names = {});
/// Refuses a loop whose result types mention data symbols that are defined in its own body (loop C10).
void require_outer_extents(const ir::Graph& graph, ir::OpId op);
/// Results of a conditional from the types of its branches' results.
std::vector<ir::ValueInfo> infer_conditional_results(const InferInput& in, std::span<const ir::ValueInfo> then_values,
                                                     std::span<const ir::ValueInfo> else_values);

}  // namespace rondo::ops
