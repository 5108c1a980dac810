#include "passes/parts/variance.h"

#include <algorithm>

#include "passes/parts/uses.h"

namespace rondo::passes {

Variance::Variance(const ir::Graph& graph, ir::OpId loop) : classes_(graph.value_count(), VarianceClass::kInvariant) {
  const ir::Op& node = graph.op(loop);
  const ir::Region& body = graph.region(node.regions[0]);
  const size_t carried = static_cast<size_t>(node.attrs.integer("carried"));
  for (size_t i = 0; i < body.args.size(); ++i) {
    const bool recurrent = i >= 1 && i < 1 + carried;
    classes_[body.args[i].id] = recurrent ? VarianceClass::kRecurrent : VarianceClass::kIterated;
  }
  const ir::DataSymbols data(graph);
  for (ir::OpId op : body.ops) {
    VarianceClass join = VarianceClass::kInvariant;
    for (ir::ValueId input : inputs_of(graph, data, op)) join = std::max(join, classes_[input.id]);
    for (ir::ValueId result : graph.op(op).results) classes_[result.id] = join;
  }
}

void Variance::set(ir::ValueId value, VarianceClass variance) {
  if (value.id >= classes_.size()) classes_.resize(value.id + 1, VarianceClass::kInvariant);
  classes_[value.id] = variance;
}

}  // namespace rondo::passes
