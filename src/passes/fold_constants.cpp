#include "passes/fold_constants.h"

#include <cmath>

#include "passes/parts/batch_profit.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

// Smaller transposes are folded. Bound by copies of weights (400 MB in a transformer of 110 million weights), each
// worth milliseconds and memory.
constexpr int64_t kViewBytes = 64 << 10;
// Beyond this, doubles skip integers.
constexpr double kExactInteger = 9007199254740992.0;

/// Replaces an op whose result has constant contents by that constant.
bool fold_contents(ir::Graph& graph, ir::OpId id) {
  const ir::Op& op = graph.op(id);
  // The contents of read_values may be assumed; only running it shows whether they are so.
  const bool computed = op.kind != ir::OpKind::k_constant && op.kind != ir::OpKind::k_input &&
                        op.kind != ir::OpKind::k_read_values && op.regions.empty();
  if (!computed || op.results.size() != 1) return false;
  const ir::ValueId result = op.results[0];
  const auto& info = graph.value(result).info;
  if (!info.contents) return false;
  ops::Tensor tensor{info.type.dtype, {}, {}};
  for (ir::Dim dim : info.type.dims) {
    if (!graph.dims().is_constant(dim)) return false;
    tensor.dims.push_back(graph.dims().value(dim));
  }
  for (ir::Dim element : *info.contents) {
    if (!graph.dims().is_constant(element)) return false;
    tensor.data.push_back(static_cast<double>(graph.dims().value(element)));
    if (std::abs(tensor.data.back()) > kExactInteger) return false;
  }
  graph.replace_uses(result, OpBuilder::before(graph, id).constant(tensor));
  graph.erase_op(id);
  return true;
}

/// A transpose of weights that packing reads as well as a copy, and that merge_siblings may join with others.
bool stays_a_view(const ir::Graph& graph, const Uses& uses, ir::OpId id) {
  const ir::Op& op = graph.op(id);
  if (op.kind != ir::OpKind::k_transpose || !is_constant(graph, op.operands[0])) return false;
  if (typical_bytes(graph, op.results[0]) < kViewBytes) return false;
  for (const Use& use : uses.of(op.results[0])) {
    if (!use.op.valid() || graph.op(use.op).kind != ir::OpKind::k_matmul || use.index != 1) return false;
  }
  return true;
}

}  // namespace

bool fold_constants(ir::Graph& graph, const PassOptions&) {
  bool changed = false;
  const Uses uses(graph);
  for (ir::RegionId region : regions_outer_first(graph)) {
    const std::vector<ir::OpId> ops = graph.region(region).ops;
    for (ir::OpId op : ops) {
      if (stays_a_view(graph, uses, op)) continue;
      if (fold_contents(graph, op)) {
        changed = true;
      } else if (graph.op(op).results.size() == 1) {
        const ir::ValueId result = graph.op(op).results[0];
        changed = fold_value(graph, result) != result || changed;
      }
    }
  }
  return changed;
}

}  // namespace rondo::passes
