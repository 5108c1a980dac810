#include <algorithm>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"
#include "ops/structured/products/einsum_equation.h"

// einsum(x..) {equation}: sum of products over named dimensions.
//   C1 equation of letters, commas, "...", one "->", spaces   C2 one term per operand   C3 letters fit the ranks:
//   refused by parse_equation as (einsum C1), (einsum C2), (einsum C3) C4 extents of one letter equal or 1   C5 output
//   letters distinct, each in a term: (einsum C5), by parse_equation   C6 operands have one type: float, i32 or i64 C7
//   result of rank <= 8
//
// The expansion reads the equation from left to right, two operands at a time.
//   1. Per operand: dimensions of extent 1 are dropped (they broadcast: a product with them is a product without), a
//      letter that stands twice becomes its diagonal, a letter that nobody else needs is summed.
//   2. Per pair: the letters fall into batch (in both, needed later), rows (left only), columns (right only) and inner
//   (in
//      both, not needed later). With transposes, rows and columns next to each other, that is one matmul. Integers,
//      which have no matmul, and pairs without inner letters become a product and a sum.
//   3. The result is transposed to the order of the output, and extents of 1 return.
// Floats are f32 in between, whatever they are stored in.
// Example: "bij,bjk,k->bi": b batch, i row, k column, j inner; then b, i rows, k inner.

