// Partitions the ops of a region into units, each of which becomes one step. Takes a region in normal form; gives units
// without cycles. One walk in program order: a pointwise op joins the group that computes one of its operands if (1)
// the operand covers the group's iteration space element by element and (2) no other unit the op reads depends on that
// group; groups that meet in an op merge. A product of matrices opens a group with its result as the space. So in
//   a = h*R + p;  i,f,g,o = columns of a;  c2 = sigmoid(f)*c + sigmoid(i)*tanh(g);  h2 = sigmoid(o)*tanh(c2)
// everything joins the group of h*R: one stage. In a GRU that resets before its second product, s = r*h feeds a
// product, and what reads that product cannot join the first group: two stages. Levels fall out of dependence; nothing
// counts them. A fixed level per op (longest path) would tear apart ops that could wait; growing groups backwards from
// results would recompute shared parts.
#include "schedule/partition/partition_stages.h"

#include <algorithm>

#include "base/error.h"
#include "schedule/lowering/kernel_ops.h"

namespace rondo::schedule {
namespace {

constexpr size_t kMaxPointwiseOps = 64;  // bounds registers and code size of one loop over memory; more gains nothing
constexpr size_t kMaxAnchoredOps =
    192;  // wide values are emitted once per gate; the tile program holds 4096 instructions
constexpr size_t kMaxPointwiseReads = 24;  // streams one stage can follow

bool needs_no_unit(ir::Graph& graph, ir::OpId id) {
  const ir::Op& op = graph.op(id);
  if (is_transparent(graph, op)) return true;
  if (op.kind == ir::OpKind::k_read_values) return false;
  return !op.results.empty() && op.regions.empty() && is_leaf(graph, op.results[0]);
}

UnitKind kind_of(ir::OpKind kind) {
  switch (kind) {
    case ir::OpKind::k_reshape:
      return UnitKind::kReshape;
    case ir::OpKind::k_concat:
      return UnitKind::kConcat;
    case ir::OpKind::k_conditional:
      return UnitKind::kConditional;
    case ir::OpKind::k_read_values:
      return UnitKind::kRead;
    case ir::OpKind::k_shape:
      return UnitKind::kKernel;
    default:
      break;
  }
  RONDO_CHECK(find_kernel_op(kind) != nullptr, "op ", ir::op_kind_name(kind), " is not part of the normal form");
  return UnitKind::kKernel;
}

/// Ops of the region that the flag depends on. Loops of one parallel group go together.
std::set<ir::OpId> backward_slice(const ir::Graph& graph, ir::RegionId region, ir::ValueId flag) {
  const ir::DataSymbols data(graph);
  std::set<ir::OpId> slice;
  std::vector<ir::ValueId> open{flag};
  while (!open.empty()) {
    const ir::ValueId value = open.back();
    open.pop_back();
    const ir::OpId def = graph.value(value).def;
    if (!def.valid() || graph.op(def).parent != region || !slice.insert(def).second) continue;
    for (const ir::ValueId read : values_read(graph, data, def)) open.push_back(read);
    const ir::Op& op = graph.op(def);
    if (op.kind != ir::OpKind::k_loop || !op.attrs.has("group")) continue;
    for (const ir::OpId other : graph.region(region).ops) {
      const ir::Op& o = graph.op(other);
      const bool together =
          o.kind == op.kind && o.attrs.has("group") && o.attrs.integer("group") == op.attrs.integer("group");
      if (together && !o.results.empty()) open.push_back(o.results[0]);
    }
  }
  return slice;
}

}  // namespace

Partition::Partition(ir::Graph& graph, RegionPlan& plan, const passes::PassOptions& options)
    : graph_(graph), pool_(graph.dims()), data_(graph), plan_(plan), options_(options) {
  const std::vector<ir::OpId>& ops = graph_.region(plan_.region).ops;
  for (size_t i = 0; i < ops.size(); ++i) position_[ops[i]] = static_cast<int>(i);
  collect_uses();
}

void Partition::collect_uses() {
  for (const ir::OpId op : graph_.region(plan_.region).ops) {
    std::vector<ir::ValueId> reads = values_read(graph_, data_, op);
    std::sort(reads.begin(), reads.end());
    reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
    for (const ir::ValueId read : reads) plan_.readers[read].push_back(op);
  }
  for (const ir::ValueId result : graph_.region(plan_.region).results) plan_.readers[result].push_back({});
  for (const auto& [value, readers] : plan_.readers) follow_uses(value, value, false);
}

void Partition::follow_uses(ir::ValueId value, ir::ValueId origin, bool widened) {
  const auto it = plan_.readers.find(value);
  if (it == plan_.readers.end()) return;
  for (const ir::OpId op : it->second) {
    if (op.valid() && is_transparent(graph_, graph_.op(op)) && !is_leaf(graph_, graph_.op(op).results[0])) {
      const bool broadcast = graph_.op(op).kind == ir::OpKind::k_broadcast;
      follow_uses(graph_.op(op).results[0], origin, widened || broadcast);
      continue;
    }
    bool wider = widened;
    if (op.valid() && graph_.op(op).kind == ir::OpKind::k_pointwise) {
      const ir::Dims& from = graph_.type(value).dims;
      const ir::Dims& to = graph_.type(graph_.op(op).results[0]).dims;
      wider = wider || from.size() != to.size();  // no operand, but read for an extent that the result mentions
      for (size_t i = 0; !wider && i < from.size(); ++i) wider = !pool_.same(from[i], to[i]);
    }
    plan_.uses[origin].push_back({op, wider});
  }
}

void Partition::form_units(const std::set<ir::OpId>& flag_slice) {
  const std::vector<ir::OpId> ops = graph_.region(plan_.region).ops;
  for (const ir::OpId op : ops) {
    if (needs_no_unit(graph_, op)) continue;
    phase_ = flag_slice.count(op) != 0 ? 0 : 1;
    add_op(op);
  }
  demote_lone_folds();
}

void Partition::add_op(ir::OpId op) {
  switch (graph_.op(op).kind) {
    case ir::OpKind::k_matmul:
      return open_anchor(op);
    case ir::OpKind::k_pointwise:
      return join_pointwise(op);
    case ir::OpKind::k_reduce:
      return join_reduce(op);
    case ir::OpKind::k_loop:
      return join_loops(op);
    default:
      open_unit(kind_of(graph_.op(op).kind), op);
  }
}

int Partition::open_unit(UnitKind kind, ir::OpId op) {
  const int id = static_cast<int>(plan_.units.size());
  plan_.units.emplace_back();
  plan_.units.back().kind = kind;
  plan_.units.back().phase = phase_;
  record_reads(id, op);
  return id;
}

std::set<int> Partition::units_read(ir::OpId op) {
  std::set<int> units;
  for (const ir::ValueId value : values_read(graph_, data_, op)) add_units_read(value, &units);
  return units;
}

/// The unit behind a value, and those that tell where ops without a unit (views, iotas) look.
void Partition::add_units_read(ir::ValueId value, std::set<int>* units) {
  const int unit = plan_.unit_of(graph_, value);
  if (unit >= 0) units->insert(unit);
  while (data_.any() && graph_.value(value).def.valid()) {
    const ir::OpId def = graph_.value(value).def;
    if (plan_.owner.count(def) != 0 || graph_.op(def).parent != plan_.region) return;
    for (const ir::ValueId needed : data_.needed_by(def)) {
      const int read = plan_.unit_of(graph_, needed);
      if (read >= 0) units->insert(read);
    }
    if (graph_.op(def).operands.empty()) return;
    value = graph_.op(def).operands[0];
  }
}

void Partition::record_reads(int unit, ir::OpId op) {
  for (const int read : units_read(op)) {
    if (read != unit) add_read(unit, read);
  }
  hold(unit, op);
  plan_.owner[op] = unit;
}

void Partition::hold(int id, ir::OpId op) {
  Unit& unit = plan_.units[id];
  if (!plan_.holders[op].insert(id).second) return;
  unit.ops.push_back(op);
  unit.first = std::min(unit.first, position_.at(op));
  unit.last = std::max(unit.last, position_.at(op));
  raise_latest(id, unit.last);
}

void Partition::add_read(int unit, int read) {
  plan_.units[unit].reads.insert(read);
  plan_.units[read].read_by.insert(unit);
  raise_latest(unit, plan_.units[read].latest);
}

void Partition::raise_latest(int unit, int position) {
  std::vector<int> open{unit};
  while (!open.empty()) {
    Unit& at = plan_.units[open.back()];
    open.pop_back();
    if (at.latest >= position) continue;
    at.latest = position;
    open.insert(open.end(), at.read_by.begin(), at.read_by.end());
  }
}

/// Ends a unit whose ops are held by others now; what read it reads `by` instead.
void Partition::replace_unit(int id, const std::set<int>& by) {
  const Unit gone = plan_.units[id];
  plan_.units[id] = Unit{};
  plan_.units[id].alive = false;
  for (const ir::OpId op : gone.ops) plan_.holders[op].erase(id);
  for (const int read : gone.reads) plan_.units[read].read_by.erase(id);
  for (const int reader : gone.read_by) {
    plan_.units[reader].reads.erase(id);
    for (const int unit : by) add_read(reader, unit);
  }
}

bool Partition::depends_on(int unit, int on) const {
  if (unit == on) return true;
  const int earliest = plan_.units[on].first;  // what depends on `on` ends, itself or in what it reads, behind this
  std::vector<int> open{unit};
  std::set<int> seen{unit};
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    for (const int read : plan_.units[at].reads) {
      if (read == on) return true;
      if (plan_.units[read].latest >= earliest && seen.insert(read).second) open.push_back(read);
    }
  }
  return false;
}

