#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"

namespace rondo::passes {

/// Adds primitive ops at one place of a graph, with inferred types. Ops that would change nothing are not made: the operand itself
/// is returned. Made ops carry the name of the layer they come from.
/// Memory    the graph must outlive it; the place stays valid while other ops are added or moved.
class OpBuilder {
 public:
  /// Ops go before `before` (an op of `region`), or to the end of the region if it is invalid.
  OpBuilder(ir::Graph& graph, ir::RegionId region, ir::OpId before, std::string name)
      : graph_(&graph), region_(region), before_(before), name_(std::move(name)) {}
  /// Ops go before `op` and are named after it.
  static OpBuilder before(ir::Graph& graph, ir::OpId op) {
    return OpBuilder(graph, graph.op(op).parent, op, graph.op(op).name);
  }

  /// Ops go before all others of `region`, which may be empty.
  static OpBuilder at_start(ir::Graph& graph, ir::RegionId region, std::string name) {
    const std::vector<ir::OpId>& ops = graph.region(region).ops;
    return OpBuilder(graph, region, ops.empty() ? ir::OpId{} : ops.front(), std::move(name));
  }

  ir::Graph& graph() const { return *graph_; }
  const ir::Dims& dims(ir::ValueId value) const { return graph_->type(value).dims; }

  /// Adds an op with one result, or `results` of them; returns the first.
  ir::ValueId add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands, size_t results = 1);
  ir::ValueId pointwise(std::string_view fn, std::vector<ir::ValueId> operands);
  ir::ValueId cast(ir::ValueId value, DType to);
  ir::ValueId reshape(ir::ValueId value, ir::Dims shape);
  ir::ValueId transpose(ir::ValueId value, const std::vector<int64_t>& perm);
  /// Moves axis `from` so that it becomes axis `to`; the order of the others is kept.
  ir::ValueId move_axis(ir::ValueId value, int from, int to);
  /// Inserts an axis of extent 1.
  ir::ValueId insert_axis(ir::ValueId value, int axis);
  ir::ValueId broadcast(ir::ValueId value, ir::Dims shape);
  /// Elements [start, start + size) of one axis.
  ir::ValueId slice(ir::ValueId value, int axis, ir::Dim start, ir::Dim size);
  ir::ValueId concat(std::vector<ir::ValueId> values, int axis);
  ir::ValueId matmul(ir::ValueId a, ir::ValueId b);
  /// A constant with the tensor's elements rounded to its dtype.
  ir::ValueId constant(const ops::Tensor& tensor);

 private:
  ir::Graph* graph_;
  ir::RegionId region_;
  ir::OpId before_;
  std::string name_;
};

}  // namespace rondo::passes
