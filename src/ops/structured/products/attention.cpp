#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// attention(q [B, Hq, Sq, D], k [B, Hkv, Skv, D], v [B, Hkv, Skv, Dv][, mask][, quantize_scale])
//   {norm, causal, has_mask, has_scale}: normalize(q kᵀ masked) v. No factor 1 / sqrt(D): the caller scales.
//   norm 0 none, 1 softmax; causal 0 none, 1 upper left (key j <= query i), 2 lower right (j <= i + Skv - Sq)
//   C1 rank 4   C2 one float type   C3 equal batches   C4 equal heads of k and v, which divide those of q   C5 equal D
//   of q and k, equal Skv of k and v   C6 mask bool or of q's type, rank 4, extents 1 or those of the scores   C7 mask
//   or causal, not both   C8 a quantization scale is one float element and needs softmax
//
// Heads of q that share a head of k and v stand next to each other, so [B, Hkv · g, Sq, D] is read as [B, Hkv, g · Sq,
// D] and the products need no copy of k or v. All is computed in f32. The pieces are plain matmul and softmax: what
// fuses them later finds them by their algebra.
//
// A query that may attend to nothing has scores of -infinity only; softmax over those is NaN, in that row of the result
// and nowhere else. Without softmax what is masked counts as 0.

namespace rondo::ops {
namespace {

using ir::ValueId;
using tile::PointwiseFn;

enum Causal : int64_t { kAll = 0, kUpperLeft = 1, kLowerRight = 2 };
enum Axis : size_t { kBatch, kHeads, kRows, kDepth };
constexpr int64_t kReduceSum = 0, kReduceMax = 2;

void check_mask(const InferInput& in, ir::Dim rows, ir::Dim columns) {
  const ir::TensorType& q = in.operands[0].type;
  const ir::TensorType& mask = in.operands[3].type;
  if (mask.rank() != 4 || (mask.dtype != DType::kBool && mask.dtype != q.dtype)) {
    refuse(in, 6, "mask ", type_text(in.dims, mask), " must be bool or ", dtype_name(q.dtype), " of rank 4");
  }
  const ir::Dims scores = {q.dims[kBatch], q.dims[kHeads], rows, columns};
  for (size_t i = 0; i < scores.size(); ++i) {
    if (in.dims.value_or_unknown(in.dims.resolve(mask.dims[i])) == 1) continue;
    unify(in, 6, mask.dims[i], scores[i],
          text("extents of dimension ", i, " of mask and scores [B, Hq, Sq, Skv], where not 1,"));
  }
}

void check_heads(const InferInput& in, ir::Dim q, ir::Dim kv) {
  const int64_t of_q = in.dims.value_or_unknown(in.dims.resolve(q)),
                of_kv = in.dims.value_or_unknown(in.dims.resolve(kv));
  if (of_q >= 0 && of_kv >= 0) {
    const bool divides = of_kv == 0 ? of_q == 0 : of_q % of_kv == 0;
    if (!divides) refuse(in, 4, of_q, " query heads are no multiple of ", of_kv, " key heads");
    return;
  }
  unify(in, 4, q, kv, "heads of query and key, where not constant,");
}

void check_scale(const InferInput& in) {
  const ir::TensorType& scale = in.operands.back().type;
  const bool one =
      scale.rank() == 0 || (scale.rank() == 1 && in.dims.value_or_unknown(in.dims.resolve(scale.dims[0])) == 1);
  if (!is_float(scale.dtype) || !one || in.attrs.integer("norm") == 0) {
    refuse(in, 8, "normalization quantize scale ", type_text(in.dims, scale), " must be one float element, and the ",
           "normalization a softmax");
  }
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::Dims q = in.operands[0].type.dims, k = in.operands[1].type.dims, v = in.operands[2].type.dims;
  for (size_t i = 0; i < 3; ++i) {
    const ir::TensorType& type = in.operands[i].type;
    if (type.rank() != 4) refuse(in, 1, "operand ", i, " is ", type_text(in.dims, type), ", [B, H, S, D] is needed");
    if (!is_float(type.dtype) || type.dtype != in.operands[0].type.dtype) {
      refuse(in, 2, "operands ", operands_text(in), ": query, key and value must have one float type");
    }
  }
  unify(in, 3, k[kBatch], q[kBatch], "batches of key and query");
  unify(in, 3, v[kBatch], q[kBatch], "batches of value and query");
  unify(in, 4, v[kHeads], k[kHeads], "heads of value and key");
  check_heads(in, q[kHeads], k[kHeads]);
  unify(in, 5, k[kDepth], q[kDepth], "last extents of key and query");
  unify(in, 5, v[kRows], k[kRows], "sequence lengths of value and key");
  if (in.attrs.flag("has_mask")) {
    if (in.attrs.integer("causal") != kAll)
      refuse(in, 7, "a mask and a causal form are both set; put the causal part into the mask");
    check_mask(in, q[kRows], k[kRows]);
  }
  if (in.attrs.flag("has_scale")) check_scale(in);
  ir::ValueInfo result{{in.operands[0].type.dtype, {q[kBatch], q[kHeads], q[kRows], v[kDepth]}}, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

// Positions of queries and keys on one scale, [1, 1, Sq, 1] and [1, 1, 1, Skv]: key j is visible to query i iff it is
// not greater. Aligned at the lower right both count back from the ends: i + Skv and j + Sq.
ValueId positions(Expander& e, size_t axis, ir::Dim extent, ir::Dim offset) {
  ir::DimPool& dims = e.graph().dims();
  const ir::Dim zero = dims.constant(0), one = dims.constant(1);
  ir::Dims all(4, one), start(4, zero), size(4, one);
  all[axis] = dims.add(extent, offset);
  start[axis] = offset;
  size[axis] = extent;
  const ValueId counted =
      e.add(ir::OpKind::k_iota,
            {{"shape", all}, {"axis", static_cast<int64_t>(axis)}, {"dtype", static_cast<int64_t>(DType::kInt32)}}, {});
  if (dims.same(offset, zero)) return counted;
  return e.add(ir::OpKind::k_slice, {{"start", start}, {"size", size}, {"stride", std::vector<int64_t>{1, 1, 1, 1}}},
               {counted});
}

// Bool, true where a score is left out.
ValueId hidden_by_order(Expander& e, int64_t causal, ir::Dim rows, ir::Dim columns) {
  const ir::Dim zero = e.graph().dims().constant(0);
  const ValueId query = positions(e, kRows, rows, causal == kLowerRight ? columns : zero);
  const ValueId key = positions(e, kDepth, columns, causal == kLowerRight ? rows : zero);
  return e.pointwise(PointwiseFn::f_greater, {key, query});
}

ValueId masked(Expander& e, ValueId scores) {
  const ir::Op op = e.op();
  const int64_t causal = op.attrs.integer("causal");
  const double instead = op.attrs.integer("norm") == 0 ? 0 : -std::numeric_limits<double>::infinity();
  if (causal != kAll) {
    const ir::Dims shape = e.type(scores).dims;
    const ValueId hidden = hidden_by_order(e, causal, shape[kRows], shape[kDepth]);
    return e.pointwise(PointwiseFn::f_select, {hidden, e.scalar_like(scores, instead), scores});
  }
  if (!op.attrs.flag("has_mask")) return scores;
  const ValueId mask = op.operands[3];
  if (e.type(mask).dtype != DType::kBool) {
    return e.pointwise(PointwiseFn::f_add, {scores, e.cast(mask, DType::kFloat32)});
  }
  return e.pointwise(PointwiseFn::f_select, {mask, scores, e.scalar_like(scores, instead)});
}

// As the expansion of softmax, which other passes know.
ValueId softmax(Expander& e, ValueId scores) {
  const auto fold = [&](int64_t op, ValueId v) {
    return e.add(ir::OpKind::k_reduce, {{"op", op}, {"axes", int64_t{1} << kDepth}, {"keep", int64_t{1}}}, {v});
  };
  const ValueId powers =
      e.pointwise(PointwiseFn::f_exp, {e.pointwise(PointwiseFn::f_sub, {scores, fold(kReduceMax, scores)})});
  return e.pointwise(PointwiseFn::f_div, {powers, fold(kReduceSum, powers)});
}

ValueId requantized(Expander& e, ValueId weights) {
  const ir::Op op = e.op();
  if (!op.attrs.flag("has_scale")) return weights;
  const ValueId scale =
      e.reshape(e.cast(op.operands.back(), DType::kFloat32), ir::Dims(4, e.graph().dims().constant(1)));
  const ValueId rounded = e.pointwise(PointwiseFn::f_round, {e.pointwise(PointwiseFn::f_div, {weights, scale})});
  const ValueId quantized = e.cast(e.cast(rounded, DType::kInt8), DType::kFloat32);
  return e.pointwise(PointwiseFn::f_mul, {quantized, scale});
}

// Heads that share a head of k become rows of it.
ValueId by_key_head(Expander& e, ValueId v, ir::Dim heads) {
  ir::DimPool& dims = e.graph().dims();
  ir::Dims shape = e.type(v).dims;
  if (dims.same(shape[kHeads], heads)) return v;
  shape[kRows] = dims.mul(dims.floor_div(shape[kHeads], heads), shape[kRows]);
  shape[kHeads] = heads;
  return e.reshape(v, shape);
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const DType stored_as = e.type(op.operands[0]).dtype;
  const ValueId q = e.cast(op.operands[0], DType::kFloat32), k = e.cast(op.operands[1], DType::kFloat32),
                v = e.cast(op.operands[2], DType::kFloat32);
  const ir::Dims of_q = e.type(q).dims, of_k = e.type(k).dims;
  const ir::Dim heads = of_k[kHeads];
  const ValueId product = e.add(ir::OpKind::k_matmul, {}, {by_key_head(e, q, heads), e.transpose(k, {0, 1, 3, 2})});
  ValueId weights = masked(e, e.reshape(product, {of_q[kBatch], of_q[kHeads], of_q[kRows], of_k[kRows]}));
  if (op.attrs.integer("norm") != 0) weights = softmax(e, weights);
  weights = requantized(e, weights);
  const ValueId result = e.add(ir::OpKind::k_matmul, {}, {by_key_head(e, weights, heads), v});
  e.replace(0, e.cast(e.reshape(result, e.type(op.results[0]).dims), stored_as));
}

/// The scores of one query against all keys, normalized.
class Row {
 public:
  Row(const ir::Op& op, std::span<const Tensor> x)
      : op_(op), x_(x), q_(strides_of(x[0].dims)), k_(strides_of(x[1].dims)) {
    if (op.attrs.flag("has_mask")) mask_ = broadcast_strides(x[3].dims);
  }

  std::vector<double> weights(int64_t batch, int64_t head, int64_t row) const {
    const int64_t shared = head / (x_[0].dims[kHeads] / x_[1].dims[kHeads]);
    std::vector<double> result;
    for (int64_t key = 0; key < x_[1].dims[kRows]; ++key) {
      double score = 0;
      for (int64_t d = 0; d < x_[0].dims[kDepth]; ++d) {
        score += x_[0].data[static_cast<size_t>(offset_of({batch, head, row, d}, q_))] *
                 x_[1].data[static_cast<size_t>(offset_of({batch, shared, key, d}, k_))];
      }
      result.push_back(masked_score(score, {batch, head, row, key}));
    }
    if (op_.attrs.integer("norm") != 0) normalize(result);
    return result;
  }

 private:
  double masked_score(double score, const Index& at) const {
    const double instead = op_.attrs.integer("norm") == 0 ? 0 : -std::numeric_limits<double>::infinity();
    const int64_t causal = op_.attrs.integer("causal");
    const int64_t shift = causal == kLowerRight ? x_[1].dims[kRows] - x_[0].dims[kRows] : 0;
    if (causal != kAll) return at[3] <= at[2] + shift ? score : instead;
    if (mask_.empty()) return score;
    const double mask = x_[3].data[static_cast<size_t>(offset_of(at, mask_))];
    if (x_[3].dtype == DType::kBool) return mask != 0 ? score : instead;
    return score + mask;
  }

  void normalize(std::vector<double>& scores) const {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (double score : scores) largest = std::max(largest, score);
    for (double& score : scores) sum += score = std::exp(score - largest);
    for (double& score : scores) score /= sum;
    if (!op_.attrs.flag("has_scale")) return;
    const double scale = x_.back().data[0];
    for (double& score : scores) {
      score = round_to(DType::kInt8, std::nearbyint(round_to(DType::kFloat32, score / scale))) * scale;
    }
  }

  const ir::Op& op_;
  std::span<const Tensor> x_;
  Index q_, k_, mask_;
};

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Row row(op, x);
  const Index rows = {result.dims[kBatch], result.dims[kHeads], result.dims[kRows]}, v = strides_of(x[2].dims);
  const int64_t depth = result.dims[kDepth];
  size_t to = 0;
  for_each_index(rows, [&](const Index& at) {
    const std::vector<double> weights = row.weights(at[kBatch], at[kHeads], at[kRows]);
    const int64_t shared = at[kHeads] / (x[0].dims[kHeads] / x[2].dims[kHeads]);
    for (int64_t d = 0; d < depth; ++d, ++to) {
      for (size_t key = 0; key < weights.size(); ++key) {
        const Index from = {at[kBatch], shared, static_cast<int64_t>(key), d};
        result.data[to] += weights[key] * x[2].data[static_cast<size_t>(offset_of(from, v))];
      }
    }
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_attention() { return {infer, expand, reference}; }

}  // namespace rondo::ops
