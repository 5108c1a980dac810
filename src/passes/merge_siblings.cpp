// An LSTM written gate by gate multiplies h with four matrices in each step. Side by side in one matrix they are one
// product: h is read once, there is one synchronisation, and the four gates of a unit can be brought into one tile by
// packing. The members' users read columns of the result. Then, so that slices do not stand between the product and
// what it feeds, work that treats all columns alike is widened (widen_slices.h) and iterated columns of one tensor
// become one iterated tensor.
//
// Outer regions first: merging the batched input products before a loop makes their results columns of one P, which the
// loop's iterators then share.
#include "passes/merge_siblings.h"

#include <algorithm>
#include <map>

#include "passes/eliminate_dead.h"
#include "passes/normal_form/share_subexpressions.h"
#include "passes/normal_form/simplify.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"
#include "passes/parts/widen_slices.h"

namespace rondo::passes {
namespace {

class SiblingMerger {
 public:
  SiblingMerger(ir::Graph& graph, ir::RegionId region) : graph_(graph), region_(region), uses_(graph) {}

  bool run() {
    std::vector<std::pair<ir::ValueId, std::vector<ir::OpId>>> groups;
    std::map<ir::ValueId, size_t> index;
    for (ir::OpId op : graph_.region(region_).ops) {
      if (!is_member(op)) continue;
      const ir::ValueId a = graph_.op(op).operands[0];
      const auto [found, added] = index.try_emplace(a, groups.size());
      if (added) groups.push_back({a, {}});
      groups[found->second].second.push_back(op);
    }
    bool changed = false;
    for (const auto& [a, members] : groups) {
      // Read again: the left operand of one group may be a product that the group before it has merged.
      if (members.size() >= 2) changed = merge(graph_.op(members[0]).operands[0], members) || changed;
    }
    return changed;
  }

 private:
  ir::OpId enclosing() const { return graph_.region(region_).parent; }

  bool is_member(ir::OpId op) const {
    const ir::Op& node = graph_.op(op);
    if (node.kind != ir::OpKind::k_matmul || graph_.type(node.operands[1]).rank() != 2) return false;
    if (node.attrs.has("product")) return false;
    const ir::ValueId b = node.operands[1];
    if (!is_constant_weight(graph_, b) && !fixed_around_loop(b)) return false;
    for (const Use& use : uses_.of(node.results[0])) {
      if (!use.op.valid()) return false;
    }
    return true;
  }

  /// Joining weights that are no constants costs a copy per run: worth it only when a loop reads them many times.
  bool fixed_around_loop(ir::ValueId b) const {
    if (!enclosing().valid() || graph_.op(enclosing()).kind != ir::OpKind::k_loop) return false;
    return !graph_.is_inside(graph_.value(b).region, region_);
  }

  bool merge(ir::ValueId a, const std::vector<ir::OpId>& members) {
    std::vector<ir::ValueId> weights;
    std::vector<ir::ValueId> results;
    ir::Dims starts, sizes;
    ir::Dim offset = graph_.dims().constant(0);
    bool constant = true;
    for (ir::OpId op : members) {
      weights.push_back(graph_.op(op).operands[1]);
      results.push_back(graph_.op(op).results[0]);
      constant = constant && is_constant_weight(graph_, weights.back());
      starts.push_back(offset);
      sizes.push_back(graph_.type(weights.back()).dims[1]);
      offset = graph_.dims().add(offset, sizes.back());
    }
    OpBuilder builder(graph_, region_, members[0], joined_names(members));
    const ir::ValueId joined = constant ? join_constants(builder, weights) : join_before_loop(weights);
    const ir::ValueId whole = builder.matmul(a, joined);
    for (size_t i = 0; i < members.size(); ++i) {
      const int axis = graph_.type(whole).rank() - 1;
      graph_.replace_uses(results[i], builder.slice(whole, axis, starts[i], sizes[i]));
    }
    for (ir::OpId op : members) graph_.erase_op(op);
    return true;
  }

  /// The constant, or its transpose, once more at another place.
  ir::ValueId copy_of(OpBuilder& builder, ir::ValueId weight) {
    const ir::Op op = graph_.op(graph_.value(weight).def);
    if (op.kind == ir::OpKind::k_constant) return builder.add(ir::OpKind::k_constant, op.attrs, {});
    return builder.add(ir::OpKind::k_transpose, op.attrs, {copy_of(builder, op.operands[0])});
  }

  /// Constants may stand behind the first member; their copies do not.
  ir::ValueId join_constants(OpBuilder& builder, const std::vector<ir::ValueId>& weights) {
    std::vector<ir::ValueId> copies;
    for (ir::ValueId weight : weights) copies.push_back(copy_of(builder, weight));
    return fold_value(graph_, builder.concat(copies, 1));
  }

  ir::ValueId join_before_loop(const std::vector<ir::ValueId>& weights) {
    OpBuilder before = OpBuilder::before(graph_, enclosing());
    std::vector<ir::ValueId> copies;
    for (ir::ValueId weight : weights) {
      const bool inside = graph_.is_inside(graph_.value(weight).region, region_);
      copies.push_back(inside ? copy_of(before, weight) : weight);
    }
    return before.concat(copies, 1);
  }

