// Liveness by marking. A value is live if it reaches a network output; for a loop that question is asked per part: a
// carried value is live when its last value is, or when the body reads it for something live, so a counter that only
// counts itself is not. Network inputs stay: they are the binding order.
#include "passes/eliminate_dead.h"

#include "ir/data_symbols.h"
#include "passes/parts/loop_parts.h"

namespace rondo::passes {
namespace {

class Liveness {
 public:
  explicit Liveness(ir::Graph& graph)
      : graph_(graph), data_(graph), live_(graph.value_count()), marked_(graph.op_count()) {
    for (ir::ValueId read : data_.needed_by_checks()) push(read);
    for (ir::ValueId result : graph.region(graph.main()).results) push(result);
    while (!stack_.empty()) {
      const ir::ValueId value = stack_.back();
      stack_.pop_back();
      visit(value);
    }
  }
  bool live(ir::ValueId value) const { return live_[value.id]; }
  bool live(ir::OpId op) const { return marked_[op.id] || graph_.op(op).kind == ir::OpKind::k_input; }

 private:
  void push(ir::ValueId value) {
    if (live_[value.id]) return;
    live_[value.id] = true;
    stack_.push_back(value);
  }

  void visit(ir::ValueId value) {
    const ir::Value& node = graph_.value(value);
    if (!node.def.valid()) return visit_argument(value);
    const ir::Op& op = graph_.op(node.def);
    const bool first = !marked_[node.def.id];
    marked_[node.def.id] = true;
    if (first) mark_enclosing(op.parent);
    if (first) {
      for (ir::ValueId needed : data_.needed_by(node.def)) push(needed);
    }
    if (op.kind == ir::OpKind::k_loop) return visit_loop(node.def, node.def_index, first);
    if (op.kind == ir::OpKind::k_conditional) {
      for (ir::RegionId region : op.regions) push(graph_.region(region).results[node.def_index]);
    }
    if (first) {
      for (ir::ValueId operand : op.operands) push(operand);
    }
  }

  /// A live op inside a region keeps the op around it and what steers it.
  void mark_enclosing(ir::RegionId region) {
    const ir::OpId parent = graph_.region(region).parent;
    if (!parent.valid() || marked_[parent.id]) return;
    marked_[parent.id] = true;
    mark_enclosing(graph_.op(parent).parent);
    if (graph_.op(parent).kind == ir::OpKind::k_loop) {
      push_control(LoopParts(graph_, parent));
    } else {
      for (ir::ValueId operand : graph_.op(parent).operands) push(operand);
    }
  }

  void push_control(const LoopParts& loop) {
    if (loop.has_count()) push(loop.count());
    if (loop.has_while()) push(loop.flag());
  }

  void visit_loop(ir::OpId op, uint32_t result, bool first) {
    const LoopParts loop(graph_, op);
    if (first) push_control(loop);
    const size_t carried = loop.carried_count();
    if (result < carried) {
      push(loop.initial(result));
      push(loop.next(result));
      push(loop.carried_arg(result));
    } else {
      push(loop.length(result - carried));
      push(loop.collected_value(result - carried));
    }
  }

  void visit_argument(ir::ValueId value) {
    const ir::OpId op = graph_.region(graph_.value(value).region).parent;
    if (!marked_[op.id]) {
      marked_[op.id] = true;
      mark_enclosing(graph_.op(op).parent);
      push_control(LoopParts(graph_, op));
    }
    const LoopParts loop(graph_, op);
    const size_t index = graph_.value(value).def_index, carried = loop.carried_count();
    if (index == 0) return;
    if (index <= carried) {
      push(loop.initial(index - 1));
      push(loop.next(index - 1));
    } else {
      push(loop.source(index - 1 - carried));
    }
  }

  ir::Graph& graph_;
  const ir::DataSymbols data_;
  std::vector<bool> live_, marked_;
  std::vector<ir::ValueId> stack_;
};

bool all(const std::vector<bool>& flags) {
  for (bool flag : flags) {
    if (!flag) return false;
  }
  return true;
}

bool trim_loop(ir::Graph& graph, ir::OpId op, const Liveness& liveness) {
  LoopParts loop(graph, op);
  std::vector<bool> carried, iterated, collected;
  for (size_t i = 0; i < loop.carried_count(); ++i) {
    carried.push_back(liveness.live(loop.last(i)) || liveness.live(loop.carried_arg(i)));
  }
  for (size_t i = 0; i < loop.iterated_count(); ++i) iterated.push_back(liveness.live(loop.slice_arg(i)));
  for (size_t i = 0; i < loop.collected_count(); ++i) collected.push_back(liveness.live(loop.collected(i)));
  if (all(carried) && all(iterated) && all(collected)) return false;
  loop.keep_collected(collected);
  loop.keep_iterated(iterated);
  loop.keep_carried(carried);
  return true;
}

bool trim_conditional(ir::Graph& graph, ir::OpId op, const Liveness& liveness) {
  std::vector<ir::ValueId> kept;
  std::vector<size_t> positions;
  ir::Dims values, given;
  if (graph.op(op).attrs.has("values")) given = graph.op(op).attrs.dims("values");
  size_t dim = 0;
  for (size_t i = 0; i < graph.op(op).results.size(); ++i) {
    const size_t first = dim;
    dim += graph.type(graph.op(op).results[i]).dims.size();
    if (!liveness.live(graph.op(op).results[i])) continue;
    for (size_t at = first; at < dim && dim <= given.size(); ++at) values.push_back(given[at]);
    positions.push_back(i);
    kept.push_back(graph.op(op).results[i]);
  }
  if (kept.size() == graph.op(op).results.size()) return false;
  for (ir::RegionId region : graph.op(op).regions) {
    std::vector<ir::ValueId> yields;
    for (size_t position : positions) yields.push_back(graph.region(region).results[position]);
    graph.region(region).results = std::move(yields);
  }
  for (size_t i = 0; i < kept.size(); ++i) graph.value(kept[i]).def_index = static_cast<uint32_t>(i);
  graph.op(op).results = std::move(kept);
  if (!given.empty()) graph.op(op).attrs.set("values", std::move(values));
  return true;
}

/// Detaches the dead ops of a region, last first, after its live loops and conditionals have been trimmed.
bool sweep(ir::Graph& graph, ir::RegionId region, const Liveness& liveness) {
  bool changed = false;
  const std::vector<ir::OpId> ops = graph.region(region).ops;
  for (ir::OpId op : ops) {
    if (!liveness.live(op)) continue;
    if (graph.op(op).kind == ir::OpKind::k_loop) changed = trim_loop(graph, op, liveness) || changed;
    if (graph.op(op).kind == ir::OpKind::k_conditional) changed = trim_conditional(graph, op, liveness) || changed;
    for (ir::RegionId inner : graph.op(op).regions) changed = sweep(graph, inner, liveness) || changed;
  }
  for (size_t i = ops.size(); i-- > 0;) {
    if (liveness.live(ops[i])) continue;
    graph.erase_op(ops[i]);
    changed = true;
  }
  return changed;
}

}  // namespace

bool eliminate_dead(ir::Graph& graph, const PassOptions&) {
  const Liveness liveness(graph);
  return sweep(graph, graph.main(), liveness);
}

}  // namespace rondo::passes