namespace rondo::ops {
namespace {

using Labels = std::vector<int>;
using tile::PointwiseFn;

constexpr int64_t kReduceSum = 0;

bool contains(const Labels& labels, int label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

std::vector<int> ranks_of(std::span<const ir::ValueInfo> operands) {
  std::vector<int> ranks;
  for (const ir::ValueInfo& operand : operands) ranks.push_back(operand.type.rank());
  return ranks;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const auto on_error = [&](int constraint, const std::string& message) { refuse_with(in, constraint, message); };
  const EinsumLabels labels = parse_equation(in.attrs.string("equation"), ranks_of(in.operands), on_error);
  const DType dtype = in.operands[0].type.dtype;
  if (!is_float(dtype) && dtype != DType::kInt32 && dtype != DType::kInt64) {
    refuse(in, 6, "operands ", operands_text(in), ": a float type, i32 or i64 is needed; convert with a cast layer");
  }
  require_same_dtype(in, 6);
  ir::Dims extents(static_cast<size_t>(labels.count), in.dims.constant(1));
  for (size_t i = 0; i < labels.terms.size(); ++i) {
    for (size_t axis = 0; axis < labels.terms[i].size(); ++axis) {
      const auto label = static_cast<size_t>(labels.terms[i][axis]);
      extents[label] =
          broadcast_dim(in, 4, extents[label], in.operands[i].type.dims[axis],
                        text("extents of ", labels.names[label], " in ", operands_text(in), ", where not 1,"));
    }
  }
  if (labels.output.size() > static_cast<size_t>(ir::kMaxRank)) {
    refuse(in, 7, "the result has ", labels.output.size(), " dimensions, at most ", ir::kMaxRank, " are possible");
  }
  ir::ValueInfo result{{dtype, {}}, {}};
  for (int label : labels.output) result.type.dims.push_back(in.dims.resolve(extents[static_cast<size_t>(label)]));
  return {result};
}

/// A value whose dimensions have distinct labels and no constant extent of 1.
struct Labelled {
  ir::ValueId value;
  Labels labels;
};

class Contraction {
 public:
  explicit Contraction(Expander& e) : e_(e), dims_(e.graph().dims()) {}

  Labelled simplified(ir::ValueId value, Labels labels);
  void sum_unless(Labelled& x, const Labels& kept);
  Labelled product(Labelled a, Labelled b, const Labels& kept);
  ir::ValueId arranged(const Labelled& x, const Labels& output, const ir::Dims& shape);

 private:
  const ir::Dims& shape(ir::ValueId v) const { return e_.type(v).dims; }
  void take_diagonal(Labelled& x, size_t first, size_t second);
  ir::Dims extents(const Labelled& x, const Labels& of) const;
  ir::ValueId ordered(const Labelled& x, const Labels& order);
  ir::ValueId matrices(const Labelled& x, const Labels& batch, const Labels& outer, const Labels& inner, bool left);
  ir::ValueId sum(ir::ValueId v, int64_t axes) {
    return e_.add(ir::OpKind::k_reduce, {{"op", kReduceSum}, {"axes", axes}, {"keep", int64_t{0}}}, {v});
  }
  ir::ValueId multiplied(ir::ValueId a, ir::ValueId b, bool has_inner);

  Expander& e_;
  ir::DimPool& dims_;
};

// Brings the two axes to the end and keeps what stands at equal indices of both.
void Contraction::take_diagonal(Labelled& x, size_t first, size_t second) {
  std::vector<int64_t> perm;
  for (size_t i = 0; i < x.labels.size(); ++i) {
    if (i != first && i != second) perm.push_back(static_cast<int64_t>(i));
  }
  perm.insert(perm.end(), {static_cast<int64_t>(first), static_cast<int64_t>(second)});
  const ir::ValueId v = e_.transpose(x.value, perm);
  ir::Dims iota(perm.size(), dims_.constant(1));
  const auto counted = [&](size_t axis) {
    ir::Dims along = iota;
    along[axis] = shape(v)[axis];
    return e_.add(
        ir::OpKind::k_iota,
        {{"shape", along}, {"axis", static_cast<int64_t>(axis)}, {"dtype", static_cast<int64_t>(DType::kInt32)}}, {});
  };
  const ir::ValueId on = e_.pointwise(PointwiseFn::f_equal, {counted(perm.size() - 2), counted(perm.size() - 1)});
  const ir::ValueId kept = e_.pointwise(PointwiseFn::f_select, {on, v, e_.scalar_like(v, 0)});
  x.value = sum(kept, int64_t{1} << (perm.size() - 1));
  Labels labels;
  for (size_t i = 0; i + 1 < perm.size(); ++i) labels.push_back(x.labels[static_cast<size_t>(perm[i])]);
  x.labels = labels;
}

Labelled Contraction::simplified(ir::ValueId value, Labels labels) {
  ir::Dims kept;
  Labelled x{value, {}};
  for (size_t i = 0; i < labels.size(); ++i) {
    if (dims_.value_or_unknown(dims_.resolve(shape(value)[i])) == 1) continue;
    kept.push_back(shape(value)[i]);
    x.labels.push_back(labels[i]);
  }
  x.value = e_.reshape(value, kept);
  for (size_t i = 0; i < x.labels.size(); ++i) {
    for (size_t j = x.labels.size(); --j > i;) {
      if (x.labels[i] != x.labels[j]) continue;
      take_diagonal(x, i, j);
      return simplified(x.value, x.labels);
    }
  }
  return x;
}

void Contraction::sum_unless(Labelled& x, const Labels& kept) {
  int64_t axes = 0;
  Labels left;
  for (size_t i = 0; i < x.labels.size(); ++i) {
    if (contains(kept, x.labels[i]))
      left.push_back(x.labels[i]);
    else
      axes |= int64_t{1} << i;
  }
  if (axes == 0) return;
  x = {sum(x.value, axes), left};
}

ir::Dims Contraction::extents(const Labelled& x, const Labels& of) const {
  ir::Dims result;
  for (int label : of) {
    const auto at = std::find(x.labels.begin(), x.labels.end(), label) - x.labels.begin();
    result.push_back(e_.type(x.value).dims[static_cast<size_t>(at)]);
  }
  return result;
}

ir::ValueId Contraction::ordered(const Labelled& x, const Labels& order) {
  std::vector<int64_t> perm;
  for (int label : order) perm.push_back(std::find(x.labels.begin(), x.labels.end(), label) - x.labels.begin());
  return e_.transpose(x.value, perm);
}

// [batch, outer, inner], right operands [batch, inner, outer], each group one dimension. Rows of a matmul without batch
// stay apart: the passes read them as a batch over time.
ir::ValueId Contraction::matrices(const Labelled& x, const Labels& batch, const Labels& outer, const Labels& inner,
                                  bool left) {
  Labels order = batch;
  const Labels &second = left ? outer : inner, &third = left ? inner : outer;
  order.insert(order.end(), second.begin(), second.end());
  order.insert(order.end(), third.begin(), third.end());
  ir::Dims target;
  if (!batch.empty()) target.push_back(dims_.product(extents(x, batch)));
  const bool apart = left && batch.empty() && !outer.empty() && !inner.empty() && is_float(e_.type(x.value).dtype);
  if (apart) {
    target = extents(x, outer);
  } else {
    target.push_back(dims_.product(extents(x, second)));
  }
  target.push_back(dims_.product(extents(x, third)));
  return e_.reshape(ordered(x, order), target);
}

// a [.., M, K] and b [.., K, N]
ir::ValueId Contraction::multiplied(ir::ValueId a, ir::ValueId b, bool has_inner) {
  if (has_inner && is_float(e_.type(a).dtype)) return e_.add(ir::OpKind::k_matmul, {}, {a, b});
  const size_t rank = shape(a).size();
  const ir::Dim one = dims_.constant(1);
  ir::Dims left = shape(a), right = shape(b);
  while (right.size() < left.size()) right.insert(right.begin(), one);
  if (!has_inner) return e_.pointwise(PointwiseFn::f_mul, {a, e_.reshape(b, right)});
  left.push_back(one);
  right.insert(right.end() - 2, one);
  const ir::ValueId products = e_.pointwise(PointwiseFn::f_mul, {e_.reshape(a, left), e_.reshape(b, right)});
  return sum(products, int64_t{1} << (rank - 1));
}

Labelled Contraction::product(Labelled a, Labelled b, const Labels& kept) {
  Labels needed_a = kept, needed_b = kept;
  needed_a.insert(needed_a.end(), b.labels.begin(), b.labels.end());
  needed_b.insert(needed_b.end(), a.labels.begin(), a.labels.end());
  sum_unless(a, needed_a);
  sum_unless(b, needed_b);
  Labels batch, rows, columns, inner;
  for (int label : a.labels) {
    const bool both = contains(b.labels, label);
    (!both ? rows : contains(kept, label) ? batch : inner).push_back(label);
  }
  for (int label : b.labels) {
    if (!contains(a.labels, label)) columns.push_back(label);
  }
  Labels labels = batch;
  labels.insert(labels.end(), rows.begin(), rows.end());
  labels.insert(labels.end(), columns.begin(), columns.end());
  ir::Dims result = extents(a, batch);
  for (ir::Dim dim : extents(a, rows)) result.push_back(dim);
  for (ir::Dim dim : extents(b, columns)) result.push_back(dim);
  const ir::ValueId left = matrices(a, batch, rows, inner, true), right = matrices(b, batch, columns, inner, false);
  return {e_.reshape(multiplied(left, right, !inner.empty()), result), labels};
}

ir::ValueId Contraction::arranged(const Labelled& x, const Labels& output, const ir::Dims& shape) {
  Labels present;
  for (int label : output) {
    if (contains(x.labels, label)) present.push_back(label);
  }
  return e_.reshape(ordered(x, present), shape);
}

EinsumLabels labels_of(const ir::Attrs& attrs, const std::vector<int>& ranks) {
  return parse_equation(attrs.string("equation"), ranks, [](int constraint, const std::string& message) {
    RONDO_CHECK(false, message, " (einsum C", constraint, ")");
  });
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  std::vector<int> ranks;
  for (ir::ValueId operand : op.operands) ranks.push_back(e.type(operand).rank());
  const EinsumLabels labels = labels_of(op.attrs, ranks);
  Contraction contraction(e);
  const DType stored_as = e.type(op.operands[0]).dtype;
  std::vector<Labelled> operands;
  for (size_t i = 0; i < op.operands.size(); ++i) {
    const ir::ValueId x = is_float(stored_as) ? e.cast(op.operands[i], DType::kFloat32) : op.operands[i];
    operands.push_back(contraction.simplified(x, labels.terms[i]));
  }
  Labelled result = operands[0];
  for (size_t i = 1; i < operands.size(); ++i) {
    Labels kept = labels.output;
    for (size_t j = i + 1; j < operands.size(); ++j) {
      kept.insert(kept.end(), operands[j].labels.begin(), operands[j].labels.end());
    }
    result = contraction.product(result, operands[i], kept);
  }
  contraction.sum_unless(result, labels.output);
  e.replace(0, e.cast(contraction.arranged(result, labels.output, e.type(op.results[0]).dims), stored_as));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  std::vector<int> ranks;
  for (const Tensor& operand : x) ranks.push_back(static_cast<int>(operand.dims.size()));
  const EinsumLabels labels = labels_of(op.attrs, ranks);
  const auto count = static_cast<size_t>(labels.count);
  Index extents(count, 1);
  std::vector<Index> strides;
  for (size_t i = 0; i < x.size(); ++i) {
    strides.emplace_back(count, 0);
    const Index own = broadcast_strides(x[i].dims);
    for (size_t axis = 0; axis < own.size(); ++axis) {
      const auto label = static_cast<size_t>(labels.terms[i][axis]);
      strides[i][label] += own[axis];
      if (x[i].dims[axis] != 1) extents[label] = x[i].dims[axis];
    }
  }
  Tensor result = zeros(results[0]);
  const Index own = strides_of(result.dims);
  Index to(count, 0);
  for (size_t axis = 0; axis < own.size(); ++axis) to[static_cast<size_t>(labels.output[axis])] = own[axis];
  for_each_index(extents, [&](const Index& index) {
    double product = 1;
    for (size_t i = 0; i < x.size(); ++i) product *= x[i].data[static_cast<size_t>(offset_of(index, strides[i]))];
    result.data[static_cast<size_t>(offset_of(index, to))] += product;
  });
  for (double& v : result.data) v = stored(result.dtype, v);
  return {std::move(result)};
}

}  // namespace

OpDef define_einsum() { return {infer, expand, reference}; }

}  // namespace rondo::ops
