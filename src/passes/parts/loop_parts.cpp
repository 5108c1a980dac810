#include "passes/parts/loop_parts.h"

#include "base/error.h"

namespace rondo::passes {
namespace {

template <class T>
void keep_range(std::vector<T>* items, size_t first, const std::vector<bool>& keep) {
  std::vector<T> kept(items->begin(), items->begin() + static_cast<std::ptrdiff_t>(first));
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) kept.push_back((*items)[first + i]);
  }
  kept.insert(kept.end(), items->begin() + static_cast<std::ptrdiff_t>(first + keep.size()), items->end());
  *items = std::move(kept);
}

void keep_attr(ir::Attrs* attrs, const char* name, const std::vector<bool>& keep) {
  std::vector<int64_t> items = attrs->integers(name);
  keep_range(&items, 0, keep);
  attrs->set(name, std::move(items));
}

void append_attr(ir::Attrs* attrs, const char* name, int64_t item) {
  std::vector<int64_t> items = attrs->integers(name);
  items.push_back(item);
  attrs->set(name, std::move(items));
}

void visit_regions(const ir::Graph& graph, ir::RegionId region, std::vector<ir::RegionId>* out) {
  out->push_back(region);
  for (ir::OpId op : graph.region(region).ops) {
    for (ir::RegionId inner : graph.op(op).regions) visit_regions(graph, inner, out);
  }
}

void visit_loops(const ir::Graph& graph, ir::RegionId region, std::vector<ir::OpId>* out) {
  for (ir::OpId op : graph.region(region).ops) {
    for (ir::RegionId inner : graph.op(op).regions) visit_loops(graph, inner, out);
    if (graph.op(op).kind == ir::OpKind::k_loop) out->push_back(op);
  }
}

}  // namespace

ir::ValueId LoopParts::add_iterated(ir::ValueId source, int axis, bool reverse) {
  ir::ValueInfo info{graph_->type(source), std::nullopt};
  RONDO_CHECK(axis >= 0 && axis < info.type.rank(), "iterated axis ", axis);
  info.type.dims.erase(info.type.dims.begin() + axis);
  const size_t position = first_length();
  ir::Op& loop = graph_->op(loop_);
  loop.operands.insert(loop.operands.begin() + static_cast<std::ptrdiff_t>(position), source);
  append_attr(&loop.attrs, "iter_axes", axis);
  append_attr(&loop.attrs, "iter_reverse", reverse ? 1 : 0);
  return graph_->add_argument(body(), std::move(info));
}

ir::ValueId LoopParts::add_collected(ir::ValueId value, size_t like, int axis, bool reverse) {
  ir::ValueInfo info{graph_->type(value), std::nullopt};
  RONDO_CHECK(axis >= 0 && axis <= info.type.rank(), "collected axis ", axis);
  const ir::Dim extent = graph_->type(collected(like)).dims[static_cast<size_t>(out_axis(like))];
  info.type.dims.insert(info.type.dims.begin() + axis, extent);
  const size_t yields = carried_count() + collected_count();
  ir::Op& loop = graph_->op(loop_);
  loop.operands.push_back(length(like));
  append_attr(&loop.attrs, "out_axes", axis);
  append_attr(&loop.attrs, "out_reverse", reverse ? 1 : 0);
  ir::Region& inner = graph_->region(body());
  inner.results.insert(inner.results.begin() + static_cast<std::ptrdiff_t>(yields), value);
  return graph_->add_result(loop_, std::move(info));
}

void LoopParts::keep_carried(const std::vector<bool>& keep) {
  const size_t operand = first_operand();
  ir::Op& loop = graph_->op(loop_);
  ir::Region& inner = graph_->region(body());
  keep_range(&loop.operands, operand, keep);
  keep_range(&loop.results, 0, keep);
  keep_range(&inner.args, 1, keep);
  keep_range(&inner.results, 0, keep);
  int64_t kept = 0;
  for (bool flag : keep) kept += flag ? 1 : 0;
  loop.attrs.set("carried", kept);
  renumber();
}

void LoopParts::keep_iterated(const std::vector<bool>& keep) {
  const size_t operand = first_source(), argument = 1 + carried_count();
  ir::Op& loop = graph_->op(loop_);
  keep_range(&loop.operands, operand, keep);
  keep_range(&graph_->region(body()).args, argument, keep);
  keep_attr(&loop.attrs, "iter_axes", keep);
  keep_attr(&loop.attrs, "iter_reverse", keep);
  renumber();
}

void LoopParts::keep_collected(const std::vector<bool>& keep) {
  const size_t operand = first_length(), result = carried_count();
  ir::Op& loop = graph_->op(loop_);
  keep_range(&loop.operands, operand, keep);
  keep_range(&loop.results, result, keep);
  keep_range(&graph_->region(body()).results, result, keep);
  keep_attr(&loop.attrs, "out_axes", keep);
  keep_attr(&loop.attrs, "out_reverse", keep);
  renumber();
}

void LoopParts::renumber() {
  const std::vector<ir::ValueId>& results = node().results;
  for (size_t i = 0; i < results.size(); ++i) graph_->value(results[i]).def_index = static_cast<uint32_t>(i);
  const std::vector<ir::ValueId>& args = region().args;
  for (size_t i = 0; i < args.size(); ++i) graph_->value(args[i]).def_index = static_cast<uint32_t>(i);
}

ir::Dim LoopParts::extent(size_t iterated) const {
  return graph_->type(source(iterated)).dims[static_cast<size_t>(iter_axis(iterated))];
}

bool LoopParts::trip_count(ir::Dim* count) const {
  if (!has_count()) return false;
  const auto& contents = graph_->value(this->count()).info.contents;
  if (!contents || contents->size() != 1) return false;
  *count = graph_->dims().resolve((*contents)[0]);
  return true;
}

bool LoopParts::fills(size_t collected) const {
  return has_count() && !has_while() && same_scalar(*graph_, count(), length(collected));
}

std::vector<ir::OpId> loops_inner_first(const ir::Graph& graph) {
  std::vector<ir::OpId> loops;
  visit_loops(graph, graph.main(), &loops);
  return loops;
}

std::vector<ir::RegionId> regions_outer_first(const ir::Graph& graph) {
  std::vector<ir::RegionId> regions;
  visit_regions(graph, graph.main(), &regions);
  return regions;
}

bool same_scalar(ir::Graph& graph, ir::ValueId a, ir::ValueId b) {
  if (a == b) return true;
  const auto& left = graph.value(a).info.contents;
  const auto& right = graph.value(b).info.contents;
  return left && right && left->size() == 1 && right->size() == 1 && graph.dims().same((*left)[0], (*right)[0]);
}

bool same_dims(ir::Graph& graph, const ir::Dims& a, const ir::Dims& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!graph.dims().same(a[i], b[i])) return false;
  }
  return true;
}

bool same_type(ir::Graph& graph, ir::ValueId a, ir::ValueId b) {
  return graph.type(a).dtype == graph.type(b).dtype && same_dims(graph, graph.type(a).dims, graph.type(b).dims);
}

}  // namespace rondo::passes
