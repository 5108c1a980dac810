#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "schedule/place.h"

namespace rondo::schedule {

/// Index of a value along one of its axes as a function of the point of the iteration space: offset + scale * space[axis];
/// axis -1: offset alone.
struct AxisIndex {
  int axis = -1;
  ir::Dim scale;
  ir::Dim offset;
  bool operator==(const AxisIndex&) const = default;
};
/// Which element of a value belongs to a point of the iteration space: one entry per axis of the value.
using IndexMap = std::vector<AxisIndex>;

/// True for ops that only rename elements: transpose, slice, broadcast and reshapes that insert or remove axes of extent 1.
bool is_transparent(ir::Graph& graph, const ir::Op& op);
/// True if the elements are expressions that are known before the network runs.
bool has_known_values(const ir::Graph& graph, ir::ValueId value);
/// The value whose memory or computation `value` looks at: walks back through transparent ops, up to
/// a value with known elements.
ir::ValueId root_of(ir::Graph& graph, ir::ValueId value);
/// Map of operand `index` for a point at which the op's result has `map`. The op is transparent or pointwise.
IndexMap pull(ir::Graph& graph, const ir::Op& op, size_t index, const IndexMap& map);

/// The elements `map` selects in a place whose axes are the value's: strides over an iteration space of `rank` axes.
Place at_map(ir::DimPool& pool, const Place& place, const IndexMap& map, size_t rank);

/// How a value of a group lies over the group's iteration space: axis of the space per axis of the value (-1: extent 1). A wide
/// value's last space axis holds one gate; the value has all gates side by side.
struct Form {
  std::vector<int> axes;
  bool wide = false;
  bool operator==(const Form&) const = default;
};

/// Form of the transparent op's result, given its operand's; nothing if the result does not cover the space point by point.
/// `unit` is the extent of one gate.
std::optional<Form> push(ir::Graph& graph, const ir::Op& op, const Form& form, ir::Dim unit, int last_axis);
/// Map of a value of this form; gate is the column offset for wide values.
IndexMap map_of(ir::DimPool& pool, const Form& form, int last_axis, ir::Dim gate_offset);

}  // namespace rondo::schedule
