#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// kv_cache_update(cache [B, H, Smax, D], update [B, H, S, D], indices [B]): cache with update[b, h, s] written at
// position indices[b] + s of sequence b. Positions outside of 0 .. Smax - 1 are dropped.
//   C1 cache and update have rank 4 and one type   C2 equal B, H and D   C3 indices are i32 or i64 [B]
//
// One scatter whose index tuples (b, h, indices[b] + s) are computed. Where the result stands at the address of the
// cache only the update moves.

namespace rondo::ops {
namespace {

using ir::ValueId;

enum Axis : size_t { kBatch, kHeads, kSteps, kDepth };
constexpr int64_t kScatterNd = 1;
constexpr int64_t kUpdatesInPlace = 1;  // plan/aliases.h; in ND mode a scatter has no axis

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType &cache = in.operands[0].type, &update = in.operands[1].type, &indices = in.operands[2].type;
  if (cache.rank() != 4 || update.rank() != 4 || cache.dtype != update.dtype) {
    refuse(in, 1, "cache ", type_text(in.dims, cache), " and update ", type_text(in.dims, update),
           " must be [B, H, S, D] of one type");
  }
  for (Axis axis : {kBatch, kHeads, kDepth}) {
    unify(in, 2, update.dims[axis], cache.dims[axis],
          text("extents of dimension ", static_cast<int>(axis), " of update and cache"));
  }
  if (indices.rank() != 1 || (indices.dtype != DType::kInt32 && indices.dtype != DType::kInt64)) {
    refuse(in, 3, "write indices ", type_text(in.dims, indices), " must be i32 or i64 [B]");
  }
  unify(in, 3, indices.dims[0], cache.dims[kBatch], "the extent of the write indices and the batch of the cache");
  ir::ValueInfo result{cache, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const ir::Dim one = dims.constant(1);
  ir::Dims tuple = e.type(op.operands[1]).dims;
  tuple[kDepth] = one;
  const auto counted = [&](size_t axis) {
    const ir::Attrs attrs{
        {"shape", tuple}, {"axis", static_cast<int64_t>(axis)}, {"dtype", static_cast<int64_t>(DType::kInt64)}};
    return e.add(ir::OpKind::k_iota, attrs, {});
  };
  const ValueId first = e.cast(e.reshape(op.operands[2], {tuple[kBatch], one, one, one}), DType::kInt64);
  const ValueId position = e.pointwise(tile::PointwiseFn::f_add, {counted(kSteps), first});
  const ValueId tuples =
      e.add(ir::OpKind::k_concat, {{"axis", int64_t{3}}}, {counted(kBatch), counted(kHeads), position});
  const ir::Attrs attrs{{"mode", kScatterNd}, {"axis", kUpdatesInPlace}};
  e.replace(0, e.add(ir::OpKind::k_scatter, attrs, {op.operands[0], tuples, op.operands[1]}));
}

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = x[0];
  result.dims = results[0].dims;
  const Index from = strides_of(x[1].dims), to = strides_of(result.dims);
  for_each_index(x[1].dims, [&](const Index& index) {
    const auto position = static_cast<int64_t>(x[2].data[static_cast<size_t>(index[kBatch])]) + index[kSteps];
    if (position < 0 || position >= result.dims[kSteps]) return;
    Index target = index;
    target[kSteps] = position;
    result.data[static_cast<size_t>(offset_of(target, to))] = x[1].data[static_cast<size_t>(offset_of(index, from))];
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_kv_cache_update() { return {infer, expand, reference}; }

}  // namespace rondo::ops
