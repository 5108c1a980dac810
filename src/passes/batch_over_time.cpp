// Time batching. In  loop(T) { x = iter X [B,T,I]; a = matmul(x, W) + ... }  the product with W does not wait for the
// recurrence: T small products are one of T*B rows, which runs at full efficiency and reads W once instead of T times.
//
// The method: walk the body once and mark every op whose changing operands are all known before the loop: slices of
// iterated tensors, the step, results of marked ops. All of one op must agree on their window: the same extent, the
// same direction. Of the marked ops keep the heavy ones, everything they need, and what follows them; give back
// followers that would only widen what crosses into the loop. Emit the batched ops before the loop (time_axis.h says
// how) and iterate over what the body still reads.
//
// The whole iterated extent is computed, whatever the trip count: iteration t sees row t (or M-1-t) of the result
// exactly as it saw that row of X, so directions need no copies and a kWHILE exit wastes work but no correctness.
#include "passes/batch_over_time.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "passes/eliminate_dead.h"
#include "passes/parts/batch_profit.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/time_axis.h"
#include "passes/parts/uses.h"
#include "passes/parts/variance.h"

namespace rondo::passes {
namespace {

/// What a batched axis covers: iteration t stands at t, or reverse at M-1-t, of `extent`.
struct Window {
  ir::Dim extent;
  bool reverse = false;
};

/// Planned form of a value that depends on the step only.
struct Planned {
  int axis = 0;
  Window window;
};

class TimeBatcher {
 public:
  TimeBatcher(ir::Graph& graph, ir::OpId loop, const PassOptions& options)
      : graph_(graph),
        loop_(graph, loop),
        data_(graph),
        variance_(graph, loop),
        uses_(graph),
        in_loop_products_(prefers_in_loop(graph, loop, options)) {}

  bool run() {
    ir::Dim count;
    if (loop_.trip_count(&count) && graph_.dims().is_constant(count) && graph_.dims().value(count) <= 1) return false;
    plan_arguments();
    for (ir::OpId op : graph_.region(loop_.body()).ops) plan_op(op);
    choose();
    if (chosen_.empty()) return false;
    emit();
    return true;
  }

 private:
  void plan_arguments() {
    for (size_t i = 0; i < loop_.iterated_count(); ++i) {
      const Window window{graph_.dims().resolve(loop_.extent(i)), loop_.iter_reverse(i)};
      planned_[loop_.slice_arg(i)] = {loop_.iter_axis(i), window};
    }
    ir::Dim count;
    if (loop_.trip_count(&count)) planned_[loop_.step()] = {0, {count, false}};
  }

  /// Marks the op if all its changing operands are planned over one window and it has a batched form.
  void plan_op(ir::OpId id) {
    const ir::Op& op = graph_.op(id);
    if (!op.regions.empty() || op.results.empty() || variance_.of(op.results[0]) != VarianceClass::kIterated) return;
    if (op.kind == ir::OpKind::k_matmul && in_loop_products_) return;
    if (data_.depends_on_region(id, loop_.body())) return;  // its extents differ from one iteration to the next
    std::vector<int> has;
    std::optional<Window> window;
    for (ir::ValueId operand : op.operands) {
      if (variance_.of(operand) == VarianceClass::kInvariant) {
        if (graph_.is_inside(graph_.value(operand).region, loop_.body())) return;
        has.push_back(kNoTime);
        continue;
      }
      const auto found = planned_.find(operand);
      if (found == planned_.end()) return;
      const Window& other = found->second.window;
      if (window && (window->reverse != other.reverse || !graph_.dims().same(window->extent, other.extent))) return;
      window = other;
      has.push_back(found->second.axis);
    }
    const std::optional<TimeAxes> axes = place_time(graph_, op, has);
    if (!axes || is_constant_one(window->extent)) return;
    axes_[id] = *axes;
    for (ir::ValueId result : op.results) planned_[result] = {axes->result, *window};
  }

  bool is_constant_one(ir::Dim dim) const { return graph_.dims().is_constant(dim) && graph_.dims().value(dim) == 1; }

  bool is_heavy(ir::OpId op) const {
    const ir::OpKind kind = graph_.op(op).kind;
    return kind == ir::OpKind::k_matmul || kind == ir::OpKind::k_reduce || kind == ir::OpKind::k_topk;
  }

  /// Heavy ops, what they need, what follows; then gives back followers that do not pay.
  void choose() {
    std::vector<ir::OpId> needed;
    for (const auto& [op, axes] : axes_) {
      if (is_heavy(op)) needed.push_back(op);
    }
    while (!needed.empty()) {
      const ir::OpId op = needed.back();
      needed.pop_back();
      if (!chosen_.insert(op).second) continue;
      for (ir::ValueId operand : graph_.op(op).operands) {
        const ir::OpId def = graph_.value(operand).def;
        if (def.valid() && axes_.count(def) != 0) needed.push_back(def);
      }
    }
    const std::set<ir::OpId> required = chosen_;
    for (ir::OpId op : graph_.region(loop_.body()).ops) {
      if (axes_.count(op) != 0 && follows_chosen(op)) chosen_.insert(op);
    }
    while (give_back_one(required)) {
    }
  }

