// reason: the one contract every op file implements: check, infer, expand, reference.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ir/graph.h"
#include "ops/tensor.h"
#include "tile/op_table.h"

namespace rondo::ops {

/// What `infer` sees: one op, its operands' infos and a pool for symbolic arithmetic. Works without a Graph so that the public API
/// can answer getDimensions layer by layer.
struct InferInput {
  ir::OpKind kind;
  std::string_view name;  ///< the layer as the user named it, for messages
  const ir::Attrs& attrs;
  std::span<const ir::ValueInfo> operands;
  ir::DimPool& dims;
};

/// Where `expand` writes: ops are inserted before the structured op; `replace` maps its results. Types are inferred as ops are added.
class Expander {
 public:
  Expander(ir::Graph& graph, ir::OpId op) : graph_(graph), op_(op) {}
  ir::Graph& graph() { return graph_; }
  const ir::Op& op() const { return graph_.op(op_); }
  ir::ValueId operand(size_t i) const { return graph_.op(op_).operands[i]; }
  const ir::TensorType& type(ir::ValueId v) const { return graph_.type(v); }

  /// Adds one op with inferred result types before the expanded op; returns its first result.
  ir::ValueId add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands);
  /// Pointwise function over operands of equal rank (size-1 dims broadcast).
  ir::ValueId pointwise(tile::PointwiseFn fn, std::vector<ir::ValueId> operands);
  ir::ValueId cast(ir::ValueId v, DType to);
  /// A constant scalar of v's dtype with v's rank (all dims 1), so that it broadcasts against v.
  ir::ValueId scalar_like(ir::ValueId v, double value);
  ir::ValueId constant(DType dtype, const std::vector<int64_t>& dims, std::vector<uint8_t> bytes);
  void replace(size_t result, ir::ValueId by);

 private:
  ir::Graph& graph_;
  ir::OpId op_;
};

/// Definition of an op kind. `loop` and `conditional` have a null reference: the interpreter runs their regions.
struct OpDef {
  /// Checks every numbered constraint of the op (docs/ops/<op>.md) and returns the results' types and contents. A violated
  /// constraint throws Error naming the layer, shapes and the constraint's number: "matmul 'enc.1': … (matmul C2)".
  std::vector<ir::ValueInfo> (*infer)(const InferInput&) = nullptr;
  /// Structured ops: rewrites the op to primitives. Null for primitives.
  void (*expand)(Expander&) = nullptr;
  /// Naive reference in double. `attrs` and operand tensors -> result tensors of the given types (dims already evaluated).
  std::vector<Tensor> (*reference)(const ir::Op& op, std::span<const Tensor> operands,
                                   std::span<const TensorShape> results) = nullptr;
};

const OpDef& op_def(ir::OpKind kind);

/// Infers one op of a graph from its operands and writes its results' infos. Loops: region arguments are typed from operands first,
/// the body is inferred, carried types are required to be invariant (Error names the recurrence and both shapes).
void infer_op(ir::Graph& graph, ir::OpId op);
/// Infers the whole graph in program order (pass L1). Throws Error on the first violated constraint.
void infer_graph(ir::Graph& graph);
/// Throws InternalError if the recorded types differ from what inference gives (used by the verifier after every pass).
void verify_types(const ir::Graph& graph, const char* after);

}  // namespace rondo::ops
