// Recomputing instead of storing. A small pointwise group whose results only other groups read (a mask [B, 1] for a
// cell's [B, H], a bias prepared for one stage) disappears into its readers. And ops of one group that only a later
// group reads move there when fewer values then pass through memory: in a GRU, 1-z and z*h would be stored by the stage
// of z; moved, only z is.
#include <algorithm>

#include "base/error.h"
#include "schedule/partition/partition_stages.h"

namespace rondo::schedule {
namespace {

constexpr size_t kMaxInlinedOps = 8;   // a larger group is a stage of its own worth
constexpr size_t kMaxRecomputed = 32;  // instructions added over all readers

}  // namespace

/// Costs about as much as the load it saves, so that repeating it over a broadcast axis does no harm.
bool Partition::is_cheap(ir::OpId op) const {
  if (graph_.op(op).kind != ir::OpKind::k_pointwise) return false;
  tile::PointwiseFn fn;
  const std::string& name = graph_.op(op).attrs.string("fn");
  RONDO_CHECK(tile::parse_pointwise(name, &fn), "function '", name, "'");
  if (fn == tile::PointwiseFn::f_pow || fn == tile::PointwiseFn::f_div || fn == tile::PointwiseFn::f_floor_div)
    return false;
  return tile::pointwise_info(fn).signature != tile::Signature::kFloat || fn == tile::PointwiseFn::f_fma;
}

void Partition::recompute_in(int reader, const std::vector<ir::OpId>& ops, const std::set<int>& reads) {
  for (const ir::OpId op : ops) hold(reader, op);
  for (const int read : reads) add_read(reader, read);
}

bool Partition::inline_group(int id) {
  const Unit group = plan_.units[id];
  if (!group.alive || group.kind != UnitKind::kGroup || group.anchored || group.row_axes > 0 ||
      group.ops.size() > kMaxInlinedOps)
    return false;
  const bool cheap = std::all_of(group.ops.begin(), group.ops.end(), [&](ir::OpId op) { return is_cheap(op); });
  std::set<int> readers;
  size_t reads = 0;
  for (const ir::OpId op : group.ops) {
    const auto owner = plan_.owner.find(op);
    const auto uses = plan_.uses.find(graph_.op(op).results[0]);
    if (owner == plan_.owner.end() || owner->second != id || uses == plan_.uses.end()) continue;
    for (const Use& use : uses->second) {
      if (use.op.valid() && group.contains(use.op)) continue;
      if (!use.op.valid() || graph_.op(use.op).kind != ir::OpKind::k_pointwise || (use.widened && !cheap)) return false;
      readers.insert(plan_.holders.at(use.op).begin(), plan_.holders.at(use.op).end());
      ++reads;
    }
  }
  if (readers.empty() || group.ops.size() * std::max(reads, readers.size()) > kMaxRecomputed) return false;
  for (const int reader : readers) {
    if (!has_room(plan_.units[reader], group.ops.size())) return false;
  }
  for (const int reader : readers) recompute_in(reader, group.ops, group.reads);
  std::erase_if(plan_.owner, [&](const auto& entry) { return entry.second == id; });
  replace_unit(id, group.reads);
  return true;
}

/// True if something outside of the groups that compute the value reads it from memory.
bool Partition::is_stored(ir::ValueId value) const {
  const auto uses = plan_.uses.find(value);
  if (uses == plan_.uses.end()) return false;
  const ir::OpId def = graph_.value(value).def;
  return std::any_of(uses->second.begin(), uses->second.end(), [&](const Use& use) {
    if (!use.op.valid()) return true;
    const ir::OpKind kind = graph_.op(use.op).kind;
    return (kind != ir::OpKind::k_pointwise && kind != ir::OpKind::k_reduce) || plan_.held_without(use.op, def);
  });
}

/// The one other group that reads the op's result, if there is no other reader.
std::optional<int> Partition::only_reader(int unit, ir::OpId op) const {
  const auto uses = plan_.uses.find(graph_.op(op).results[0]);
  if (uses == plan_.uses.end()) return std::nullopt;
  std::set<int> readers;
  for (const Use& use : uses->second) {
    if (!use.op.valid() || graph_.op(use.op).kind != ir::OpKind::k_pointwise) return std::nullopt;
    if (use.widened && !is_cheap(op)) return std::nullopt;
    readers.insert(plan_.holders.at(use.op).begin(), plan_.holders.at(use.op).end());
  }
  if (readers.size() != 1 || *readers.begin() == unit) return std::nullopt;
  return *readers.begin();
}

/// True if all the op needs from its own group is `value` and what is stored anyway.
bool Partition::reads_only(int unit, ir::OpId op, ir::ValueId value) {
  for (const ir::ValueId operand : graph_.op(op).operands) {
    const ir::ValueId root = root_of(graph_, operand);
    const bool own =
        !is_leaf(graph_, root) && graph_.value(root).def.valid() && plan_.units[unit].contains(graph_.value(root).def);
    if (own && root != value && !is_stored(root)) return false;
  }
  return true;
}

bool Partition::sink_readers(int id, ir::ValueId value) {
  const auto uses = plan_.uses.find(value);
  if (uses == plan_.uses.end()) return false;
  std::map<int, std::set<ir::OpId>> movable;
  for (const Use& use : uses->second) {
    const auto owner = use.op.valid() ? plan_.owner.find(use.op) : plan_.owner.end();
    if (owner == plan_.owner.end() || owner->second != id || graph_.op(use.op).kind != ir::OpKind::k_pointwise)
      continue;
    const std::optional<int> reader = only_reader(id, use.op);
    if (reader && reads_only(id, use.op, value)) movable[*reader].insert(use.op);
  }
  const bool stored = is_stored(value);
  for (const auto& [reader, ops] : movable) {
    if (ops.size() < (stored ? 1 : 2) || !has_room(plan_.units[reader], ops.size())) continue;
    Unit& unit = plan_.units[id];
    recompute_in(reader, {ops.begin(), ops.end()}, unit.reads);
    for (const ir::OpId op : ops) {
      std::erase(unit.ops, op);
      plan_.holders[op].erase(id);
      unit.forms.erase(graph_.op(op).results[0]);
      plan_.owner.erase(op);
    }
    return true;
  }
  return false;
}

void Partition::sink_ops() {
  for (size_t id = plan_.units.size(); id-- > 0;) inline_group(static_cast<int>(id));
  for (size_t id = plan_.units.size(); id-- > 0;) {
    if (!plan_.units[id].alive || plan_.units[id].kind != UnitKind::kGroup) continue;
    for (bool moved = true; moved;) {
      moved = false;
      const std::vector<ir::OpId> ops = plan_.units[id].ops;
      for (auto op = ops.rbegin(); !moved && op != ops.rend(); ++op) {
        if (graph_.op(*op).kind == ir::OpKind::k_pointwise)
          moved = sink_readers(static_cast<int>(id), graph_.op(*op).results[0]);
      }
    }
  }
}

}  // namespace rondo::schedule
