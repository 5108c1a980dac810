#include "passes/normal_form/gather_reversed.h"

#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

ir::ValueId mirrored_index(OpBuilder& builder, const LoopParts& loop) {
  const ir::ValueId count = builder.cast(loop.count(), DType::kInt64);
  const ir::ValueId one = builder.constant({DType::kInt64, {}, {1}});
  return builder.pointwise("sub", {builder.pointwise("sub", {count, one}), loop.step()});
}

bool gather_slices(ir::Graph& graph, LoopParts loop) {
  ir::Dim known;
  if (!loop.has_count() || loop.trip_count(&known)) return false;
  std::vector<bool> keep;
  for (size_t i = 0; i < loop.iterated_count(); ++i) keep.push_back(!loop.iter_reverse(i));
  if (keep == std::vector<bool>(keep.size(), true)) return false;
  OpBuilder builder = OpBuilder::at_start(graph, loop.body(), graph.op(loop.op()).name);
  const ir::ValueId index = mirrored_index(builder, loop);
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) continue;
    const int64_t axis = loop.iter_axis(i);
    const ir::Attrs attrs{{"mode", int64_t{0}}, {"axis", axis}, {"elementwise_dims", int64_t{0}}};
    graph.replace_uses(loop.slice_arg(i), builder.add(ir::OpKind::k_gather, attrs, {loop.source(i), index}));
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
