// Two kinds of outputs, one method: the cone of ops that only this output needs, cut at values that can be had after
// the loop.
//
//   collected:   y_t = f(g(h_t), ...) with all of f, g read by nothing else. Collect the cut values instead and run the
//   cone once over
//                the collected tensors (as batch_over_time does before the loop; time_axis.h). It pays when the cone
//                holds a product, whose weights the loop then no longer reads in each step, or when everything at the
//                cut is there already.
//   last value:  a carried value whose argument nobody reads matters in the last iteration only. If its cone can be cut
//   at next
//                values of other carried values, it runs once on their last values. Needs a loop that provably runs at
//                all.
#include "passes/sink_outputs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "passes/eliminate_dead.h"
#include "passes/parts/batch_profit.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/time_axis.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

/// A value at the cut of a cone, and how it is had for all steps.
struct Leaf {
  enum class Kind { kInvariant, kSource, kCollected, kMissing } kind = Kind::kMissing;
  size_t index = 0;  ///< of the iterated or collected part
  int axis = kNoTime;
};

class Sinker {
 public:
  Sinker(ir::Graph& graph, ir::OpId loop) : graph_(graph), loop_(graph, loop), data_(graph), uses_(graph) {}

  /// Does one rewrite; false when none applies.
  bool run() {
    for (size_t i = 0; i < loop_.collected_count(); ++i) {
      if (uses_.count(loop_.collected(i)) == 0) continue;
      if (read_source(i) || sink_collected(i)) return true;
    }
    for (size_t i = 0; i < loop_.carried_count(); ++i) {
      if (uses_.count(loop_.last(i)) != 0 && sink_last(i)) return true;
    }
    return false;
  }

 private:
  bool inside(ir::ValueId value) const { return graph_.is_inside(graph_.value(value).region, loop_.body()); }

  OpBuilder after_loop() const {
    const ir::RegionId region = graph_.op(loop_.op()).parent;
    const std::vector<ir::OpId>& ops = graph_.region(region).ops;
    const auto next = std::find(ops.begin(), ops.end(), loop_.op()) + 1;
    return OpBuilder(graph_, region, next == ops.end() ? ir::OpId{} : *next, graph_.op(loop_.op()).name);
  }

  /// Iterated operand whose slice argument is `value`.
  std::optional<size_t> iterated_index(ir::ValueId value) const {
    for (size_t i = 0; i < loop_.iterated_count(); ++i) {
      if (loop_.slice_arg(i) == value) return i;
    }
    return std::nullopt;
  }

  /// True if row t of iterated tensor `iterated` stands where collected output `collected` puts iteration t, and there are no others.
  bool matches(size_t iterated, size_t collected) const {
    const ir::Dim length = graph_.type(loop_.collected(collected)).dims[static_cast<size_t>(loop_.out_axis(collected))];
    return loop_.fills(collected) && loop_.iter_reverse(iterated) == loop_.out_reverse(collected) &&
           graph_.dims().same(loop_.extent(iterated), length);
  }

  /// Collecting an iterated slice is its source; collecting an invariant is a broadcast.
  bool read_source(size_t collected) {
    const ir::ValueId value = loop_.collected_value(collected), result = loop_.collected(collected);
    const int axis = loop_.out_axis(collected);
    if (const auto iterated = iterated_index(value); iterated && matches(*iterated, collected)) {
      OpBuilder builder = after_loop();
      graph_.replace_uses(result, builder.move_axis(loop_.source(*iterated), loop_.iter_axis(*iterated), axis));
      return true;
    }
    if (inside(value) || !loop_.fills(collected)) return false;
    OpBuilder builder = after_loop();
    const ir::Dims shape = graph_.type(result).dims;
    graph_.replace_uses(result, builder.broadcast(builder.insert_axis(value, axis), shape));
    return true;
  }

  /// Reads a value that decides extents, or has extents that one iteration decided for itself.
  bool must_stay(ir::OpId op) const {
    if (graph_.op(op).kind == ir::OpKind::k_read_values || data_.depends_on_region(op, loop_.body())) return true;
    const std::vector<ir::ValueId>& operands = graph_.op(op).operands;
    return std::any_of(operands.begin(), operands.end(), [&](ir::ValueId operand) {
      return data_.depends_on_region(graph_.type(operand).dims, loop_.body());
    });
  }

  // ---- collected outputs

