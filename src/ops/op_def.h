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
  const ir::ConstantData* data = nullptr;   ///< constant: its bytes
  const ir::ValueInfo* recorded = nullptr;  ///< input: the type given at creation
};

/// Where `expand` writes: ops are inserted before the structured op; `replace` maps its results. Types are inferred as ops are added.
class Expander {
 public:
  Expander(ir::Graph& graph, ir::OpId op) : graph_(graph), op_(op), region_(graph.op(op).parent), before_(op) {}
  /// The same for a loop body or branch that the expansion makes: ops are appended to `region`.
  Expander inside(ir::RegionId region) const { return Expander(graph_, op_, region); }
  ir::RegionId region() const { return region_; }
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
  ir::ValueId constant(DType dtype, const std::vector<int64_t>& dims, Bytes bytes);
  /// Bytes of the constant that v is, or null.
  const ir::ConstantData* constant_of(ir::ValueId v) const;
  ir::ValueId reshape(ir::ValueId v, ir::Dims shape);
  ir::ValueId transpose(ir::ValueId v, std::vector<int64_t> perm);
  /// Adds a loop whose body is empty but for its typed arguments: fill it through inside(), then finish it with the body's
  /// results, which types the loop's.
  ir::OpId add_loop(ir::Attrs attrs, std::vector<ir::ValueId> operands);
  void finish_loop(ir::OpId loop, std::vector<ir::ValueId> body_results);
  void replace(size_t result, ir::ValueId by);

 private:
  Expander(ir::Graph& graph, ir::OpId op, ir::RegionId region) : graph_(graph), op_(op), region_(region) {}

  ir::Graph& graph_;
  ir::OpId op_;
  ir::RegionId region_;
  ir::OpId before_;
};

/// Definition of an op kind. `loop` and `conditional` have neither infer nor reference: infer_op types their regions (see
/// primitive/region_ops.h) and the interpreter runs them. `input` and `constant` have no reference: they are data.
struct OpDef {
  /// Checks every numbered constraint of the op (docs/ops) and returns the results' types and contents. A violated
  /// constraint throws Error naming the layer, shapes and the constraint's number: "matmul 'enc.1': … (matmul C2)".
  std::vector<ir::ValueInfo> (*infer)(const InferInput&) = nullptr;
  /// Structured ops: rewrites the op to primitives. Null for primitives.
  void (*expand)(Expander&) = nullptr;
  /// Naive reference in double: operand tensors -> result tensors of the given types. Dims are already evaluated, in the types
  /// and in op.attrs, where each Dims attribute is replaced by its integers. evaluate_op (interpreter.h) prepares the call.
  std::vector<Tensor> (*reference)(const ir::Op& op, std::span<const Tensor> operands,
                                   std::span<const TensorShape> results) = nullptr;
};

const OpDef& op_def(ir::OpKind kind);

/// Adds an op (not loop or conditional) whose result types are inferred first. Throws as infer does and adds nothing then.
ir::OpId add_inferred_op(ir::Graph& graph, ir::RegionId region, ir::OpKind kind, ir::Attrs attrs,
                         std::vector<ir::ValueId> operands, std::string name, ir::OpId before = {});

/// Infers one op of a graph from its operands and writes its results' infos. Loops: region arguments are typed from operands first,
/// the body is inferred, carried types are required to be invariant (Error names the recurrence and both shapes).
void infer_op(ir::Graph& graph, ir::OpId op);
/// Infers the whole graph in program order (pass infer_shapes). Throws Error on the first violated constraint.
void infer_graph(ir::Graph& graph);
/// Throws InternalError if the recorded types differ from what inference gives (used by the verifier after every pass).
void verify_types(const ir::Graph& graph, const char* after);

}  // namespace rondo::ops