void Partition::join_loops(ir::OpId op) {
  if (!graph_.op(op).attrs.has("group")) {
    open_unit(UnitKind::kLoops, op);
    return;
  }
  const int64_t group = graph_.op(op).attrs.integer("group");
  const auto it = loop_groups_.find(group);
  bool independent = it != loop_groups_.end() && plan_.units[it->second].phase == phase_;
  for (const int read : units_read(op)) independent = independent && !depends_on(read, it->second);
  if (independent) {
    record_reads(it->second, op);
  } else {
    loop_groups_[group] = open_unit(UnitKind::kLoops, op);
  }
}

void Partition::open_pointwise(ir::OpId op) {
  const int id = open_unit(UnitKind::kGroup, op);
  Unit& unit = plan_.units[id];
  const ir::ValueId result = graph_.op(op).results[0];
  const ir::Dims& dims = graph_.type(result).dims;
  Form form{std::vector<int>(dims.size(), -1), false};
  for (size_t i = 0; i < dims.size(); ++i) {
    if (is_one(pool_, dims[i])) continue;
    form.axes[i] = static_cast<int>(unit.space.size());
    unit.space.push_back(dims[i]);
  }
  if (unit.space.empty()) unit.space.push_back(pool_.constant(1));
  unit.unit = unit.space.back();
  unit.forms[result] = form;
}

