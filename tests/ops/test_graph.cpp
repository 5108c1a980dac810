#include "ops/test_graph.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ir/verify.h"
#include "ops/infer.h"
#include "ops/primitive/region_ops.h"

namespace rondo::ops {
namespace {

void expand_region(ir::Graph& graph, ir::RegionId region) {
  const std::vector<ir::OpId> ops = graph.region(region).ops;
  for (ir::OpId id : ops) {
    for (ir::RegionId inner : graph.op(id).regions) expand_region(graph, inner);
    const OpDef& def = op_def(graph.op(id).kind);
    if (def.expand == nullptr) continue;
    Expander expander(graph, id);
    def.expand(expander);
    graph.erase_op(id);
  }
}

}  // namespace

void expand_all(ir::Graph& graph) { expand_region(graph, graph.main()); }

ir::ValueId TestGraph::input(const std::string& name, DType dtype, const Ints& dims) {
  const auto index = static_cast<int64_t>(graph.inputs().size());
  ir::TensorType type{dtype, {}};
  for (size_t i = 0; i < dims.size(); ++i) {
    const ir::Symbol symbol{name + "." + std::to_string(i), ir::SymbolSource::kInputDim, static_cast<int32_t>(index),
                            static_cast<int32_t>(i)};
    type.dims.push_back(dims[i] < 0 ? graph.dims().symbol(symbol) : graph.dims().constant(dims[i]));
  }
  const ir::OpId op = graph.add_op(graph.main(), ir::OpKind::k_input, {{"index", index}}, {}, 1, name);
  graph.inputs().push_back(op);
  const ir::ValueId v = graph.op(op).results[0];
  graph.value(v).info.type = type;
  graph.value(v).name = name;
  return v;
}

ir::ValueId TestGraph::host_input(const std::string& name, DType dtype, const Ints& dims) {
  const auto index = static_cast<int32_t>(graph.inputs().size());
  const ir::ValueId v = input(name, dtype, dims);
  auto& contents = graph.value(v).info.contents.emplace();
  for (int32_t i = 0; i < (dims.empty() ? 1 : dims[0]); ++i) {
    contents.push_back(graph.dims().symbol({name + ".v" + std::to_string(i), ir::SymbolSource::kInputValue, index, i}));
  }
  return v;
}

ir::ValueId TestGraph::constant(DType dtype, const Ints& dims, const std::vector<double>& values) {
  Bytes bytes(values.size() * dtype_bytes(dtype));
  to_bytes(Tensor{dtype, dims, values}, bytes.data());
  const int64_t data = graph.add_constant_data(dtype, std::move(bytes));
  return add(ir::OpKind::k_constant, {{"data", data}, {"dims", dims}}, {});
}

ir::ValueId TestGraph::filled(const Ints& dims, double value) {
  int64_t volume = 1;
  for (int64_t extent : dims) volume *= extent;
  return constant(DType::kFloat32, dims, std::vector<double>(static_cast<size_t>(volume), value));
}

ir::ValueId TestGraph::add(ir::OpKind kind, ir::Attrs attrs, std::vector<ir::ValueId> operands,
                           const std::string& name) {
  const ir::OpId op = add_inferred_op(graph, graph.main(), kind, std::move(attrs), std::move(operands), name);
  return graph.op(op).results[0];
}

ir::ValueId TestGraph::add_in(ir::RegionId region, ir::OpKind kind, ir::Attrs attrs,
                              std::vector<ir::ValueId> operands) {
  return graph.op(add_inferred_op(graph, region, kind, std::move(attrs), std::move(operands), "inner")).results[0];
}

ir::ValueId TestGraph::pointwise(ir::RegionId region, const std::string& fn, std::vector<ir::ValueId> operands) {
  return add_in(region, ir::OpKind::k_pointwise, {{"fn", fn}}, std::move(operands));
}

TestGraph::Body TestGraph::loop_in(ir::RegionId region, const LoopSpec& spec) {
  std::vector<ir::ValueId> operands;
  if (spec.count.valid()) operands.push_back(spec.count);
  for (const auto* part : {&spec.initial, &spec.iterated, &spec.lengths}) {
    operands.insert(operands.end(), part->begin(), part->end());
  }
  const ir::Attrs attrs{{"count", int64_t{spec.count.valid()}},
                        {"while", int64_t{spec.has_while}},
                        {"carried", static_cast<int64_t>(spec.initial.size())},
                        {"iter_axes", spec.iter_axes},
                        {"iter_reverse", spec.iter_reverse},
                        {"out_axes", spec.out_axes},
                        {"out_reverse", spec.out_reverse}};
  std::vector<ir::ValueInfo> infos;
  for (ir::ValueId v : operands) infos.push_back(graph.value(v).info);
  const auto types = infer_loop_arguments({ir::OpKind::k_loop, "loop", attrs, infos, graph.dims()});
  Body body;
  body.op =
      graph.add_op(region, ir::OpKind::k_loop, attrs, operands, spec.initial.size() + spec.lengths.size(), "loop");
  body.region = graph.add_region(body.op);
  for (const ir::ValueInfo& info : types) body.args.push_back(graph.add_argument(body.region, info));
  return body;
}

std::vector<ir::ValueId> TestGraph::finish(const Body& body, std::vector<ir::ValueId> results) {
  graph.region(body.region).results = std::move(results);
  infer_op(graph, body.op);
  return graph.op(body.op).results;
}

std::vector<TestGraph::Body> TestGraph::conditional_in(ir::RegionId region, ir::ValueId condition, size_t results) {
  const ir::OpId op = graph.add_op(region, ir::OpKind::k_conditional, {}, {condition}, results, "if");
  const ir::RegionId then_region = graph.add_region(op), else_region = graph.add_region(op);
  return {{op, then_region, {}}, {op, else_region, {}}};
}

std::vector<ir::ValueId> TestGraph::finish_conditional(const std::vector<Body>& branches,
                                                       std::vector<ir::ValueId> then_results,
                                                       std::vector<ir::ValueId> else_results) {
  graph.region(branches[0].region).results = std::move(then_results);
  graph.region(branches[1].region).results = std::move(else_results);
  infer_op(graph, branches[0].op);
  return graph.op(branches[0].op).results;
}

void TestGraph::output(ir::ValueId v) {
  graph.region(graph.main()).results.push_back(v);
  graph.output_names().push_back("out" + std::to_string(graph.output_names().size()));
}

std::string TestGraph::type_text(ir::ValueId v) const { return ops::type_text(graph.dims(), graph.type(v)); }

std::string TestGraph::contents_text(ir::ValueId v) const {
  const auto& contents = graph.value(v).info.contents;
  if (!contents) return "unknown";
  std::string out;
  for (ir::Dim dim : *contents) out += (out.empty() ? "" : ", ") + graph.dims().to_string(dim);
  return out;
}

std::vector<Tensor> TestGraph::run(const std::vector<Tensor>& inputs) const {
  ir::verify_structure(graph, "building");
  verify_types(graph, "building");
  return interpret(graph, inputs);
}

std::vector<Tensor> TestGraph::run_expanded(const std::vector<Tensor>& inputs) const {
  ir::Graph copy = graph;
  infer_graph(copy);
  expand_all(copy);
  ir::verify_structure(copy, "expand");
  verify_types(copy, "expand");
  for (ir::OpId id : copy.region(copy.main()).ops) {
    EXPECT_EQ(ir::op_class(copy.op(id).kind), ir::OpClass::kPrimitive) << ir::op_kind_name(copy.op(id).kind);
  }
  return interpret(copy, inputs);
}

Tensor tensor(DType dtype, std::vector<int64_t> dims, std::vector<double> data) {
  return Tensor{dtype, std::move(dims), std::move(data)};
}

void expect_near(const Tensor& actual, const Tensor& expected, double tolerance) {
  EXPECT_EQ(actual.dtype, expected.dtype);
  ASSERT_EQ(actual.dims, expected.dims);
  ASSERT_EQ(actual.data.size(), expected.data.size());
  for (size_t i = 0; i < actual.data.size(); ++i) {
    const double a = actual.data[i], b = expected.data[i];
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    EXPECT_LE(std::fabs(a - b), tolerance * std::max(1.0, std::fabs(b)))
        << "element " << i << ": " << a << ", expected " << b;
  }
}

void expect_output(const TestGraph& graph, const std::vector<Tensor>& inputs, const Tensor& expected,
                   double tolerance) {
  {
    SCOPED_TRACE("as it stands");
    expect_near(graph.run(inputs).at(0), expected, tolerance);
  }
  SCOPED_TRACE("expanded");
  expect_near(graph.run_expanded(inputs).at(0), expected, tolerance);
}

}  // namespace rondo::ops
