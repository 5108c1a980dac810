// Products of matrices as anchors of stages, and the merging of groups that meet in a pointwise op. The result [.., M,
// N] of a product whose consumers look at equal column slices of width U is held as N/U accumulators over the space
// [.., M, U]: the gates of one hidden unit then stand in the same tile, and ops between gates stay in registers.
#include <algorithm>

#include "schedule/partition/partition_stages.h"

namespace rondo::schedule {
namespace {

constexpr int64_t kMaxGates = 32;  // accumulators of one tile; beyond, tiles get too small to pay
constexpr size_t kMaxAccumulators = 64;

}  // namespace

/// Reads one column slice of a full-width value whose columns stand on `axis`; false if that rules gates out.
bool Partition::add_slice(const ir::Op& op, size_t axis, SliceWidths& slices) {
  const ir::Dims& from = graph_.type(op.operands[0]).dims;
  const ir::Dim size = op.attrs.dims("size")[axis], start = op.attrs.dims("start")[axis];
  const auto uses = plan_.uses.find(op.results[0]);
  if (uses == plan_.uses.end()) return true;
  const bool read = std::any_of(uses->second.begin(), uses->second.end(), [&](const Use& use) {
    return use.op.valid() && graph_.op(use.op).kind == ir::OpKind::k_pointwise;
  });
  if (!read) return true;
  if (!pool_.is_constant(size) || !pool_.is_constant(start) || op.attrs.integers("stride")[axis] != 1) return false;
  slices.add(pool_.value(start), pool_.value(size), pool_.value(from[axis]));
  return true;
}

/// Extent of one gate of a product: follows its result, through full-width pointwise ops and changes of view, to the column slices
/// that pointwise ops read.
ir::Dim Partition::gate_extent(ir::OpId matmul) {
  const ir::ValueId result = graph_.op(matmul).results[0];
  const ir::Dims dims = graph_.type(result).dims;
  const auto last = static_cast<int>(dims.size()) - 1;
  if (!enabled("fuse_tails") || !pool_.is_constant(dims.back())) return dims.back();
  SliceWidths slices;
  Form whole{std::vector<int>(dims.size()), false};
  for (size_t i = 0; i < dims.size(); ++i) whole.axes[i] = static_cast<int>(i);
  std::map<ir::ValueId, Form> forms{{result, whole}};
  std::vector<ir::ValueId> open{result};
  while (!open.empty()) {
    const ir::ValueId value = open.back();
    open.pop_back();
    const Form form = forms.at(value);
    for (const ir::OpId id : plan_.readers[value]) {
      if (!id.valid()) continue;
      const ir::Op& op = graph_.op(id);
      std::optional<Form> next;
      if (op.kind == ir::OpKind::k_pointwise && graph_.type(op.results[0]).dims == graph_.type(value).dims) next = form;
      if (is_transparent(graph_, op)) next = push(graph_, op, form, dims.back(), last);
      if (next && forms.emplace(op.results[0], *next).second) open.push_back(op.results[0]);
      if (next || op.kind != ir::OpKind::k_slice) continue;
      const auto axis = std::find(form.axes.begin(), form.axes.end(), last);
      if (axis == form.axes.end() || !add_slice(op, static_cast<size_t>(axis - form.axes.begin()), slices))
        return dims.back();
    }
  }
  const bool gated = slices.regular && slices.width > 0 && pool_.value(dims.back()) / slices.width <= kMaxGates;
  return gated ? pool_.constant(slices.width) : dims.back();
}

void Partition::open_anchor(ir::OpId op) {
  const ir::Dim unit_extent = gate_extent(op);
  const int id = open_unit(UnitKind::kGroup, op);
  Unit& unit = plan_.units[id];
  const ir::ValueId result = graph_.op(op).results[0];
  const ir::Dims& dims = graph_.type(result).dims;
  Form form{std::vector<int>(dims.size(), -1), false};
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool is_matrix_axis = i + 2 >= dims.size();
    if (is_one(pool_, dims[i]) && !is_matrix_axis) continue;
    if (!is_one(pool_, dims[i])) form.axes[i] = static_cast<int>(unit.space.size());
    unit.space.push_back(dims[i]);
  }
  unit.anchored = true;
  unit.space.back() = unit_extent;
  unit.unit = unit_extent;
  form.wide = !pool_.same(unit_extent, dims.back());
  unit.forms[result] = form;
}

