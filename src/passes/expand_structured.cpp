#include "passes/expand_structured.h"

#include "base/error.h"
#include "ops/op_def.h"
#include "passes/parts/loop_parts.h"

namespace rondo::passes {
namespace {

// Deeper chains of structured ops expanding to structured ops are a cycle in the op definitions.
constexpr int kMaxRounds = 16;

std::vector<ir::OpId> structured_ops(const ir::Graph& graph) {
  std::vector<ir::OpId> found;
  for (ir::RegionId region : regions_outer_first(graph)) {
    for (ir::OpId op : graph.region(region).ops) {
      if (ir::op_class(graph.op(op).kind) == ir::OpClass::kStructured) found.push_back(op);
    }
  }
  return found;
}

}  // namespace

bool expand_structured(ir::Graph& graph, const PassOptions&) {
  bool changed = false;
  for (int round = 0; round < kMaxRounds; ++round) {
    const std::vector<ir::OpId> found = structured_ops(graph);
    if (found.empty()) return changed;
    for (ir::OpId op : found) {
      ops::Expander expander(graph, op);
      ops::op_def(graph.op(op).kind).expand(expander);
      graph.erase_op(op);
    }
    changed = true;
  }
  RONDO_CHECK(false, "structured ops keep expanding to structured ops");
  return changed;
}

}  // namespace rondo::passes