  /// Ops that only feed `value`, in program order. Stops above products: what they read is cheaper to collect than to recompute.
  std::vector<ir::OpId> cone_of(ir::ValueId value, bool stop_at_products) const {
    std::set<ir::OpId> cone;
    std::vector<ir::ValueId> open{value};
    while (!open.empty()) {
      const ir::ValueId item = open.back();
      open.pop_back();
      const ir::OpId def = graph_.value(item).def;
      if (!def.valid() || graph_.op(def).parent != loop_.body() || !graph_.op(def).regions.empty()) continue;
      if (cone.count(def) != 0 || !only_feeds(def, value, cone)) continue;
      cone.insert(def);
      if (stop_at_products && graph_.op(def).kind == ir::OpKind::k_matmul) continue;
      for (ir::ValueId operand : graph_.op(def).operands) open.push_back(operand);
    }
    std::vector<ir::OpId> ordered;
    for (ir::OpId op : graph_.region(loop_.body()).ops) {
      if (cone.count(op) != 0) ordered.push_back(op);
    }
    return ordered;
  }

  bool only_feeds(ir::OpId op, ir::ValueId value, const std::set<ir::OpId>& cone) const {
    if (must_stay(op)) return false;
    for (ir::ValueId result : graph_.op(op).results) {
      for (const Use& use : uses_.of(result)) {
        if (use.op.valid() ? cone.count(use.op) == 0 : result != value) return false;
      }
    }
    return graph_.op(op).results.size() == 1 && (graph_.op(op).results[0] != value || uses_.count(value) == 1);
  }

  Leaf leaf_of(ir::ValueId value, size_t collected) const {
    if (!inside(value)) return {Leaf::Kind::kInvariant, 0, kNoTime};
    if (const auto iterated = iterated_index(value); iterated && matches(*iterated, collected)) {
      return {Leaf::Kind::kSource, *iterated, loop_.iter_axis(*iterated)};
    }
    for (size_t i = 0; i < loop_.collected_count(); ++i) {
      const bool alike = loop_.collected_value(i) == value && loop_.out_reverse(i) == loop_.out_reverse(collected) &&
                         same_scalar(graph_, loop_.length(i), loop_.length(collected)) && i != collected;
      if (alike) return {Leaf::Kind::kCollected, i, loop_.out_axis(i)};
    }
    const int axis = std::min(loop_.out_axis(collected), std::max(graph_.type(value).rank() - 1, 0));
    return {Leaf::Kind::kMissing, 0, axis};
  }

  /// A cone that maps zeros to zeros may run over the padding of an output.
  bool keeps_zeros(const std::vector<ir::OpId>& cone) const {
    return std::all_of(cone.begin(), cone.end(), [&](ir::OpId id) {
      const ir::Op& op = graph_.op(id);
      if (op.kind == ir::OpKind::k_reshape || op.kind == ir::OpKind::k_transpose) return true;
      return op.kind == ir::OpKind::k_matmul && is_finite_constant(op.operands[1]);
    });
  }

  bool is_finite_constant(ir::ValueId value) const {
    if (!is_constant_weight(graph_, value)) return false;
    if (!is_constant(graph_, value)) return is_finite_constant(graph_.op(graph_.value(value).def).operands[0]);
    const ops::Tensor tensor = constant_tensor(graph_, value);
    return std::all_of(tensor.data.begin(), tensor.data.end(), [](double x) { return std::isfinite(x); });
  }

  bool sink_collected(size_t collected) {
    const ir::ValueId value = loop_.collected_value(collected);
    const std::vector<ir::OpId> cone = cone_of(value, true);
    if (cone.empty() || (!loop_.fills(collected) && !keeps_zeros(cone))) return false;
    std::map<ir::ValueId, Leaf> leaves;
    std::map<ir::ValueId, int> positions;
    std::vector<TimeAxes> axes;
    if (!plan_cone(cone, collected, &leaves, &positions, &axes)) return false;
    if (!pays(cone, value, leaves)) return false;
    emit_cone(cone, collected, leaves, positions, axes);
    return true;
  }

  bool plan_cone(const std::vector<ir::OpId>& cone, size_t collected, std::map<ir::ValueId, Leaf>* leaves,
                 std::map<ir::ValueId, int>* positions, std::vector<TimeAxes>* axes) {
    const std::set<ir::OpId> members(cone.begin(), cone.end());
    for (ir::OpId id : cone) {
      const ir::Op& op = graph_.op(id);
      std::vector<int> has;
      bool varies = false;
      for (ir::ValueId operand : op.operands) {
        const ir::OpId def = graph_.value(operand).def;
        if (!def.valid() || members.count(def) == 0) {
          if (operand == loop_.step()) return false;
          const Leaf leaf = leaf_of(operand, collected);
          leaves->insert({operand, leaf});
          positions->insert({operand, leaf.axis});
        }
        has.push_back(positions->at(operand));
        varies = varies || has.back() != kNoTime;
      }
      if (!varies) return false;
      const std::optional<TimeAxes> placed = place_time(graph_, op, has);
      if (!placed) return false;
      axes->push_back(*placed);
      positions->insert({op.results[0], placed->result});
    }
    return true;
  }

