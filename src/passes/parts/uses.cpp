#include "passes/parts/uses.h"

#include <algorithm>

namespace rondo::passes {
namespace {

void collect_captures(const ir::Graph& graph, const ir::DataSymbols& data, ir::RegionId region, ir::RegionId top,
                      std::vector<ir::ValueId>* out) {
  const auto add = [&](ir::ValueId value) {
    if (!graph.is_inside(graph.value(value).region, top)) out->push_back(value);
  };
  for (ir::OpId op : graph.region(region).ops) {
    for (ir::ValueId operand : graph.op(op).operands) add(operand);
    for (ir::ValueId needed : data.needed_by(op)) add(needed);
    for (ir::RegionId inner : graph.op(op).regions) collect_captures(graph, data, inner, top, out);
  }
  for (ir::ValueId result : graph.region(region).results) add(result);
}

void remove_duplicates(std::vector<ir::ValueId>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

}  // namespace

Uses::Uses(const ir::Graph& graph) : uses_(graph.value_count()) { visit(graph, graph.main()); }

void Uses::visit(const ir::Graph& graph, ir::RegionId region) {
  for (ir::OpId op : graph.region(region).ops) {
    const std::vector<ir::ValueId>& operands = graph.op(op).operands;
    for (size_t i = 0; i < operands.size(); ++i) {
      uses_[operands[i].id].push_back({op, region, static_cast<uint32_t>(i)});
    }
    for (ir::RegionId inner : graph.op(op).regions) visit(graph, inner);
  }
  const std::vector<ir::ValueId>& results = graph.region(region).results;
  for (size_t i = 0; i < results.size(); ++i) {
    uses_[results[i].id].push_back({ir::OpId{}, region, static_cast<uint32_t>(i)});
  }
}

ir::OpId Uses::single_user(const ir::Graph& graph, ir::ValueId value) const {
  const std::vector<Use>& uses = of(value);
  if (uses.size() != 1 || uses[0].region != graph.value(value).region) return {};
  return uses[0].op;
}

std::vector<ir::ValueId> inputs_of(const ir::Graph& graph, const ir::DataSymbols& data, ir::OpId op) {
  std::vector<ir::ValueId> values = data.needed_by(op);
  for (ir::RegionId region : graph.op(op).regions) collect_captures(graph, data, region, region, &values);
  const std::vector<ir::ValueId>& operands = graph.op(op).operands;
  values.insert(values.end(), operands.begin(), operands.end());
  remove_duplicates(&values);
  return values;
}

}  // namespace rondo::passes
