// Renumbering. Everything reachable from the main region is copied into fresh arenas in program order: an op, its
// results, then each of its regions with arguments first. Two graphs of one program text therefore get one numbering,
// whatever passes made and erased on the way.
#include "base/error.h"
#include "ir/graph.h"

namespace rondo::ir {
namespace {

/// Old id -> new id, kept dense.
struct Renumbering {
  std::vector<ValueId> values;
  std::vector<OpId> ops;
  std::vector<RegionId> regions;
  std::vector<uint32_t> constants;
};

class Order {
 public:
  explicit Order(const Graph& graph) : graph_(graph) {}

  void visit(RegionId id) {
    regions.push_back(id);
    const Region& region = graph_.region(id);
    values.insert(values.end(), region.args.begin(), region.args.end());
    for (const OpId op_id : region.ops) {
      const Op& op = graph_.op(op_id);
      ops.push_back(op_id);
      values.insert(values.end(), op.results.begin(), op.results.end());
      for (const RegionId r : op.regions) visit(r);
    }
  }

  std::vector<RegionId> regions;
  std::vector<OpId> ops;
  std::vector<ValueId> values;

 private:
  const Graph& graph_;
};

template <class Id>
std::vector<Id> inverse(const std::vector<Id>& order, size_t count) {
  std::vector<Id> result(count);
  for (size_t i = 0; i < order.size(); ++i) result[order[i].id] = Id{static_cast<uint32_t>(i)};
  return result;
}

template <class Id>
void renumber(std::vector<Id>& ids, const std::vector<Id>& new_ids) {
  for (Id& id : ids) {
    id = new_ids[id.id];
    RONDO_CHECK(id.valid(), "compact: a live op or region refers to something erased");
  }
}

}  // namespace

void Graph::compact() {
  Order order(*this);
  order.visit(main());
  Renumbering to{inverse(order.values, values_.size()), inverse(order.ops, ops_.size()),
                 inverse(order.regions, regions_.size()), std::vector<uint32_t>(constants_.size(), UINT32_MAX)};

  std::vector<std::shared_ptr<const ConstantData>> constants;
  std::vector<uint64_t> constant_hashes;
  std::deque<Op> ops;
  for (const OpId old : order.ops) {
    Op op = std::move(ops_[old.id]);
    renumber(op.operands, to.values);
    renumber(op.results, to.values);
    renumber(op.regions, to.regions);
    op.parent = to.regions[op.parent.id];
    if (op.kind == OpKind::k_constant) {
      const auto index = static_cast<size_t>(op.attrs.integer("data"));
      RONDO_CHECK(index < constants_.size(), "constant '", op.name, "': no data ", index);
      if (to.constants[index] == UINT32_MAX) {
        to.constants[index] = static_cast<uint32_t>(constants.size());
        constants.push_back(constants_[index]);
        constant_hashes.push_back(constant_hashes_[index]);
      }
      op.attrs.set("data", int64_t{to.constants[index]});
    }
    ops.push_back(std::move(op));
  }
  std::deque<Value> values;
  for (const ValueId old : order.values) {
    Value value = std::move(values_[old.id]);
    if (value.def.valid()) value.def = to.ops[value.def.id];
    value.region = to.regions[value.region.id];
    values.push_back(std::move(value));
  }
  std::deque<Region> regions;
  for (const RegionId old : order.regions) {
    Region region = std::move(regions_[old.id]);
    renumber(region.args, to.values);
    renumber(region.ops, to.ops);
    renumber(region.results, to.values);
    if (region.parent.valid()) region.parent = to.ops[region.parent.id];
    regions.push_back(std::move(region));
  }
  renumber(inputs_, to.ops);
  ops_ = std::move(ops);
  values_ = std::move(values);
  regions_ = std::move(regions);
  constants_ = std::move(constants);
  constant_hashes_ = std::move(constant_hashes);
}

}  // namespace rondo::ir
