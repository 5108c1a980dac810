#include "passes/hoist_invariants.h"

#include "passes/parts/loop_parts.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

bool has_while_loop(const ir::Graph& graph, ir::OpId op) {
  if (graph.op(op).kind == ir::OpKind::k_loop && graph.op(op).attrs.flag("while")) return true;
  for (ir::RegionId region : graph.op(op).regions) {
    for (ir::OpId inner : graph.region(region).ops) {
      if (has_while_loop(graph, inner)) return true;
    }
  }
  return false;
}

/// Ops that cost next to nothing when their results turn out not to be needed.
bool is_cheap(ir::OpKind kind) {
  switch (kind) {
    case ir::OpKind::k_constant:
    case ir::OpKind::k_shape:
    case ir::OpKind::k_reshape:
    case ir::OpKind::k_slice:
      return true;
    default:
      return false;
  }
}

class Hoister {
 public:
  Hoister(ir::Graph& graph, const ir::DataSymbols& data, ir::OpId loop)
      : graph_(graph), data_(data), loop_(loop), body_(graph.op(loop).regions[0]) {}

  bool run() {
    const bool dropped = drop_constant_carries();
    return hoist_from(body_, false) || dropped;
  }

 private:
  bool drop_constant_carries() {
    bool changed = false;
    const LoopParts loop(graph_, loop_);
    const Uses uses(graph_);
    for (size_t i = 0; i < loop.carried_count(); ++i) {
      const ir::ValueId arg = loop.carried_arg(i), initial = loop.initial(i);
      if (loop.next(i) != arg && loop.next(i) != initial) continue;
      const size_t own = loop.next(i) == arg ? 1 : 0;
      if (uses.count(arg) == own && uses.count(loop.last(i)) == 0) continue;
      graph_.replace_uses(loop.last(i), initial);
      graph_.replace_uses(arg, initial);
      changed = true;
    }
    return changed;
  }

  bool hoist_from(ir::RegionId region, bool lazy) {
    bool changed = false;
    const std::vector<ir::OpId> ops = graph_.region(region).ops;
    for (ir::OpId op : ops) {
      if ((!lazy || is_cheap(graph_.op(op).kind)) && may_leave(op)) {
        graph_.move_op(op, graph_.op(loop_).parent, loop_);
        changed = true;
      } else if (graph_.op(op).kind == ir::OpKind::k_conditional) {
        for (ir::RegionId branch : graph_.op(op).regions) changed = hoist_from(branch, true) || changed;
      }
    }
    return changed;
  }

  bool may_leave(ir::OpId op) const {
    for (ir::ValueId input : inputs_of(graph_, data_, op)) {
      if (graph_.is_inside(graph_.value(input).region, body_)) return false;
    }
    return !has_while_loop(graph_, op);
  }

  ir::Graph& graph_;
  const ir::DataSymbols& data_;
  ir::OpId loop_;
  ir::RegionId body_;
};

}  // namespace

bool hoist_invariants(ir::Graph& graph, const PassOptions&) {
  bool changed = false;
  const ir::DataSymbols data(graph);
  for (ir::OpId loop : loops_inner_first(graph)) changed = Hoister(graph, data, loop).run() || changed;
  return changed;
}

}  // namespace rondo::passes
