#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "ops/interpreter.h"
#include "ops/op_def.h"

namespace rondo::ops {

/// Builds small graphs for tests, types them as they grow and runs them.
class TestGraph {
 public:
  using Ints = std::vector<int64_t>;

  /// The body of a loop or branch under construction; args are [step, carried.., slices..].
  struct Body {
    ir::OpId op;
    ir::RegionId region;
    std::vector<ir::ValueId> args;
  };

  /// Operands and attributes of a loop; what is left out is empty.
  struct LoopSpec {
    ir::ValueId count{};
    bool has_while = false;
    std::vector<ir::ValueId> initial{}, iterated{}, lengths{};
    Ints iter_axes{}, iter_reverse{}, out_axes{}, out_reverse{};
  };

  ir::Graph graph;

  /// A network input; extents of -1 become symbols "name.i".
  ir::ValueId input(const std::string& name, DType dtype, const Ints& dims);
  /// A host shape-tensor input of rank 0 or 1, elements known as symbols "name.vI".
  ir::ValueId host_input(const std::string& name, DType dtype, const Ints& dims);
  ir::ValueId constant(DType dtype, const Ints& dims, const std::vector<double>& values);
  ir::ValueId filled(const Ints& dims, double value);  ///< f32
  ir::ValueId count(int64_t value) { return constant(DType::kInt64, {}, {static_cast<double>(value)}); }

  /// Adds an op to the main region or a body; its first result.
  ir::ValueId add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands,
                  const std::string& name = "layer");
  ir::ValueId add_in(ir::RegionId region, ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands);
  ir::ValueId pointwise(ir::RegionId region, const std::string& fn, std::vector<ir::ValueId> operands);
  ir::ValueId pointwise(const std::string& fn, std::vector<ir::ValueId> operands) {
    return pointwise(graph.main(), fn, std::move(operands));
  }
  /// All results of the op that defines v.
  std::vector<ir::ValueId> results_of(ir::ValueId v) const { return graph.op(graph.value(v).def).results; }

  Body loop(const LoopSpec& spec) { return loop_in(graph.main(), spec); }
  Body loop_in(ir::RegionId region, const LoopSpec& spec);
  /// Gives the body its results and types the loop; the loop's results.
  std::vector<ir::ValueId> finish(const Body& body, std::vector<ir::ValueId> results);
  /// A conditional with two empty branches, to be finished by finish_conditional.
  std::vector<Body> conditional_in(ir::RegionId region, ir::ValueId condition, size_t results);
  std::vector<ir::ValueId> finish_conditional(const std::vector<Body>& branches, std::vector<ir::ValueId> then_results,
                                              std::vector<ir::ValueId> else_results);

  void output(ir::ValueId v);
  /// "f32[2, x.0]"
  std::string type_text(ir::ValueId v) const;
  /// "2, x.0 + 1", or "unknown".
  std::string contents_text(ir::ValueId v) const;

  /// Verifies the graph and runs it as it stands.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs = {}) const;
  /// Expands all structured ops of a copy, verifies it, and runs that.
  std::vector<Tensor> run_expanded(const std::vector<Tensor>& inputs = {}) const;
};

/// Rewrites every structured op of the graph to primitives, as the first pass does.
void expand_all(ir::Graph& graph);

Tensor tensor(DType dtype, std::vector<int64_t> dims, std::vector<double> data);
inline Tensor f32(std::vector<int64_t> dims, std::vector<double> data) {
  return tensor(DType::kFloat32, std::move(dims), std::move(data));
}

/// Asserts equal types and elements within `tolerance` (absolute and relative); NaN equals NaN.
void expect_near(const Tensor& actual, const Tensor& expected, double tolerance = 1e-12);
/// Runs the graph as it stands and expanded; both must give `expected` for output 0.
void expect_output(const TestGraph& graph, const std::vector<Tensor>& inputs, const Tensor& expected,
                   double tolerance = 1e-12);
/// The message of the Error that fn throws; "" if it throws none.
template <class Fn>
std::string error_of(Fn fn);

}  // namespace rondo::ops

#include "base/error.h"

template <class Fn>
std::string rondo::ops::error_of(Fn fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