  bool pays(const std::vector<ir::OpId>& cone, ir::ValueId value, const std::map<ir::ValueId, Leaf>& leaves) const {
    int64_t added = 0, weights = 0;
    bool product = false;
    for (const auto& [leaf, how] : leaves) {
      if (how.kind == Leaf::Kind::kMissing) added += typical_bytes(graph_, leaf);
    }
    for (ir::OpId op : cone) {
      if (graph_.op(op).kind != ir::OpKind::k_matmul || inside(graph_.op(op).operands[1])) continue;
      product = true;
      weights += typical_bytes(graph_, graph_.op(op).operands[1]);
    }
    return product ? added <= typical_bytes(graph_, value) + weights : added == 0;
  }

  ir::ValueId leaf_value(ir::ValueId value, const Leaf& leaf, size_t collected) {
    switch (leaf.kind) {
      case Leaf::Kind::kInvariant:
        return value;
      case Leaf::Kind::kSource:
        return loop_.source(leaf.index);
      case Leaf::Kind::kCollected:
        return loop_.collected(leaf.index);
      case Leaf::Kind::kMissing:
        break;
    }
    return loop_.add_collected(value, collected, leaf.axis, loop_.out_reverse(collected));
  }

  void emit_cone(const std::vector<ir::OpId>& cone, size_t collected, const std::map<ir::ValueId, Leaf>& leaves,
                 const std::map<ir::ValueId, int>& positions, const std::vector<TimeAxes>& axes) {
    std::map<ir::ValueId, ir::ValueId> batched;
    for (const auto& [value, leaf] : leaves) batched[value] = leaf_value(value, leaf, collected);
    const ir::ValueId result = loop_.collected(collected);
    const int out_axis = loop_.out_axis(collected);
    const ir::Dim extent = graph_.type(result).dims[static_cast<size_t>(out_axis)];
    OpBuilder builder = after_loop();
    for (size_t i = 0; i < cone.size(); ++i) {
      const ir::Op op = graph_.op(cone[i]);
      std::vector<ir::ValueId> operands;
      for (size_t j = 0; j < op.operands.size(); ++j) {
        const ir::ValueId operand = batched.at(op.operands[j]);
        const int want = axes[i].operands[j];
        operands.push_back(want == kNoTime ? operand : builder.move_axis(operand, positions.at(op.operands[j]), want));
      }
      batched[op.results[0]] = add_batched(builder, op, axes[i], operands, extent);
    }
    const ir::ValueId last = graph_.op(cone.back()).results[0];
    graph_.replace_uses(result, builder.move_axis(batched.at(last), positions.at(last), out_axis));
  }

  // ---- last values

  bool runs_at_all() const {
    ir::Dim count;
    return !loop_.has_while() && loop_.trip_count(&count) && graph_.dims().range(count).min >= 1;
  }

  /// The value after the loop of something the body computes in its last iteration; invalid if there is none.
  ir::ValueId last_of(ir::ValueId value, size_t except) const {
    if (!inside(value)) return value;
    for (size_t i = 0; i < loop_.carried_count(); ++i) {
      if (i != except && loop_.next(i) == value) return loop_.last(i);
    }
    return {};
  }

  bool sink_last(size_t carried) {
    const ir::ValueId value = loop_.next(carried);
    if (uses_.count(loop_.carried_arg(carried)) != 0 || !runs_at_all()) return false;
    if (const ir::ValueId known = last_of(value, carried); known.valid()) {
      graph_.replace_uses(loop_.last(carried), known);
      return true;
    }
    const std::vector<ir::OpId> cone = cone_of(value, false);
    std::map<ir::ValueId, ir::ValueId> values;
    for (ir::OpId op : cone) {
      for (ir::ValueId result : graph_.op(op).results) values[result] = result;
    }
    for (ir::OpId op : cone) {
      for (ir::ValueId operand : graph_.op(op).operands) {
        if (values.count(operand) != 0) continue;
        const ir::ValueId known = last_of(operand, carried);
        if (!known.valid()) return false;
        values[operand] = known;
      }
    }
    if (cone.empty()) return false;
    OpBuilder builder = after_loop();
    for (ir::OpId id : cone) {
      const ir::Op op = graph_.op(id);
      std::vector<ir::ValueId> operands;
      for (ir::ValueId operand : op.operands) operands.push_back(values.at(operand));
      values[op.results[0]] = builder.add(op.kind, op.attrs, std::move(operands));
    }
    graph_.replace_uses(loop_.last(carried), values.at(value));
    return true;
  }

  ir::Graph& graph_;
  LoopParts loop_;
  ir::DataSymbols data_;
  Uses uses_;
};

}  // namespace

bool sink_outputs(ir::Graph& graph, const PassOptions& options) {
  bool changed = false;
  for (ir::OpId loop : loops_inner_first(graph)) {
    while (graph.op(loop).parent.valid() && Sinker(graph, loop).run()) {
      changed = true;
      eliminate_dead(graph, options);
    }
  }
  return changed;
}

}  // namespace rondo::passes
