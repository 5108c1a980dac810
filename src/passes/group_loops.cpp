#include "passes/group_loops.h"

#include <algorithm>
#include <set>

#include "passes/parts/loop_parts.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

class LoopGrouper {
 public:
  LoopGrouper(ir::Graph& graph, const ir::DataSymbols& data, ir::RegionId region)
      : graph_(graph), data_(data), region_(region) {}

  /// Numbers new groups from *next_group on.
  bool run(int64_t* next_group) {
    std::set<ir::OpId> done;
    bool changed = false;
    const std::vector<ir::OpId> ops = graph_.region(region_).ops;
    for (ir::OpId first : ops) {
      if (!may_group(first) || done.count(first) != 0) continue;
      std::vector<ir::OpId> group{first};
      for (ir::OpId other : later_loops(first)) {
        if (done.count(other) == 0 && same_trips(first, other) && move_next_to(group, other)) group.push_back(other);
      }
      if (group.size() < 2) continue;
      for (ir::OpId loop : group) graph_.op(loop).attrs.set("group", *next_group);
      done.insert(group.begin(), group.end());
      ++*next_group;
      changed = true;
    }
    return changed;
  }

 private:
  bool may_group(ir::OpId op) const {
    return graph_.op(op).kind == ir::OpKind::k_loop && graph_.op(op).attrs.flag("count") &&
           !graph_.op(op).attrs.flag("while");
  }

  std::vector<ir::OpId> later_loops(ir::OpId first) const {
    const std::vector<ir::OpId>& ops = graph_.region(region_).ops;
    std::vector<ir::OpId> loops;
    for (auto at = std::find(ops.begin(), ops.end(), first) + 1; at != ops.end(); ++at) {
      if (may_group(*at)) loops.push_back(*at);
    }
    return loops;
  }

  bool same_trips(ir::OpId a, ir::OpId b) {
    return same_scalar(graph_, LoopParts(graph_, a).count(), LoopParts(graph_, b).count());
  }

  /// Moves `loop` directly behind the group, and what it needs before it; false if that needs a result of the group.
  bool move_next_to(const std::vector<ir::OpId>& group, ir::OpId loop) {
    const std::vector<ir::OpId> ops = graph_.region(region_).ops;
    const size_t begin = position(ops, group.front()), end = position(ops, loop);
    std::set<ir::OpId> needed{loop};
    for (size_t i = end + 1; i-- > begin;) {
      if (needed.count(ops[i]) == 0) continue;
      for (ir::ValueId input : inputs_of(graph_, data_, ops[i])) {
        const ir::OpId def = graph_.value(input).def;
        if (def.valid() && graph_.op(def).parent == region_) needed.insert(def);
      }
    }
    for (ir::OpId member : group) {
      if (needed.count(member) != 0) return false;
    }
    for (size_t i = begin; i < end; ++i) {
      if (needed.count(ops[i]) != 0) graph_.move_op(ops[i], region_, group.front());
    }
    const std::vector<ir::OpId>& moved = graph_.region(region_).ops;
    const ir::OpId behind = moved[position(moved, group.back()) + 1];
    if (behind != loop) graph_.move_op(loop, region_, behind);
    return true;
  }

  static size_t position(const std::vector<ir::OpId>& ops, ir::OpId op) {
    return static_cast<size_t>(std::find(ops.begin(), ops.end(), op) - ops.begin());
  }

  ir::Graph& graph_;
  const ir::DataSymbols& data_;
  ir::RegionId region_;
};

}  // namespace

bool group_loops(ir::Graph& graph, const PassOptions&) {
  int64_t next_group = 0;
  bool changed = false;
  const ir::DataSymbols data(graph);
  for (ir::RegionId region : regions_outer_first(graph))
    changed = LoopGrouper(graph, data, region).run(&next_group) || changed;
  return changed;
}

}  // namespace rondo::passes