  std::string joined_names(const std::vector<ir::OpId>& members) const {
    std::string names;
    for (ir::OpId op : members) {
      const std::string& name = graph_.op(op).name;
      if (name.empty() || names.find(name) != std::string::npos) continue;
      names += (names.empty() ? "" : " + ") + name;
    }
    return names;
  }

  ir::Graph& graph_;
  ir::RegionId region_;
  Uses uses_;
};

/// One iterated operand that is a run of columns of some tensor.
struct IteratedColumns {
  size_t iterated = 0;
  ColumnSlice columns;
};

/// Iterated column slices of one tensor become one iterated tensor, sliced in the body.
class IteratorMerger {
 public:
  IteratorMerger(ir::Graph& graph, ir::OpId loop) : graph_(graph), loop_(graph, loop) {}

  bool run() {
    bool changed = false;
    while (merge_one()) changed = true;
    return changed;
  }

 private:
  bool merge_one() {
    for (size_t i = 0; i < loop_.iterated_count(); ++i) {
      std::vector<IteratedColumns> group = group_of(i);
      if (group.size() >= 2 && contiguous(group)) {
        merge(group);
        return true;
      }
    }
    return false;
  }

  /// All iterators over columns of the same tensor as iterator `first`, sorted by column; empty if it is not over columns.
  std::vector<IteratedColumns> group_of(size_t first) {
    std::vector<IteratedColumns> group;
    const auto source = column_slice(graph_, loop_.source(first));
    if (!source || loop_.iter_axis(first) == graph_.type(loop_.source(first)).rank() - 1) return group;
    for (size_t i = 0; i < loop_.iterated_count(); ++i) {
      const auto columns = column_slice(graph_, loop_.source(i));
      const bool alike = columns && columns->source == source->source && loop_.iter_axis(i) == loop_.iter_axis(first) &&
                         loop_.iter_reverse(i) == loop_.iter_reverse(first);
      if (alike) group.push_back({i, *columns});
    }
    std::sort(group.begin(), group.end(),
              [](const IteratedColumns& a, const IteratedColumns& b) { return a.columns.start < b.columns.start; });
    return group;
  }

  bool contiguous(const std::vector<IteratedColumns>& group) const {
    for (size_t i = 1; i < group.size(); ++i) {
      if (group[i].columns.start != group[i - 1].columns.start + group[i - 1].columns.size) return false;
    }
    return true;
  }

  void merge(const std::vector<IteratedColumns>& group) {
    ir::DimPool& pool = graph_.dims();
    const ColumnSlice &first = group.front().columns, &last = group.back().columns;
    const int64_t size = last.start + last.size - first.start;
    OpBuilder before = OpBuilder::before(graph_, loop_.op());
    const int columns = graph_.type(first.source).rank() - 1;
    const ir::ValueId whole = before.slice(first.source, columns, pool.constant(first.start), pool.constant(size));
    const size_t model = group.front().iterated;
    const ir::ValueId row = loop_.add_iterated(whole, loop_.iter_axis(model), loop_.iter_reverse(model));
    OpBuilder inside = OpBuilder::at_start(graph_, loop_.body(), graph_.op(loop_.op()).name);
    std::vector<bool> keep(loop_.iterated_count(), true);
    for (const IteratedColumns& item : group) {
      const ir::Dim start = pool.constant(item.columns.start - first.start);
      const ir::ValueId part = inside.slice(row, columns - 1, start, pool.constant(item.columns.size));
      graph_.replace_uses(loop_.slice_arg(item.iterated), part);
      keep[item.iterated] = false;
    }
    loop_.keep_iterated(keep);
  }

  ir::Graph& graph_;
  LoopParts loop_;
};

/// False once the region's op, or one around it, has been erased: sharing drops one of two loops that became equal.
bool is_alive(const ir::Graph& graph, ir::RegionId region) {
  while (region != graph.main()) {
    const ir::OpId parent = graph.region(region).parent;
    if (!parent.valid() || !graph.op(parent).parent.valid()) return false;
    region = graph.op(parent).parent;
  }
  return true;
}

}  // namespace

bool merge_siblings(ir::Graph& graph, const PassOptions& options) {
  bool changed = false;
  for (ir::RegionId region : regions_outer_first(graph)) {
    if (!is_alive(graph, region)) continue;
    const ir::OpId loop = graph.region(region).parent;
    if (loop.valid() && graph.op(loop).kind == ir::OpKind::k_loop)
      changed = IteratorMerger(graph, loop).run() || changed;
    if (SiblingMerger(graph, region).run()) {
      simplify(graph);  // brings slices behind reshapes, where widening finds them
      share_subexpressions(graph);
      changed = true;
    }
    while (widen_slices(graph, region)) changed = true;
  }
  if (changed) eliminate_dead(graph, options);
  return changed;
}

}  // namespace rondo::passes