  bool follows_chosen(ir::OpId op) const {
    bool follows = false;
    for (ir::ValueId operand : graph_.op(op).operands) {
      const ir::OpId def = graph_.value(operand).def;
      const bool planned_op = def.valid() && axes_.count(def) != 0;
      if (planned_op && chosen_.count(def) == 0) return false;
      follows = follows || planned_op;
    }
    return follows;
  }

  /// True if something outside of the chosen set reads the value in the loop.
  bool crosses(ir::ValueId value) const {
    for (const Use& use : uses_.of(value)) {
      if (!use.op.valid() || chosen_.count(use.op) == 0) return true;
    }
    return false;
  }

  bool give_back_one(const std::set<ir::OpId>& required) {
    const std::vector<ir::OpId>& ops = graph_.region(loop_.body()).ops;
    for (size_t i = ops.size(); i-- > 0;) {
      if (chosen_.count(ops[i]) == 0 || required.count(ops[i]) != 0) continue;
      if (read_by_chosen(ops[i])) continue;
      int64_t saved = 0, added = 0;
      for (ir::ValueId result : graph_.op(ops[i]).results) saved += typical_bytes(graph_, result);
      for (ir::ValueId operand : graph_.op(ops[i]).operands) {
        if (variance_.of(operand) == VarianceClass::kIterated && !crosses(operand))
          added += typical_bytes(graph_, operand);
      }
      if (added >= saved) continue;
      chosen_.erase(ops[i]);
      return true;
    }
    return false;
  }

  bool read_by_chosen(ir::OpId op) const {
    for (ir::ValueId result : graph_.op(op).results) {
      for (const Use& use : uses_.of(result)) {
        if (use.op.valid() && chosen_.count(use.op) != 0) return true;
      }
    }
    return false;
  }

  void emit() {
    for (size_t i = 0; i < loop_.iterated_count(); ++i) batched_[loop_.slice_arg(i)] = loop_.source(i);
    std::vector<ir::OpId> order;
    for (ir::OpId op : graph_.region(loop_.body()).ops) {
      if (chosen_.count(op) != 0) order.push_back(op);
    }
    for (ir::OpId op : order) emit_op(op);
    for (ir::OpId op : order) {
      const std::vector<ir::ValueId> results = graph_.op(op).results;
      for (ir::ValueId result : results) iterate_over(result);
    }
    for (size_t i = order.size(); i-- > 0;) graph_.erase_op(order[i]);
  }

  /// The step as a tensor over all steps, made on first use.
  ir::ValueId batched_value(OpBuilder& builder, ir::ValueId value) {
    const auto found = batched_.find(value);
    if (found != batched_.end()) return found->second;
    const ir::Dim extent = planned_.at(loop_.step()).window.extent;
    const ir::Attrs attrs{
        {"shape", ir::Dims{extent}}, {"axis", int64_t{0}}, {"dtype", static_cast<int64_t>(DType::kInt64)}};
    return batched_[value] = builder.add(ir::OpKind::k_iota, attrs, {});
  }

  void emit_op(ir::OpId id) {
    const ir::Op op = graph_.op(id);
    const TimeAxes& axes = axes_.at(id);
    OpBuilder builder(graph_, graph_.op(loop_.op()).parent, loop_.op(), op.name);
    std::vector<ir::ValueId> operands = op.operands;
    for (size_t i = 0; i < operands.size(); ++i) {
      if (axes.operands[i] == kNoTime) continue;
      const ir::ValueId value = batched_value(builder, operands[i]);
      operands[i] = builder.move_axis(value, planned_.at(operands[i]).axis, axes.operands[i]);
    }
    const ir::ValueId first = add_batched(builder, op, axes, operands, planned_.at(op.results[0]).window.extent);
    const ir::Op made = graph_.op(graph_.value(first).def);
    for (size_t i = 0; i < op.results.size(); ++i) batched_[op.results[i]] = made.results[i];
  }

  void iterate_over(ir::ValueId value) {
    if (!crosses(value)) return;
    const Planned& planned = planned_.at(value);
    const ir::ValueId row = loop_.add_iterated(batched_.at(value), planned.axis, planned.window.reverse);
    graph_.value(row).name = graph_.value(value).name;
    graph_.replace_uses(value, row);
  }

  ir::Graph& graph_;
  LoopParts loop_;
  ir::DataSymbols data_;
  Variance variance_;
  Uses uses_;
  bool in_loop_products_;
  std::map<ir::ValueId, Planned> planned_;
  std::map<ir::OpId, TimeAxes> axes_;
  std::set<ir::OpId> chosen_;
  std::map<ir::ValueId, ir::ValueId> batched_;
};

}  // namespace

bool batch_over_time(ir::Graph& graph, const PassOptions& options) {
  bool changed = false;
  for (ir::OpId loop : loops_inner_first(graph)) changed = TimeBatcher(graph, loop, options).run() || changed;
  if (changed) eliminate_dead(graph, options);
  return changed;
}

}  // namespace rondo::passes
