#include "ir/graph.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"

namespace rondo::ir {
namespace {

void remove_from(std::vector<OpId>& ops, OpId op) { ops.erase(std::find(ops.begin(), ops.end(), op)); }

void insert_before(std::vector<OpId>& ops, OpId op, OpId before) {
  if (!before.valid()) {
    ops.push_back(op);
    return;
  }
  const auto it = std::find(ops.begin(), ops.end(), before);
  RONDO_CHECK(it != ops.end(), "op ", before.id, " is not in the region");
  ops.insert(it, op);
}

}  // namespace

Graph::Graph() { regions_.emplace_back(); }

OpId Graph::add_op(RegionId region, OpKind kind, Attrs attrs, std::vector<ValueId> operands, size_t result_count,
                   std::string name, OpId before) {
  const OpId id{static_cast<uint32_t>(ops_.size())};
  Op op;
  op.kind = kind;
  op.attrs = std::move(attrs);
  op.operands = std::move(operands);
  op.parent = region;
  op.name = std::move(name);
  ops_.push_back(std::move(op));
  insert_before(regions_[region.id].ops, id, before);
  for (size_t i = 0; i < result_count; ++i) add_result(id, {});
  return id;
}

RegionId Graph::add_region(OpId parent) {
  const RegionId id{static_cast<uint32_t>(regions_.size())};
  regions_.emplace_back();
  regions_.back().parent = parent;
  ops_[parent.id].regions.push_back(id);
  return id;
}

ValueId Graph::add_argument(RegionId region, ValueInfo info) {
  const ValueId id{static_cast<uint32_t>(values_.size())};
  Region& r = regions_[region.id];
  values_.push_back(Value{std::move(info), OpId{}, static_cast<uint32_t>(r.args.size()), region, {}});
  r.args.push_back(id);
  return id;
}

ValueId Graph::add_result(OpId op, ValueInfo info) {
  const ValueId id{static_cast<uint32_t>(values_.size())};
  Op& o = ops_[op.id];
  values_.push_back(Value{std::move(info), op, static_cast<uint32_t>(o.results.size()), o.parent, {}});
  o.results.push_back(id);
  return id;
}

void Graph::replace_uses(ValueId from, ValueId to) {
  for (Op& op : ops_) std::replace(op.operands.begin(), op.operands.end(), from, to);
  for (Region& region : regions_) std::replace(region.results.begin(), region.results.end(), from, to);
}

void Graph::erase_op(OpId op) {
  const auto check_unused = [&](ValueId used) {
    RONDO_CHECK(!used.valid() || values_[used.id].def != op, "erased op '", ops_[op.id].name, "' (",
                op_kind_name(ops_[op.id].kind), ") is still used");
  };
  for (const Op& other : ops_) {
    if (other.parent.valid()) std::for_each(other.operands.begin(), other.operands.end(), check_unused);
  }
  for (const Region& region : regions_) {
    if (region.parent.valid() && !ops_[region.parent.id].parent.valid()) continue;
    std::for_each(region.results.begin(), region.results.end(), check_unused);
  }
  remove_from(regions_[ops_[op.id].parent.id].ops, op);
  std::erase(inputs_, op);
  std::vector<OpId> open{op};
  while (!open.empty()) {
    Op& erased = ops_[open.back().id];
    open.pop_back();
    erased.parent = RegionId{};
    erased.operands.clear();
    for (const RegionId r : erased.regions) {
      Region& region = regions_[r.id];
      open.insert(open.end(), region.ops.begin(), region.ops.end());
      region.ops.clear();
      region.results.clear();
    }
  }
}

void Graph::move_op(OpId op, RegionId region, OpId before) {
  remove_from(regions_[ops_[op.id].parent.id].ops, op);
  insert_before(regions_[region.id].ops, op, before);
  ops_[op.id].parent = region;
  for (const ValueId v : ops_[op.id].results) values_[v.id].region = region;
}

std::vector<uint32_t> Graph::use_counts() const {
  std::vector<uint32_t> counts(values_.size());
  for (const Op& op : ops_) {
    if (!op.parent.valid()) continue;
    for (const ValueId v : op.operands) ++counts[v.id];
  }
  for (const Region& region : regions_) {
    for (const ValueId v : region.results) ++counts[v.id];
  }
  return counts;
}

bool Graph::is_inside(RegionId region, RegionId ancestor) const {
  while (region != ancestor) {
    const OpId parent = regions_[region.id].parent;
    if (!parent.valid()) return false;
    region = ops_[parent.id].parent;
  }
  return true;
}

bool ConstantBytes::operator==(const ConstantBytes& other) const {
  return size() == other.size() && (data() == other.data() || std::equal(data(), data() + size(), other.data()));
}

uint32_t Graph::add_constant_data(DType dtype, ConstantBytes bytes) {
  const uint64_t hash = hash_combine(hash_bytes(bytes.data(), bytes.size()), static_cast<uint64_t>(dtype));
  for (size_t i = 0; i < constants_.size(); ++i) {
    if (constant_hashes_[i] == hash && constants_[i]->dtype == dtype && constants_[i]->bytes == bytes) {
      return static_cast<uint32_t>(i);
    }
  }
  constants_.push_back(std::make_shared<const ConstantData>(ConstantData{dtype, std::move(bytes)}));
  constant_hashes_.push_back(hash);
  return static_cast<uint32_t>(constants_.size() - 1);
}

}  // namespace rondo::ir
