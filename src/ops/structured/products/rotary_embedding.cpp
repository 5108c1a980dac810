#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// rotary_embedding(x [B, N, S, H], cos, sin[, ids [B, S]]) {interleaved, dim}: turns pairs of elements by an angle that
// depends on the position.
//   (a, b) -> (a cos - b sin, a sin + b cos)   for the pairs i < dim / 2 of the first dim elements of the last
//   dimension (0: all): (2i, 2i + 1) interleaved, else (i, i + dim / 2). The elements behind dim pass. C1 x has rank 4
//   and a float type   C2 dim even, 0 .. H; H constant   C3 cos and sin float, of one shape   C4 with ids: cos
//   [positions, dim / 2]; without: [B, S, dim / 2], B may be 1   C5 ids are i32 or i64 [B, S], B may be 1
//
// Computed in f32. A position outside of the caches reads zeros, as gather does.

namespace rondo::ops {
namespace {

using ir::ValueId;
using tile::PointwiseFn;

enum Axis : size_t { kBatch, kHeads, kSteps, kDepth };

int64_t rotary_dim(const ir::Attrs& attrs, int64_t depth) {
  return attrs.integer("dim") == 0 ? depth : attrs.integer("dim");
}

void unify_batch(const InferInput& in, int constraint, ir::Dim given, const char* what) {
  if (in.dims.value_or_unknown(in.dims.resolve(given)) == 1) return;
  unify(in, constraint, given, in.operands[0].type.dims[kBatch],
        text("batch of ", what, ", where not 1, and of the input"));
}

void check_caches(const InferInput& in, int64_t dim) {
  const ir::Dims &x = in.operands[0].type.dims, &cache = in.operands[1].type.dims;
  for (size_t i = 1; i < 3; ++i) {
    if (!is_float(in.operands[i].type.dtype)) refuse(in, 3, "caches ", operands_text(in), " must be float");
  }
  unify_dims(in, 3, in.operands[2].type.dims, cache, "the sine and cosine caches");
  const bool has_ids = in.operands.size() > 3;
  if (cache.size() != (has_ids ? 2 : 3)) {
    refuse(in, 4, "caches ", type_text(in.dims, in.operands[1].type), " must be ",
           has_ids ? "[positions, dim / 2] where position ids are given"
                   : "[B, S, dim / 2] where no position ids are given");
  }
  unify(in, 4, cache.back(), in.dims.constant(dim / 2), "last extent of the caches and half of the rotary dimension");
  if (has_ids) return;
  unify_batch(in, 4, cache[0], "the caches");
  unify(in, 4, cache[1], x[kSteps], "sequence lengths of caches and input");
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  if (x.rank() != 4 || !is_float(x.dtype))
    refuse(in, 1, "input ", type_text(in.dims, x), " must be a float [B, N, S, H]");
  const int64_t depth = in.dims.value_or_unknown(in.dims.resolve(x.dims[kDepth]));
  const int64_t dim = rotary_dim(in.attrs, depth);
  if (depth < 0 || dim < 0 || dim > depth || dim % 2 != 0) {
    refuse(in, 2, "rotary dimension ", dim, " of ", type_text(in.dims, x),
           " must be even and inside the last extent, which must be constant");
  }
  check_caches(in, dim);
  if (in.operands.size() > 3) {
    const ir::TensorType& ids = in.operands[3].type;
    if (ids.rank() != 2 || (ids.dtype != DType::kInt32 && ids.dtype != DType::kInt64)) {
      refuse(in, 5, "position ids ", type_text(in.dims, ids), " must be i32 or i64 [B, S]");
    }
    unify_batch(in, 5, ids.dims[0], "the position ids");
    unify(in, 5, ids.dims[1], x.dims[kSteps], "sequence lengths of position ids and input");
  }
  ir::ValueInfo result{x, {}};
  for (ir::Dim& extent : result.type.dims) extent = in.dims.resolve(extent);
  return {result};
}

/// A cache as f32 [B or 1, 1, S, dim / 2].
ValueId angles(Expander& e, size_t operand) {
  const ir::Op op = e.op();
  ValueId cache = op.operands[operand];
  if (op.operands.size() > 3) {
    const ir::Attrs attrs{{"mode", int64_t{0}}, {"axis", int64_t{0}}, {"elementwise_dims", int64_t{0}}};
    cache = e.add(ir::OpKind::k_gather, attrs, {cache, op.operands[3]});
  }
  ir::Dims shape = e.type(cache).dims;
  shape.insert(shape.begin() + 1, e.graph().dims().constant(1));
  return e.cast(e.reshape(cache, shape), DType::kFloat32);
}

/// Elements from, from + stride, .. of the last dimension.
ValueId part(Expander& e, ValueId x, int64_t from, int64_t count, int64_t stride) {
  ir::DimPool& dims = e.graph().dims();
  ir::Dims start(4, dims.constant(0)), size = e.type(x).dims;
  start[kDepth] = dims.constant(from);
  size[kDepth] = dims.constant(count);
  return e.add(ir::OpKind::k_slice,
               {{"start", start}, {"size", size}, {"stride", std::vector<int64_t>{1, 1, 1, stride}}}, {x});
}

ValueId joined(Expander& e, ValueId first, ValueId second, bool interleaved) {
  if (!interleaved) return e.add(ir::OpKind::k_concat, {{"axis", int64_t{3}}}, {first, second});
  ir::DimPool& dims = e.graph().dims();
  ir::Dims shape = e.type(first).dims, pairs = shape;
  pairs.push_back(dims.constant(1));
  const ValueId both =
      e.add(ir::OpKind::k_concat, {{"axis", int64_t{4}}}, {e.reshape(first, pairs), e.reshape(second, pairs)});
  shape[kDepth] = dims.mul(shape[kDepth], dims.constant(2));
  return e.reshape(both, shape);
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const DType stored_as = e.type(op.operands[0]).dtype;
  const ValueId x = e.cast(op.operands[0], DType::kFloat32);
  const int64_t depth = e.graph().dims().value(e.type(x).dims[kDepth]);
  const int64_t dim = rotary_dim(op.attrs, depth), half = dim / 2;
  if (dim == 0) return e.replace(0, op.operands[0]);
  const bool interleaved = op.attrs.flag("interleaved");
  const ValueId a = interleaved ? part(e, x, 0, half, 2) : part(e, x, 0, half, 1);
  const ValueId b = interleaved ? part(e, x, 1, half, 2) : part(e, x, half, half, 1);
  const ValueId cosine = angles(e, 1), sine = angles(e, 2);
  const auto times = [&](ValueId left, ValueId right) { return e.pointwise(PointwiseFn::f_mul, {left, right}); };
  const ValueId first = e.pointwise(PointwiseFn::f_sub, {times(a, cosine), times(b, sine)});
  const ValueId second = e.pointwise(PointwiseFn::f_add, {times(a, sine), times(b, cosine)});
  ValueId turned = joined(e, first, second, interleaved);
  if (dim < depth) {
    turned = e.add(ir::OpKind::k_concat, {{"axis", int64_t{3}}}, {turned, part(e, x, dim, depth - dim, 1)});
  }
  e.replace(0, e.cast(turned, stored_as));
}

/// Index of the cache row of (batch, step), or -1 outside of the cache.
int64_t cache_row(std::span<const Tensor> x, int64_t batch, int64_t step) {
  if (x.size() < 4) return (x[1].dims[0] == 1 ? 0 : batch) * x[1].dims[1] + step;
  const int64_t row = x[3].dims[0] == 1 ? 0 : batch;
  const auto id = static_cast<int64_t>(x[3].data[static_cast<size_t>(row * x[3].dims[1] + step)]);
  return id >= 0 && id < x[1].dims[0] ? id : -1;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = x[0];
  const int64_t depth = result.dims[kDepth], half = rotary_dim(op.attrs, depth) / 2;
  const bool interleaved = op.attrs.flag("interleaved");
  int64_t base = 0;
  for_each_index({result.dims[kBatch], result.dims[kHeads], result.dims[kSteps]}, [&](const Index& at) {
    const int64_t row = cache_row(x, at[kBatch], at[kSteps]);
    for (int64_t i = 0; i < half; ++i) {
      const double cosine = row < 0 ? 0 : x[1].data[static_cast<size_t>(row * half + i)];
      const double sine = row < 0 ? 0 : x[2].data[static_cast<size_t>(row * half + i)];
      const auto a = static_cast<size_t>(base + (interleaved ? 2 * i : i));
      const auto b = static_cast<size_t>(base + (interleaved ? 2 * i + 1 : i + half));
      result.data[a] = x[0].data[a] * cosine - x[0].data[b] * sine;
      result.data[b] = x[0].data[a] * sine + x[0].data[b] * cosine;
    }
    base += depth;
  });
  result.dims = results[0].dims;
  return {std::move(result)};
}

}  // namespace

OpDef define_rotary_embedding() { return {infer, expand, reference}; }

}  // namespace rondo::ops