/// Axis of `into` for every axis of `from`, given that the same value has these forms in both; empty if that is no bijection.
std::vector<int> Partition::axis_bijection(const Unit& into, const Form& into_form, const Unit& from,
                                           const Form& from_form) const {
  std::vector<int> axes(from.space.size(), -1);
  for (size_t i = 0; i < from_form.axes.size(); ++i) {
    if (from_form.axes[i] < 0) continue;
    if (into_form.axes[i] < 0) return {};
    axes[static_cast<size_t>(from_form.axes[i])] = into_form.axes[i];
  }
  if (from.anchored) {
    if (into.space.size() != from.space.size()) return {};
    for (size_t i = 0; i < axes.size(); ++i) {
      if (axes[i] < 0 && is_one(pool_, from.space[i]) && is_one(pool_, into.space[i])) axes[i] = static_cast<int>(i);
      if (axes[i] != static_cast<int>(i)) return {};
    }
    return axes;
  }
  if (is_uniform(from, from_form)) {  // rows stand behind both, unseen
    if (!is_uniform(into, into_form) || into.row_axes != from.row_axes) return {};
    for (size_t k = 1; k <= static_cast<size_t>(from.row_axes); ++k) {
      if (!pool_.same(from.space[from.space.size() - k], into.space[into.space.size() - k])) return {};
      axes[axes.size() - k] = static_cast<int>(into.space.size() - k);
    }
  }
  for (int& axis : axes) {
    if (axis < 0) axis = into.last_axis();  // the [1] of a scalar space
  }
  return axes;
}

/// Moves the ops of group `from` into `into`; false if their spaces do not fit together. Neither depends on the other.
bool Partition::merge(int into, const Form& into_form, int from, const Form& from_form) {
  Unit& target = plan_.units[into];
  Unit& source = plan_.units[from];
  if (!has_room(target, source.ops.size() + 1) || depends_on(into, from) || depends_on(from, into)) return false;
  if (source.anchored && (into_form.wide != from_form.wide || !pool_.same(target.unit, source.unit))) return false;
  const std::vector<int> axes = axis_bijection(target, into_form, source, from_form);
  if (axes.empty() || !keeps_rows(target, source, axes)) return false;
  size_t accumulators = 0;
  for (const Unit* unit : {&target, &source}) {
    for (const ir::OpId op : unit->ops) {
      if (graph_.op(op).kind != ir::OpKind::k_matmul) continue;
      const ir::Dim columns = graph_.type(graph_.op(op).results[0]).dims.back();
      accumulators +=
          unit->forms.at(graph_.op(op).results[0]).wide ? pool_.value(columns) / pool_.value(unit->unit) : 1;
    }
  }
  if (accumulators > kMaxAccumulators) return false;
  for (auto& [value, form] : source.forms) {
    for (int& axis : form.axes) axis = axis < 0 ? axis : axes[static_cast<size_t>(axis)];
    form.wide = source.anchored ? form.wide : into_form.wide;
    target.forms[value] = form;
  }
  for (auto& [value, form] : source.folds) {
    for (int& axis : form.axes) axis = axis < 0 ? axis : axes[static_cast<size_t>(axis)];
    target.folds[value] = form;
  }
  target.row_axes = std::max(target.row_axes, source.row_axes);
  for (const ir::OpId op : source.ops) {
    hold(into, op);
    plan_.owner[op] = into;
  }
  const std::set<int> reads = source.reads;
  for (const int read : reads) add_read(into, read);
  replace_unit(from, {into});
  return true;
}

}  // namespace rondo::schedule
