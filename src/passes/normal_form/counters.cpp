#include "passes/normal_form/counters.h"

#include <algorithm>
#include <optional>

#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

bool outside(const ir::Graph& graph, const LoopParts& loop, ir::ValueId value) {
  return !graph.is_inside(graph.value(value).region, loop.body());
}

/// The invariant k of `next = arg + k` or `arg - k`; invalid if next has another form.
ir::ValueId increment_of(const ir::Graph& graph, const LoopParts& loop, size_t carried, bool* negative) {
  const ir::OpId def = graph.value(loop.next(carried)).def;
  if (!def.valid() || graph.op(def).kind != ir::OpKind::k_pointwise) return {};
  const ir::Op& op = graph.op(def);
  const std::string& fn = op.attrs.string("fn");
  if (fn != "add" && fn != "sub") return {};
  *negative = fn == "sub";
  const bool left = op.operands[0] == loop.carried_arg(carried);
  const bool right = op.operands[1] == loop.carried_arg(carried) && fn == "add";
  if (left == right) return {};
  const ir::ValueId step = op.operands[left ? 1 : 0];
  return is_constant(graph, step) || outside(graph, loop, step) ? step : ir::ValueId{};
}

bool volume_is_one(const ir::Graph& graph, ir::ValueId value) {
  for (ir::Dim dim : graph.type(value).dims) {
    if (!graph.dims().is_constant(dim) || graph.dims().value(dim) != 1) return false;
  }
  return true;
}

bool resolve_counter(ir::Graph& graph, const LoopParts& loop, size_t carried) {
  const ir::ValueId arg = loop.carried_arg(carried);
  bool negative = false;
  if (!is_integer(graph.type(arg).dtype) || Uses(graph).count(arg) == 0) return false;
  const ir::ValueId increment = increment_of(graph, loop, carried, &negative);
  if (!increment.valid()) return false;
  ir::ValueId by = increment;
  if (!outside(graph, loop, increment)) {
    const ops::Tensor constant = constant_tensor(graph, increment);
    by = OpBuilder::before(graph, graph.region(loop.body()).ops.front()).constant(constant);
  }
  const ir::OpId first = graph.region(loop.body()).ops.front();
  const ir::OpId place = first == graph.value(by).def ? graph.region(loop.body()).ops[1] : first;
  OpBuilder builder(graph, loop.body(), place, graph.op(graph.value(loop.next(carried)).def).name);
  const ir::Dims ones(graph.type(arg).dims.size(), graph.dims().constant(1));
  ir::ValueId count = builder.reshape(builder.cast(loop.step(), graph.type(arg).dtype), ones);
  if (splat_value(graph, by) != 1.0) count = builder.pointwise("mul", {count, by});
  const bool from_zero = volume_is_one(graph, arg) && splat_value(graph, loop.initial(carried)) == 0.0;
  const ir::ValueId initial = loop.initial(carried);
  ir::ValueId value = count;
  if (negative) {
    value = builder.pointwise("sub", {initial, count});
  } else if (!from_zero) {
    value = builder.pointwise("add", {initial, count});
  }
  graph.replace_uses(arg, value);
  return true;
}

/// A value of the body as step * scale + offset.
struct Affine {
  int64_t scale = 0;
  ir::Dim offset;
};

class AffineReader {
 public:
  AffineReader(ir::Graph& graph, const LoopParts& loop) : graph_(graph), loop_(loop) {}

  std::optional<Affine> read(ir::ValueId value) {
    ir::DimPool& pool = graph_.dims();
    if (--budget_ < 0) return std::nullopt;
    if (value == loop_.step()) return Affine{1, pool.constant(0)};
    if (const std::optional<ir::Dim> known = known_scalar(graph_, value)) return Affine{0, *known};
    const ir::OpId def = graph_.value(value).def;
    if (!def.valid() || !volume_is_one(graph_, value) || !is_integer(graph_.type(value).dtype)) return std::nullopt;
    const ir::Op& op = graph_.op(def);
    if (op.kind == ir::OpKind::k_reshape || op.kind == ir::OpKind::k_broadcast) return read(op.operands[0]);
    if (op.kind != ir::OpKind::k_pointwise) return std::nullopt;
    return read_pointwise(op);
  }

 private:
  std::optional<Affine> read_pointwise(const ir::Op& op) {
    ir::DimPool& pool = graph_.dims();
    const std::string& fn = op.attrs.string("fn");
    if (fn == "cast") return is_integer(graph_.type(op.operands[0]).dtype) ? read(op.operands[0]) : std::nullopt;
    if (op.operands.size() != 2) return std::nullopt;
    const std::optional<Affine> a = read(op.operands[0]), b = read(op.operands[1]);
    if (!a || !b) return std::nullopt;
    if (fn == "add") return Affine{a->scale + b->scale, pool.add(a->offset, b->offset)};
    if (fn == "sub") return Affine{a->scale - b->scale, pool.sub(a->offset, b->offset)};
    if (fn != "mul" || (a->scale != 0 && b->scale != 0)) return std::nullopt;
    const Affine &moving = a->scale != 0 ? *a : *b, &fixed = a->scale != 0 ? *b : *a;
    if (!pool.is_constant(fixed.offset)) return std::nullopt;
    return Affine{moving.scale * pool.value(fixed.offset), pool.mul(moving.offset, fixed.offset)};
  }

  ir::Graph& graph_;
  const LoopParts& loop_;
  int budget_ = 64;  ///< values left to look at: shared operands would otherwise be read over and over
};

/// Makes `gather(X, step)` an iterator. Returns true if the op was replaced.
bool iterate_gather(ir::Graph& graph, LoopParts& loop, ir::OpId op) {
  ir::DimPool& pool = graph.dims();
  const ir::Op node = graph.op(op);
  if (node.kind != ir::OpKind::k_gather || node.attrs.integer("mode") != 0 ||
      node.attrs.integer("elementwise_dims") != 0) {
    return false;
  }
  const ir::ValueId source = node.operands[0];
  ir::Dim count;
  if (!outside(graph, loop, source) || !loop.trip_count(&count) || !volume_is_one(graph, node.operands[1]))
    return false;
  const std::optional<Affine> index = AffineReader(graph, loop).read(node.operands[1]);
  if (!index) return false;
  const bool forward = index->scale == 1 && pool.same(index->offset, pool.constant(0));
  const bool reverse = index->scale == -1 && pool.same(index->offset, pool.sub(count, pool.constant(1)));
  const int axis = static_cast<int>(node.attrs.integer("axis"));
  const ir::Dim extent = graph.type(source).dims[static_cast<size_t>(axis)];
  const bool within = pool.same(count, extent) || pool.range(pool.sub(extent, count)).min >= 0;
  if (!(forward || reverse) || !within) return false;
  const ir::ValueId row = loop.add_iterated(source, axis, reverse);
  const ir::ValueId shaped = OpBuilder::before(graph, op).reshape(row, ir::Dims(graph.type(node.results[0]).dims));
  graph.replace_uses(node.results[0], shaped);
  graph.erase_op(op);
  return true;
}

}  // namespace

bool resolve_counters(ir::Graph& graph) {
  bool changed = false;
  for (ir::OpId op : loops_inner_first(graph)) {
    LoopParts loop(graph, op);
    for (size_t i = 0; i < loop.carried_count(); ++i) changed = resolve_counter(graph, loop, i) || changed;
    const std::vector<ir::OpId> ops = graph.region(loop.body()).ops;
    for (ir::OpId inner : ops) changed = iterate_gather(graph, loop, inner) || changed;
  }
  return changed;
}

}  // namespace rondo::passes
