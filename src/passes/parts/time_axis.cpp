// An op of a loop body that depends on the step only can run once for all steps: each operand that changes gets one
// more axis, time, and the op works independently along it. Most ops do not care where that axis stands. So the
// position is inherited: X [B, T, I] iterated on axis 1 gives slices [B, I] whose batched form is X itself with time at
// 1, and matmul(x, W) becomes X * W : [B, T, N], time still at 1, nothing copied. Only ops that need the axis elsewhere
// (a product whose time axis stands behind its rows, two operands that disagree) move it.
#include "passes/parts/time_axis.h"

#include <algorithm>
#include <bit>

#include "passes/parts/batch_profit.h"
#include "passes/parts/constants.h"

namespace rondo::passes {
namespace {

using Positions = std::vector<int>;

/// One position for all batched operands: theirs if they agree, else that of the largest. `last` is the largest allowed.
int common_position(const ir::Graph& graph, const ir::Op& op, const Positions& has, int last) {
  int position = kNoTime;
  int64_t largest = -1;
  for (size_t i = 0; i < has.size(); ++i) {
    const int64_t bytes = typical_bytes(graph, op.operands[i]);
    if (has[i] == kNoTime || has[i] > last || bytes <= largest) continue;
    position = has[i];
    largest = bytes;
  }
  return position == kNoTime ? 0 : position;
}

TimeAxes all_at(const Positions& has, int position) {
  TimeAxes axes{has, position};
  for (int& item : axes.operands) item = item == kNoTime ? kNoTime : position;
  return axes;
}

std::optional<TimeAxes> place_matmul(ir::Graph& graph, const ir::Op& op, const Positions& has) {
  const int rank = graph.type(op.operands[0]).rank(), right = graph.type(op.operands[1]).rank();
  const bool shared = right == 2 && has[1] == kNoTime;
  if (!shared && rank != right) return std::nullopt;
  return all_at(has, common_position(graph, op, has, shared ? rank - 1 : rank - 2));
}

/// A reshape keeps time apart from the elements if it splits neither before nor behind it: find the place in the result that has
/// as many elements in front as the operand has.
std::optional<TimeAxes> place_reshape(ir::Graph& graph, const ir::Op& op, const Positions& has) {
  ir::DimPool& pool = graph.dims();
  const ir::Dims source = graph.type(op.operands[0]).dims, target = graph.type(op.results[0]).dims;
  const ir::Dim front = pool.product(std::span(source).first(static_cast<size_t>(has[0])));
  for (size_t at = 0; at <= target.size(); ++at) {
    if (pool.same(pool.product(std::span(target).first(at)), front)) return TimeAxes{has, static_cast<int>(at)};
  }
  return TimeAxes{{0}, 0};
}

std::optional<TimeAxes> place_gather(ir::Graph& graph, const ir::Op& op, const Positions& has) {
  if (op.attrs.integer("mode") != 0 || op.attrs.integer("elementwise_dims") != 0) return std::nullopt;
  const int axis = static_cast<int>(op.attrs.integer("axis"));
  if (has[0] == kNoTime) return TimeAxes{has, axis + has[1]};
  if (has[1] != kNoTime) return std::nullopt;
  const int index_rank = graph.type(op.operands[1]).rank();
  return TimeAxes{has, has[0] <= axis ? has[0] : has[0] - 1 + index_rank};
}

int axes_before(int64_t mask, int position) {
  return std::popcount(static_cast<uint64_t>(mask) & ((uint64_t{1} << position) - 1));
}

std::vector<int64_t> shifted_perm(const std::vector<int64_t>& perm, int time) {
  std::vector<int64_t> shifted;
  for (int64_t axis : perm) shifted.push_back(axis + (axis >= time ? 1 : 0));
  shifted.insert(shifted.begin() + time, time);
  return shifted;
}

template <class T>
std::vector<T> inserted(std::vector<T> items, int at, T item) {
  items.insert(items.begin() + at, item);
  return items;
}

/// Attributes of the batched op.
ir::Attrs batched_attrs(ir::DimPool& pool, const ir::Op& op, const TimeAxes& axes, ir::Dim extent) {
  ir::Attrs attrs = op.attrs;
  const int time = axes.operands.empty() ? 0 : axes.operands[0];
  const auto shift_axis = [&] {
    const int64_t axis = attrs.integer("axis");
    attrs.set("axis", axis + (axis >= time ? 1 : 0));
  };
  switch (op.kind) {
    case ir::OpKind::k_transpose:
      attrs.set("perm", shifted_perm(attrs.integers("perm"), time));
      break;
    case ir::OpKind::k_reshape:
      attrs.set("shape", inserted(attrs.dims("shape"), axes.result, extent));
      break;
    case ir::OpKind::k_broadcast:
      attrs.set("shape", inserted(attrs.dims("shape"), axes.result, extent));
      break;
    case ir::OpKind::k_slice:
      attrs.set("start", inserted(attrs.dims("start"), time, pool.constant(0)));
      attrs.set("size", inserted(attrs.dims("size"), time, extent));
      attrs.set("stride", inserted(attrs.integers("stride"), time, int64_t{1}));
      break;
    case ir::OpKind::k_reduce: {
      const int64_t mask = attrs.integer("axes"), low = (int64_t{1} << time) - 1;
      attrs.set("axes", (mask & low) | ((mask & ~low) << 1));
      break;
    }
    case ir::OpKind::k_concat:
      attrs.set("axis", op.attrs.integer("axis") + (op.attrs.integer("axis") >= axes.result));
      break;
    case ir::OpKind::k_topk:
      shift_axis();
      break;
    case ir::OpKind::k_gather:
      if (time != kNoTime) shift_axis();
      break;
    default:
      break;
  }
  return attrs;
}

}  // namespace

std::optional<TimeAxes> place_time(ir::Graph& graph, const ir::Op& op, const std::vector<int>& has) {
  for (ir::ValueId result : op.results) {
    if (graph.type(result).rank() > ir::kMaxRank) return std::nullopt;
  }
  switch (op.kind) {
    case ir::OpKind::k_pointwise:
    case ir::OpKind::k_concat:
      return all_at(has, common_position(graph, op, has, ir::kMaxRank));
    case ir::OpKind::k_matmul:
      return place_matmul(graph, op, has);
    case ir::OpKind::k_reshape:
      return place_reshape(graph, op, has);
    case ir::OpKind::k_transpose:
    case ir::OpKind::k_broadcast:
    case ir::OpKind::k_slice:
    case ir::OpKind::k_topk:
      return TimeAxes{has, has[0]};
    case ir::OpKind::k_gather:
      return place_gather(graph, op, has);
    case ir::OpKind::k_reduce: {
      const int removed = op.attrs.flag("keep") ? 0 : axes_before(op.attrs.integer("axes"), has[0]);
      return TimeAxes{has, has[0] - removed};
    }
    default:
      return std::nullopt;
  }
}

ir::ValueId add_batched(OpBuilder& builder, const ir::Op& op, const TimeAxes& axes, std::vector<ir::ValueId> operands,
                        ir::Dim extent) {
  ir::Graph& graph = builder.graph();
  for (size_t i = 0; i < operands.size(); ++i) {
    if (axes.operands[i] != kNoTime || op.kind == ir::OpKind::k_gather) continue;
    if (op.kind == ir::OpKind::k_matmul && graph.type(operands[i]).rank() == 2 && i == 1) continue;
    operands[i] = fold_value(graph, builder.insert_axis(operands[i], axes.result));
    if (op.kind != ir::OpKind::k_concat) continue;
    ir::Dims shape = builder.dims(operands[i]);
    shape[static_cast<size_t>(axes.result)] = extent;
    operands[i] = builder.broadcast(operands[i], shape);
  }
  const ir::Attrs attrs = batched_attrs(graph.dims(), op, axes, extent);
  return builder.add(op.kind, attrs, std::move(operands), op.results.size());
}

}  // namespace rondo::passes
