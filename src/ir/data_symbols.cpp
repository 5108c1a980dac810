#include "ir/data_symbols.h"

#include <algorithm>

namespace rondo::ir {
namespace {

const Dims* dims_of(const AttrValue& value) { return std::get_if<Dims>(&value); }

bool has_data(const DimPool& pool) {
  for (size_t i = 0; i < pool.symbol_count(); ++i) {
    if (pool.symbol_at(i).source == SymbolSource::kData) return true;
  }
  return false;
}

}  // namespace

bool defines_symbols(const Op& op, std::string_view attr) {
  if (op.kind == OpKind::k_read_values || op.kind == OpKind::k_conditional) return attr == "values";
  return (op.kind == OpKind::k_non_zero || op.kind == OpKind::k_nms) && attr == "count";
}

DataSymbols::DataSymbols(const Graph& graph) : graph_(graph), any_(has_data(graph.dims())) {
  if (!any_) return;
  definitions_.resize(graph.dims().symbol_count());
  for (uint32_t id = 0; id < graph.op_count(); ++id) {
    const Op& op = graph.op(OpId{id});
    if (!op.parent.valid() || op.results.empty()) continue;
    for (const auto& [name, value] : op.attrs.items()) {
      if (!defines_symbols(op, name) || dims_of(value) == nullptr) continue;
      for (const Dim dim : *dims_of(value)) {
        const DimPool::Node& node = graph.dims().node(dim);
        if (node.kind == DimKind::kSymbol) definitions_[static_cast<size_t>(node.value)] = op.results[0];
      }
    }
  }
}

ValueId DataSymbols::definition(uint32_t symbol) const {
  return symbol < definitions_.size() ? definitions_[symbol] : ValueId{};
}

void DataSymbols::needed_by(const Dims& dims, std::vector<ValueId>* out) const {
  if (!any_) return;
  std::vector<uint32_t> symbols;
  for (const Dim dim : dims) graph_.dims().data_symbols(dim, &symbols);
  for (const uint32_t symbol : symbols) {
    const ValueId value = definition(symbol);
    if (value.valid() && std::find(out->begin(), out->end(), value) == out->end()) out->push_back(value);
  }
}

std::vector<ValueId> DataSymbols::needed_by(OpId id) const {
  std::vector<ValueId> out;
  if (!any_) return out;
  const Op& op = graph_.op(id);
  for (const auto& [name, value] : op.attrs.items()) {
    if (dims_of(value) != nullptr && !defines_symbols(op, name)) needed_by(*dims_of(value), &out);
  }
  const auto add = [&](ValueId value) {
    needed_by(graph_.type(value).dims, &out);
    if (graph_.value(value).info.contents) needed_by(*graph_.value(value).info.contents, &out);
  };
  for (const ValueId result : op.results) add(result);
  for (const RegionId region : op.regions) {
    for (const ValueId arg : graph_.region(region).args) add(arg);
  }
  std::erase_if(out, [&](ValueId value) { return graph_.value(value).def == id; });
  return out;
}

bool DataSymbols::depends_on_region(OpId op, RegionId region) const {
  const std::vector<ValueId> needed = needed_by(op);
  return std::any_of(needed.begin(), needed.end(),
                     [&](ValueId value) { return graph_.is_inside(graph_.value(value).region, region); });
}

bool DataSymbols::depends_on_region(const Dims& dims, RegionId region) const {
  std::vector<ValueId> needed;
  needed_by(dims, &needed);
  return std::any_of(needed.begin(), needed.end(),
                     [&](ValueId value) { return graph_.is_inside(graph_.value(value).region, region); });
}

std::vector<ValueId> DataSymbols::needed_by_checks() const {
  std::vector<ValueId> out;
  for (const DimPool::Check& check : graph_.dims().checks()) needed_by({check.a, check.b}, &out);
  return out;
}

}  // namespace rondo::ir