std::optional<Form> Partition::form_at(const Unit& unit, ir::ValueId value) {
  std::vector<ir::OpId> chain;
  const ir::ValueId root = root_of(graph_, value);
  for (ir::ValueId v = value; v != root; v = graph_.op(chain.back()).operands[0]) chain.push_back(graph_.value(v).def);
  const auto it = unit.forms.find(root);
  if (it == unit.forms.end()) return std::nullopt;
  std::optional<Form> form = it->second;
  for (auto op = chain.rbegin(); form && op != chain.rend(); ++op) {
    const ir::Op& view = graph_.op(*op);
    std::optional<Form> wider;
    if (view.kind == ir::OpKind::k_broadcast)
      wider = spread(unit, *form, graph_.type(view.operands[0]).dims, graph_.type(view.results[0]).dims);
    form = wider ? wider : push(graph_, view, *form, unit.unit, unit.last_axis());
  }
  return form;
}

/// Form of a result of extents `dims` that has the value as an operand.
std::optional<Form> Partition::form_over(const Unit& unit, ir::ValueId value, const ir::Dims& dims) {
  const ir::Dims from = graph_.type(value).dims;
  bool covers = true;
  for (size_t i = 0; i < dims.size(); ++i) covers = covers && pool_.same(from[i], dims[i]);
  if (!covers && unit.row_axes == 0) return std::nullopt;
  const std::optional<Form> form = form_at(unit, value);
  return covers || !form ? form : spread(unit, *form, from, dims);
}

