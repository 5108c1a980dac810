#include "passes/fold_constants.h"

#include <cmath>

#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

// Beyond this, doubles skip integers.
constexpr double kExactInteger = 9007199254740992.0;

/// Replaces an op whose result has constant contents by that constant.
bool fold_contents(ir::Graph& graph, ir::OpId id) {
  const ir::Op& op = graph.op(id);
  const bool computed = op.kind != ir::OpKind::k_constant && op.kind != ir::OpKind::k_input && op.regions.empty();
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

}  // namespace

bool fold_constants(ir::Graph& graph, const PassOptions&) {
  bool changed = false;
  for (ir::RegionId region : regions_outer_first(graph)) {
    const std::vector<ir::OpId> ops = graph.region(region).ops;
    for (ir::OpId op : ops) {
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
