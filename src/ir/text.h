#pragma once

#include <string>
#include <string_view>

#include "ir/graph.h"

namespace rondo::ir {

/// Prints a graph as text that parse_graph reads back. Deterministic; names values %0, %1 … in program order, e.g.
///   symbol x.0 input_dim 0 0 [1, 3, 6]
///   %0 = input {index = 0} "x" : f32[x.0, 4, 7]
///   %1 = constant {data = hex:0000803f…} : f32[7, 5]          (larger than 64 elements: data = #3 with a data block at the end)
///   %2, %3 = loop(%c, %h0, %0, %len) {carried = 1, count = 1, iter_axes = [1], …} "loop" : f32[3, 5], f32[3, 4, 5] {
///     (%4: i64[], %5: f32[3, 5], %6: f32[3, 7])
///     %7 = pointwise(%5, %6) {fn = "add"} : f32[3, 5]
///     yield %7, %7
///   }
///   output "y" %3
/// `contents` of values are not printed (inference recomputes them).
std::string to_string(const Graph& graph);

/// Short form for logs: constants without their data.
std::string to_summary(const Graph& graph);

/// Parses to_string's form. Throws Error(kInvalidArgument) "line 3: …" on malformed text. Nesting deeper than 64 is refused.
Graph parse_graph(std::string_view text);

}  // namespace rondo::ir