std::vector<Partition::Candidate> Partition::candidates(ir::OpId op) {
  std::vector<Candidate> found;
  std::set<int> refused;
  const ir::Dims& dims = graph_.type(graph_.op(op).results[0]).dims;
  for (const ir::ValueId operand : graph_.op(op).operands) {
    const int id = plan_.unit_of(graph_, operand);
    if (id < 0 || plan_.units[id].kind != UnitKind::kGroup) continue;
    const Unit& unit = plan_.units[id];
    const bool open =
        unit.phase == phase_ && enabled(unit.anchored ? "fuse_tails" : "partition_stages") && has_room(unit, 1);
    const std::optional<Form> form = open ? form_over(unit, operand, dims) : std::nullopt;
    const auto known = std::find_if(found.begin(), found.end(), [&](const Candidate& c) { return c.unit == id; });
    if (!form || (known != found.end() && known->form != *form)) refused.insert(id);
    if (form && known == found.end()) found.push_back({id, *form});
  }
  const std::set<int> reads = units_read(op);
  std::erase_if(found, [&](const Candidate& c) {
    if (refused.count(c.unit) != 0) return true;
    return std::any_of(reads.begin(), reads.end(),
                       [&](int read) { return read != c.unit && depends_on(read, c.unit); });
  });
  return found;
}

bool Partition::has_room(const Unit& unit, size_t more_ops) const {
  if (unit.anchored) return unit.ops.size() + more_ops <= kMaxAnchoredOps;
  std::set<ir::ValueId> outside;
  for (const ir::OpId op : unit.ops) {
    for (const ir::ValueId operand : graph_.op(op).operands) {
      const ir::ValueId root = root_of(graph_, operand);
      if (!graph_.value(root).def.valid() || !unit.contains(graph_.value(root).def)) outside.insert(operand);
    }
  }
  return unit.ops.size() + more_ops <= kMaxPointwiseOps && outside.size() <= kMaxPointwiseReads;
}

void Partition::join_pointwise(ir::OpId op) {
  const std::vector<Candidate> found = candidates(op);
  if (found.empty()) return open_pointwise(op);
  const auto anchored = [&](const Candidate& c) { return plan_.units[c.unit].anchored; };
  const auto folds = [&](const Candidate& c) { return plan_.units[c.unit].row_axes > 0; };
  auto it = std::find_if(found.begin(), found.end(), anchored);
  if (it == found.end()) it = std::find_if(found.begin(), found.end(), folds);
  const Candidate target = it == found.end() ? found.front() : *it;
  for (const Candidate& other : found) {
    if (other.unit != target.unit) merge(target.unit, target.form, other.unit, other.form);
  }
  record_reads(target.unit, op);
  plan_.units[target.unit].forms[graph_.op(op).results[0]] = target.form;
}

void Partition::order_units() {
  const auto place = [&](int id) { return std::tuple(plan_.units[id].phase, plan_.units[id].last, id); };
  std::vector<int> left;
  for (size_t id = 0; id < plan_.units.size(); ++id) {
    Unit& unit = plan_.units[id];
    std::sort(unit.ops.begin(), unit.ops.end(),
              [&](ir::OpId a, ir::OpId b) { return position_.at(a) < position_.at(b); });
    if (unit.alive) left.push_back(static_cast<int>(id));
  }
  std::sort(left.begin(), left.end(), [&](int a, int b) { return place(a) < place(b); });
  std::set<int> done;
  while (!left.empty()) {
    const auto ready = std::find_if(left.begin(), left.end(), [&](int id) {
      const std::set<int>& reads = plan_.units[id].reads;
      return std::all_of(reads.begin(), reads.end(), [&](int read) { return done.count(read) != 0; });
    });
    RONDO_CHECK(ready != left.end(), "units of a region depend on each other in a circle");
    plan_.order.push_back(*ready);
    done.insert(*ready);
    left.erase(ready);
  }
}

RegionPlan plan_region(ir::Graph& graph, ir::RegionId region, ir::ValueId flag, const passes::PassOptions& options) {
  RegionPlan plan;
  plan.region = region;
  Partition partition(graph, plan, options);
  partition.form_units(flag.valid() ? backward_slice(graph, region, flag) : std::set<ir::OpId>{});
  if (options.disabled.count("partition_stages") == 0) partition.sink_ops();
  partition.order_units();
  return plan;
}

}  // namespace rondo::schedule
