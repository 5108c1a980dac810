#include "base/error.h"
#include "ir/data_symbols.h"
#include "ops/infer.h"
#include "ops/primitive/region_ops.h"
#include "ops/resolve.h"

// Types of a whole graph, in program order.
//
// Each op's types follow from its operands'; a loop's arguments follow from its operands, then its body is inferred,
// then its results. Meeting extents may be assumed equal on the way, which changes the normal form of extents recorded
// earlier: a last sweep brings every recorded extent, element and Dims attribute to the final form, so that equal
// extents are equal handles.

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infos_of(const ir::Graph& graph, const std::vector<ir::ValueId>& values) {
  std::vector<ir::ValueInfo> infos;
  infos.reserve(values.size());
  for (ir::ValueId v : values) infos.push_back(graph.value(v).info);
  return infos;
}

void record(ir::Graph& graph, const std::vector<ir::ValueId>& values, std::vector<ir::ValueInfo> infos) {
  RONDO_CHECK(values.size() == infos.size(), values.size(), " values, ", infos.size(), " types");
  for (size_t i = 0; i < values.size(); ++i) graph.value(values[i]).info = std::move(infos[i]);
}

void infer_region(ir::Graph& graph, ir::RegionId region) {
  const std::vector<ir::OpId> ops = graph.region(region).ops;
  for (ir::OpId op : ops) infer_op(graph, op);
}

void infer_loop(ir::Graph& graph, ir::OpId id, const InferInput& in) {
  const ir::RegionId region = graph.op(id).regions.at(0);
  record(graph, graph.region(region).args, infer_loop_arguments(in));
  infer_region(graph, region);
  const ir::Region& body = graph.region(region);
  std::vector<std::string> names;
  for (size_t i = 0; i < loop_parts(in.attrs).carried; ++i) names.push_back(graph.value(body.args[i + 1]).name);
  record(graph, graph.op(id).results, infer_loop_results(in, infos_of(graph, body.results), names));
  require_outer_extents(graph, id);
}

void infer_conditional(ir::Graph& graph, ir::OpId id, const InferInput& in) {
  const std::vector<ir::RegionId> regions = graph.op(id).regions;
  for (ir::RegionId region : regions) infer_region(graph, region);
  const auto then_values = infos_of(graph, graph.region(regions.at(0)).results);
  const auto else_values = infos_of(graph, graph.region(regions.at(1)).results);
  record(graph, graph.op(id).results, infer_conditional_results(in, then_values, else_values));
}

void resolve_info(ir::DimPool& dims, ir::ValueInfo& info) {
  for (ir::Dim& dim : info.type.dims) dim = dims.resolve(dim);
  if (!info.contents) return;
  for (ir::Dim& dim : *info.contents) dim = dims.resolve(dim);
}

void resolve_attrs(ir::DimPool& dims, ir::Op& op) {
  ir::Attrs& attrs = op.attrs;
  const auto items = attrs.items();
  for (const auto& [name, value] : items) {
    if (!std::holds_alternative<ir::Dims>(value) || ir::defines_symbols(op, name)) continue;
    ir::Dims resolved = std::get<ir::Dims>(value);
    for (ir::Dim& dim : resolved) dim = dims.resolve(dim);
    if (resolved != std::get<ir::Dims>(value)) attrs.set(name, std::move(resolved));
  }
}

void resolve_region(ir::Graph& graph, ir::RegionId region) {
  for (ir::ValueId arg : graph.region(region).args) resolve_info(graph.dims(), graph.value(arg).info);
  for (ir::OpId id : graph.region(region).ops) {
    resolve_attrs(graph.dims(), graph.op(id));
    for (ir::ValueId result : graph.op(id).results) resolve_info(graph.dims(), graph.value(result).info);
    for (ir::RegionId inner : graph.op(id).regions) resolve_region(graph, inner);
  }
}

void verify_value(const ir::Graph& recorded, ir::Graph& inferred, ir::ValueId v, const char* after) {
  const ir::TensorType& a = recorded.type(v);
  const ir::TensorType& b = inferred.type(v);
  bool same = a.dtype == b.dtype && a.dims.size() == b.dims.size();
  for (size_t i = 0; same && i < a.dims.size(); ++i) same = inferred.dims().same(a.dims[i], b.dims[i]);
  if (same) return;
  throw InternalError(text("after ", after, ": value %", v.id, " '", recorded.value(v).name, "' is recorded as ",
                           type_text(recorded.dims(), a), " but its op gives ", type_text(inferred.dims(), b)));
}

void verify_region(const ir::Graph& recorded, ir::Graph& inferred, ir::RegionId region, const char* after) {
  for (ir::ValueId arg : recorded.region(region).args) verify_value(recorded, inferred, arg, after);
  for (ir::OpId id : recorded.region(region).ops) {
    for (ir::ValueId result : recorded.op(id).results) verify_value(recorded, inferred, result, after);
    for (ir::RegionId inner : recorded.op(id).regions) verify_region(recorded, inferred, inner, after);
  }
}

}  // namespace

ir::OpId add_inferred_op(ir::Graph& graph, ir::RegionId region, ir::OpKind kind, ir::Attrs attrs,
                         std::vector<ir::ValueId> operands, std::string name, ir::OpId before) {
  const auto infos = infos_of(graph, operands);
  InferInput in{kind, name, attrs, infos, graph.dims()};
  if (kind == ir::OpKind::k_constant) in.data = &graph.constant_data(static_cast<uint32_t>(attrs.integer("data")));
  auto results = op_def(kind).infer(in);
  const size_t count = results.size();
  const ir::OpId id = graph.add_op(region, kind, std::move(attrs), std::move(operands), count, std::move(name), before);
  record(graph, graph.op(id).results, std::move(results));
  return id;
}

void infer_op(ir::Graph& graph, ir::OpId id) {
  const ir::Op op = graph.op(id);
  const auto operands = infos_of(graph, op.operands);
  InferInput in{op.kind, op.name, op.attrs, operands, graph.dims()};
  if (op.kind == ir::OpKind::k_loop) return infer_loop(graph, id, in);
  if (op.kind == ir::OpKind::k_conditional) return infer_conditional(graph, id, in);
  if (op.kind == ir::OpKind::k_constant)
    in.data = &graph.constant_data(static_cast<uint32_t>(op.attrs.integer("data")));
  if (op.kind == ir::OpKind::k_input) in.recorded = &graph.value(op.results.at(0)).info;
  record(graph, op.results, op_def(op.kind).infer(in));
}

void infer_graph(ir::Graph& graph) {
  infer_region(graph, graph.main());
  resolve_dims(graph);
}

void resolve_dims(ir::Graph& graph) { resolve_region(graph, graph.main()); }

void verify_types(const ir::Graph& graph, const char* after) {
  ir::Graph copy = graph;
  try {
    infer_graph(copy);
  } catch (const Error& error) {
    throw InternalError(text("after ", after, ": the graph no longer types: ", error.what()));
  }
  verify_region(graph, copy, graph.main(), after);
}

}  // namespace rondo::ops
