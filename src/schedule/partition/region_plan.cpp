#include "schedule/partition/region_plan.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace rondo::schedule {
namespace {

void collect_reads(const ir::Graph& graph, const ir::DataSymbols& data, ir::OpId op, std::vector<ir::ValueId>& reads) {
  const ir::Op& o = graph.op(op);
  const std::vector<ir::ValueId> needed = data.needed_by(op);
  reads.insert(reads.end(), needed.begin(), needed.end());
  reads.insert(reads.end(), o.operands.begin(), o.operands.end());
  for (const ir::RegionId region : o.regions) {
    for (const ir::OpId inner : graph.region(region).ops) collect_reads(graph, data, inner, reads);
    reads.insert(reads.end(), graph.region(region).results.begin(), graph.region(region).results.end());
  }
}

}  // namespace

bool Unit::contains(ir::OpId op) const { return std::find(ops.begin(), ops.end(), op) != ops.end(); }

std::vector<ir::ValueId> values_read(const ir::Graph& graph, const ir::DataSymbols& data, ir::OpId op) {
  std::vector<ir::ValueId> reads;
  collect_reads(graph, data, op, reads);
  if (graph.op(op).regions.empty()) return reads;
  std::erase_if(reads, [&](ir::ValueId v) {
    for (const ir::RegionId region : graph.op(op).regions) {
      if (graph.is_inside(graph.value(v).region, region)) return true;
    }
    return false;
  });
  std::sort(reads.begin(), reads.end());
  reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
  return reads;
}

bool is_leaf(const ir::Graph& graph, ir::ValueId value) {
  const ir::Value& v = graph.value(value);
  if (has_known_values(graph, value)) return true;
  if (!v.def.valid()) return false;
  const ir::OpKind kind = graph.op(v.def).kind;
  return kind == ir::OpKind::k_constant || kind == ir::OpKind::k_input || kind == ir::OpKind::k_iota;
}

int RegionPlan::unit_of(ir::Graph& graph, ir::ValueId value) const {
  const ir::ValueId root = root_of(graph, value);
  if (is_leaf(graph, root) || !graph.value(root).def.valid()) return -1;
  const auto it = owner.find(graph.value(root).def);
  return it == owner.end() ? -1 : it->second;
}

bool RegionPlan::held_without(ir::OpId op, ir::OpId other) const {
  const auto of_op = holders.find(op), of_other = holders.find(other);
  if (of_op == holders.end()) return false;
  return std::any_of(of_op->second.begin(), of_op->second.end(),
                     [&](int unit) { return of_other == holders.end() || of_other->second.count(unit) == 0; });
}

void visit_loads(ir::Graph& graph, const Unit& unit, ir::ValueId value, const IndexMap& map,
                 const std::function<void(ir::ValueId, const IndexMap&)>& load) {
  std::vector<std::pair<ir::ValueId, IndexMap>> open{{value, map}};
  std::vector<std::pair<ir::ValueId, IndexMap>> seen;
  while (!open.empty()) {
    auto [v, m] = std::move(open.back());
    open.pop_back();
    if (std::find(seen.begin(), seen.end(), std::pair{v, m}) != seen.end()) continue;
    seen.emplace_back(v, m);
    const bool is_root = root_of(graph, v) == v;
    const ir::OpId def = graph.value(v).def;
    if (is_root && (!def.valid() || is_leaf(graph, v) || !unit.contains(def))) {
      load(v, m);
      continue;
    }
    const ir::Op& op = graph.op(def);
    if (op.kind == ir::OpKind::k_matmul) continue;
    if (op.kind == ir::OpKind::k_reduce) {
      const Form& form = unit.folds.at(v);
      open.emplace_back(op.operands[0], map_of(graph.dims(), form, unit.last_axis(), graph.dims().constant(0)));
      continue;
    }
    for (size_t i = 0; i < op.operands.size(); ++i) open.emplace_back(op.operands[i], pull(graph, op, i, m));
  }
}

}  // namespace rondo::schedule
