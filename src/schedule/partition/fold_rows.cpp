// Row reductions in groups. A reduction over the trailing axes of a group's space joins the group; its result then has
// one element per row of the space, and so have pointwise ops on such results. What reads them over the whole space
// joins, too:
//   softmax   max(x) opens a group over x; x - max, exp, sum of it, 1 / sum, the product: one group, one pass over
//   memory
// A reduction of something no group computes opens a group if some op spreads the result over rows again; where none of
// them can join in the end, it is a kernel after all. Rows are the last axes of the space: folding others would read
// memory across its lines.
#include <algorithm>

#include "schedule/partition/partition_stages.h"

namespace rondo::schedule {
namespace {

// A stage shares rows among threads. Fewer and longer rows than these leave all but one idle.
constexpr int64_t kFewRows = 4, kLongRow = 65536;

bool is_folded(const ir::Op& op, size_t axis) { return ((op.attrs.integer("axes") >> axis) & 1) != 0; }

}  // namespace

bool Partition::is_uniform(const Unit& unit, const Form& form) const {
  const int first = static_cast<int>(unit.space.size()) - unit.row_axes;
  return unit.row_axes > 0 && std::all_of(form.axes.begin(), form.axes.end(), [&](int axis) { return axis < first; });
}

/// Form of a value of one element per row after it is broadcast over the rows.
std::optional<Form> Partition::spread(const Unit& unit, const Form& form, const ir::Dims& from, const ir::Dims& to) {
  if (!is_uniform(unit, form)) return std::nullopt;
  Form result = form;
  size_t axis = unit.space.size() - static_cast<size_t>(unit.row_axes);
  for (size_t i = 0; i < from.size(); ++i) {
    if (pool_.same(from[i], to[i])) continue;
    if (!is_one(pool_, from[i]) || axis == unit.space.size() || !pool_.same(to[i], unit.space[axis]))
      return std::nullopt;
    result.axes[i] = static_cast<int>(axis++);
  }
  return axis == unit.space.size() ? std::optional(result) : std::nullopt;
}

/// How many trailing axes of a space of `rank` axes the reduction folds, given its operand's form; 0 if it folds others.
int Partition::folded_rows(const ir::Op& op, const Form& form, size_t rank) const {
  std::vector<int> folded;
  for (size_t i = 0; i < form.axes.size(); ++i) {
    if (is_folded(op, i) && form.axes[i] >= 0) folded.push_back(form.axes[i]);
  }
  const int first = static_cast<int>(rank - folded.size());
  for (size_t k = 0; k < folded.size(); ++k) {
    if (folded[k] != first + static_cast<int>(k)) return 0;
  }
  return static_cast<int>(folded.size());
}

bool Partition::shares_rows(const ir::Dims& space, int row_axes) const {
  int64_t rows = 1, length = 1;
  for (size_t i = 0; i < space.size(); ++i) {
    int64_t& product = i + static_cast<size_t>(row_axes) < space.size() ? rows : length;
    product *= pool_.is_constant(space[i]) ? std::clamp<int64_t>(pool_.value(space[i]), 1, kLongRow) : kFewRows;
    product = std::min(product, kLongRow);
  }
  return rows >= kFewRows || length < kLongRow;
}

void Partition::fold_in(int id, ir::OpId id_of_op, const Form& form, int row_axes) {
  const ir::Op& op = graph_.op(id_of_op);
  Unit& unit = plan_.units[id];
  Form kept;
  for (size_t i = 0; i < form.axes.size(); ++i) {
    if (!is_folded(op, i)) kept.axes.push_back(form.axes[i]);
    if (is_folded(op, i) && op.attrs.flag("keep")) kept.axes.push_back(-1);
  }
  unit.row_axes = row_axes;
  unit.folds[op.results[0]] = form;
  unit.forms[op.results[0]] = kept;
}

void Partition::join_reduce(ir::OpId id) {
  const ir::Op op = graph_.op(id);
  const ir::Dims dims = graph_.type(op.operands[0]).dims;
  const bool folds = enabled("partition_stages") && is_float(graph_.type(op.operands[0]).dtype);
  const int group = folds ? plan_.unit_of(graph_, op.operands[0]) : -1;
  if (group >= 0 && plan_.units[group].kind == UnitKind::kGroup) {
    const Unit& unit = plan_.units[group];
    const bool open = !unit.anchored && unit.phase == phase_ && has_room(unit, 1);
    const std::optional<Form> form = open ? form_at(unit, op.operands[0]) : std::nullopt;
    const int rows = form && !is_uniform(unit, *form) ? folded_rows(op, *form, unit.space.size()) : 0;
    const std::set<int> reads = units_read(id);
    const bool independent =
        std::none_of(reads.begin(), reads.end(), [&](int read) { return read != group && depends_on(read, group); });
    if (rows > 0 && (unit.row_axes == 0 || unit.row_axes == rows) && independent && shares_rows(unit.space, rows)) {
      record_reads(group, id);
      return fold_in(group, id, *form, rows);
    }
  }
  const auto uses = plan_.uses.find(op.results[0]);
  const bool spreads =
      uses != plan_.uses.end() && std::any_of(uses->second.begin(), uses->second.end(), [&](const Use& use) {
        return use.op.valid() && use.widened && graph_.op(use.op).kind == ir::OpKind::k_pointwise;
      });
  Form form{std::vector<int>(dims.size(), -1), false};
  ir::Dims space;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (is_one(pool_, dims[i])) continue;
    form.axes[i] = static_cast<int>(space.size());
    space.push_back(dims[i]);
  }
  const int rows = folds && spreads ? folded_rows(op, form, space.size()) : 0;
  if (rows == 0 || !shares_rows(space, rows)) return void(open_unit(UnitKind::kKernel, id));
  const int opened = open_unit(UnitKind::kGroup, id);
  plan_.units[opened].space = space;
  plan_.units[opened].unit = space.back();
  fold_in(opened, id, form, rows);
}

/// True if the axes `of` a group that folds rows stay rows when its axes become axes `at` of another group.
bool Partition::keeps_rows(const Unit& into, const Unit& of, const std::vector<int>& at) const {
  const size_t rows = static_cast<size_t>(of.row_axes);
  if (rows == 0) return true;
  if (into.anchored || (into.row_axes != 0 && into.row_axes != of.row_axes) || into.space.size() < rows) return false;
  for (size_t k = 1; k <= rows; ++k) {
    if (at[at.size() - k] != static_cast<int>(into.space.size() - k)) return false;
  }
  return true;
}

void Partition::demote_lone_folds() {
  for (Unit& unit : plan_.units) {
    if (!unit.alive || unit.kind != UnitKind::kGroup || unit.row_axes == 0 || unit.ops.size() != 1) continue;
    unit.kind = UnitKind::kKernel;
    unit.row_axes = 0;
    unit.space.clear();
    unit.forms.clear();
    unit.folds.clear();
  }
}

}  // namespace rondo::schedule
