#pragma once

#include <vector>

#include "ir/graph.h"

namespace rondo::passes {

/// Names the parts of a loop op (operands, arguments, yields, results) so that no pass counts positions by hand, and edits them
/// consistently. Holds ids only: it stays valid while ops are added. Graph's comment states the layout behind it.
/// Memory    the graph must outlive it.
class LoopParts {
 public:
  LoopParts(ir::Graph& graph, ir::OpId loop) : graph_(&graph), loop_(loop) {}

  ir::OpId op() const { return loop_; }
  ir::RegionId body() const { return node().regions[0]; }
  bool has_count() const { return node().attrs.flag("count"); }
  bool has_while() const { return node().attrs.flag("while"); }
  size_t carried_count() const { return static_cast<size_t>(node().attrs.integer("carried")); }
  size_t iterated_count() const { return node().attrs.integers("iter_axes").size(); }
  size_t collected_count() const { return node().attrs.integers("out_axes").size(); }

  /// Operands, defined outside of the loop. `count` is invalid for a loop without kCOUNT.
  ir::ValueId count() const { return has_count() ? node().operands[0] : ir::ValueId{}; }
  ir::ValueId initial(size_t carried) const { return node().operands[first_operand() + carried]; }
  ir::ValueId source(size_t iterated) const { return node().operands[first_source() + iterated]; }
  ir::ValueId length(size_t collected) const { return node().operands[first_length() + collected]; }
  int iter_axis(size_t iterated) const { return static_cast<int>(node().attrs.integers("iter_axes")[iterated]); }
  bool iter_reverse(size_t iterated) const { return node().attrs.integers("iter_reverse")[iterated] != 0; }
  int out_axis(size_t collected) const { return static_cast<int>(node().attrs.integers("out_axes")[collected]); }
  bool out_reverse(size_t collected) const { return node().attrs.integers("out_reverse")[collected] != 0; }

  /// Arguments of the body.
  ir::ValueId step() const { return region().args[0]; }
  ir::ValueId carried_arg(size_t carried) const { return region().args[1 + carried]; }
  ir::ValueId slice_arg(size_t iterated) const { return region().args[1 + carried_count() + iterated]; }

  /// What the body yields. `flag` requires has_while().
  ir::ValueId next(size_t carried) const { return region().results[carried]; }
  ir::ValueId collected_value(size_t collected) const { return region().results[carried_count() + collected]; }
  ir::ValueId flag() const { return region().results.back(); }

  /// Results of the loop op.
  ir::ValueId last(size_t carried) const { return node().results[carried]; }
  ir::ValueId collected(size_t collected) const { return node().results[carried_count() + collected]; }

  /// Iterates `source` (defined before the loop) and returns the new slice argument.
  ir::ValueId add_iterated(ir::ValueId source, int axis, bool reverse);
  /// Collects `value` of the body into a tensor with the extent of `like`, a collected result of this loop that shares length.
  ir::ValueId add_collected(ir::ValueId value, size_t like, int axis, bool reverse);
  /// Drop the parts whose flag is false. What is dropped must have no uses left.
  void keep_carried(const std::vector<bool>& keep);
  void keep_iterated(const std::vector<bool>& keep);
  void keep_collected(const std::vector<bool>& keep);

  /// Extent of iterated tensor `iterated` along its axis.
  ir::Dim extent(size_t iterated) const;
  /// The symbolic trip count; false when the loop has none that is known at build time (kWHILE may still end it earlier).
  bool trip_count(ir::Dim* count) const;
  /// True if collected output `collected` has exactly one position per iteration: no kWHILE and length == count, provably.
  bool fills(size_t collected) const;

 private:
  const ir::Op& node() const { return graph_->op(loop_); }
  const ir::Region& region() const { return graph_->region(body()); }
  size_t first_operand() const { return has_count() ? 1 : 0; }
  size_t first_source() const { return first_operand() + carried_count(); }
  size_t first_length() const { return first_source() + iterated_count(); }
  void renumber();

  ir::Graph* graph_;
  ir::OpId loop_;
};

/// Loops of the graph that are reachable from main, inner loops before the loops around them.
std::vector<ir::OpId> loops_inner_first(const ir::Graph& graph);
/// Regions reachable from main, outer before inner, in program order.
std::vector<ir::RegionId> regions_outer_first(const ir::Graph& graph);
/// True if both are 0-d integers that provably hold the same value.
bool same_scalar(ir::Graph& graph, ir::ValueId a, ir::ValueId b);
/// True if the dims are pairwise equal under the graph's assumptions.
bool same_dims(ir::Graph& graph, const ir::Dims& a, const ir::Dims& b);
/// True if dtype and dims are equal under the graph's assumptions.
bool same_type(ir::Graph& graph, ir::ValueId a, ir::ValueId b);

}  // namespace rondo::passes
