#include "passes/normal_form/gather_reversed.h"

#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

/// Index count - 1 - t for t = 0 .. extent - 1.
ir::ValueId mirrored_indices(OpBuilder& builder, ir::ValueId count, ir::Dim extent) {
  const ir::ValueId one = builder.constant({DType::kInt64, {}, {1}});
  const ir::ValueId last = builder.pointwise("sub", {builder.cast(count, DType::kInt64), one});
  const ir::Attrs attrs{
      {"axis", int64_t{0}}, {"dtype", static_cast<int64_t>(DType::kInt64)}, {"shape", ir::Dims{extent}}};
  const ir::ValueId steps = builder.add(ir::OpKind::k_iota, attrs, {});
  return builder.pointwise("sub", {builder.broadcast(builder.insert_axis(last, 0), {extent}), steps});
}

bool gather_slices(ir::Graph& graph, LoopParts loop) {
  ir::Dim known;
  if (!loop.has_count() || loop.trip_count(&known)) return false;
  std::vector<bool> keep;
  for (size_t i = 0; i < loop.iterated_count(); ++i) keep.push_back(!loop.iter_reverse(i));
  if (keep == std::vector<bool>(keep.size(), true)) return false;
  OpBuilder builder = OpBuilder::before(graph, loop.op());
  for (size_t i = 0, iterators = keep.size(); i < iterators; ++i) {
    if (keep[i]) continue;
    const int axis = loop.iter_axis(i);
    const ir::Attrs attrs{{"mode", int64_t{0}}, {"axis", int64_t{axis}}, {"elementwise_dims", int64_t{0}}};
    const ir::ValueId indices = mirrored_indices(builder, loop.count(), loop.extent(i));
    const ir::ValueId mirrored = builder.add(ir::OpKind::k_gather, attrs, {loop.source(i), indices});
    graph.replace_uses(loop.slice_arg(i), loop.add_iterated(mirrored, axis, false));
    keep.push_back(true);
  }
  loop.keep_iterated(keep);
  return true;
}

}  // namespace

bool gather_reversed(ir::Graph& graph, const PassOptions&) {
  bool changed = false;
  for (ir::OpId op : loops_inner_first(graph)) changed = gather_slices(graph, LoopParts(graph, op)) || changed;
  return changed;
}

}  // namespace rondo::passes
