#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// normalization(x, scale, bias) {axes, groups, epsilon, v2}: (x - mean) / sqrt(variance + epsilon) · scale + bias, mean
// and biased variance over the dimensions of the mask `axes`.
//   C1 at least one axis bit, all below rank(x)   C2 float operands   C3 scale and bias have x's rank, extents equal
//   or 1   C4 groups >= 1; above 1: rank(x) >= 3, axes are all dimensions behind the channels, groups divide the
//   channels C5 groups above 1: scale and bias are [1, groups, 1..], with v2 [1, channels, 1..]
//
// The expansion works in f32 whatever x is stored in, and in two passes: the mean first, then the variance of the
// centred values, so that a large mean does not cancel the variance. Groups are one more dimension between batch and
// channels:
//   x [N, C, S..] -> [N, G, C/G · S..], axis 2 is normalized, and back.

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

constexpr int64_t kReduceAvg = 4;
constexpr size_t kChannels = 1;

bool has_axis(int64_t axes, size_t axis) { return (axes >> axis & 1) != 0; }

void check_groups(const InferInput& in, int64_t groups) {
  const ir::Dims& x = in.operands[0].type.dims;
  if (groups < 1) refuse(in, 4, groups, " groups; at least 1 is needed");
  if (groups == 1) return;
  if (x.size() < 3) refuse(in, 4, "groups need [N, C, S..], got ", type_text(in.dims, in.operands[0].type));
  const int64_t behind = (int64_t{1} << x.size()) - 4;
  if (in.attrs.integer("axes") != behind) {
    refuse(in, 4, "with ", groups, " groups the axis mask must be ", behind,
           ", all dimensions behind the channels, not ", in.attrs.integer("axes"));
  }
  const ir::Dim count = in.dims.constant(groups);
  const ir::Dim whole = in.dims.mul(in.dims.floor_div(x[kChannels], count), count);
  unify(in, 4, x[kChannels], whole, text("channels and a multiple of the ", groups, " groups"));
}

// scale or bias
void check_factor(const InferInput& in, size_t operand, int64_t groups) {
  const ir::Dims& x = in.operands[0].type.dims;
  const ir::TensorType& factor = in.operands[operand].type;
  const char* what = operand == 1 ? "scale" : "bias";
  if (factor.dims.size() != x.size()) {
    refuse(in, 3, what, " ", type_text(in.dims, factor), " must have the rank of ",
           type_text(in.dims, in.operands[0].type), "; add dimensions of 1 with a shuffle");
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const std::string where = text("extents of dimension ", i, " of ", what, " and ");
    if (groups == 1) {
      if (in.dims.value_or_unknown(in.dims.resolve(factor.dims[i])) == 1) continue;
      unify(in, 3, factor.dims[i], x[i], where + "input, where not 1,");
    } else {
      const ir::Dim per_group = in.attrs.flag("v2") ? x[kChannels] : in.dims.constant(groups);
      unify(in, 5, factor.dims[i], i == kChannels ? per_group : in.dims.constant(1), where + "[1, groups, 1..]");
    }
  }
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const int64_t axes = in.attrs.integer("axes"), groups = in.attrs.integer("groups");
  if (axes <= 0 || axes >> x.rank() != 0) {
    refuse(in, 1, "axis mask ", axes, " must name at least one of the ", x.rank(), " dimensions of ",
           type_text(in.dims, x), " and no other");
  }
  for (size_t i = 0; i < 3; ++i) require_float(in, 2, i);
  check_groups(in, groups);
  for (size_t i = 1; i < 3; ++i) check_factor(in, i, groups);
  ir::ValueInfo result{x, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

ir::ValueId average(Expander& e, ir::ValueId v, int64_t axes) {
  return e.add(ir::OpKind::k_reduce, {{"op", kReduceAvg}, {"axes", axes}, {"keep", int64_t{1}}}, {v});
}

ir::ValueId standardized(Expander& e, ir::ValueId x, int64_t axes, double epsilon) {
  const ir::ValueId centred = e.pointwise(PointwiseFn::f_sub, {x, average(e, x, axes)});
  const ir::ValueId variance = average(e, e.pointwise(PointwiseFn::f_mul, {centred, centred}), axes);
  const ir::ValueId shifted = e.pointwise(PointwiseFn::f_add, {variance, e.scalar_like(variance, epsilon)});
  const ir::ValueId deviation = e.pointwise(PointwiseFn::f_sqrt, {shifted});
  return e.pointwise(PointwiseFn::f_mul, {centred, e.pointwise(PointwiseFn::f_recip, {deviation})});
}

ir::ValueId scaled(Expander& e, ir::ValueId x, ir::ValueId scale, ir::ValueId bias) {
  return e.pointwise(PointwiseFn::f_add, {e.pointwise(PointwiseFn::f_mul, {x, scale}), bias});
}

ir::ValueId grouped(Expander& e, ir::ValueId x, ir::ValueId scale, ir::ValueId bias) {
  ir::DimPool& dims = e.graph().dims();
  const int64_t groups = e.op().attrs.integer("groups");
  const ir::Dims shape = e.type(x).dims;
  ir::Dim rest = dims.floor_div(shape[kChannels], dims.constant(groups));
  for (size_t i = 2; i < shape.size(); ++i) rest = dims.mul(rest, shape[i]);
  ir::ValueId y = e.reshape(x, {shape[0], dims.constant(groups), rest});
  y = standardized(e, y, 4, e.op().attrs.real("epsilon"));
  if (e.op().attrs.flag("v2")) return scaled(e, e.reshape(y, shape), scale, bias);
  const ir::Dims factor = {dims.constant(1), dims.constant(groups), dims.constant(1)};
  return e.reshape(scaled(e, y, e.reshape(scale, factor), e.reshape(bias, factor)), shape);
}

void expand(Expander& e) {
  const DType stored_as = e.type(e.operand(0)).dtype;
  const ir::ValueId x = e.cast(e.operand(0), DType::kFloat32);
  const ir::ValueId scale = e.cast(e.operand(1), DType::kFloat32), bias = e.cast(e.operand(2), DType::kFloat32);
  const ir::Attrs attrs = e.op().attrs;
  const ir::ValueId y = attrs.integer("groups") > 1
                            ? grouped(e, x, scale, bias)
                            : scaled(e, standardized(e, x, attrs.integer("axes"), attrs.real("epsilon")), scale, bias);
  e.replace(0, e.cast(y, stored_as));
}

/// For every element of x the number of the set that it is normalized with.
Index sets_of(const ir::Attrs& attrs, const Index& dims) {
  const int64_t axes = attrs.integer("axes"), groups = attrs.integer("groups");
  Index kept = dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (has_axis(axes, i)) kept[i] = 1;
  }
  if (groups > 1) kept[kChannels] = groups;
  const Index strides = broadcast_strides(kept);
  Index sets;
  for_each_index(dims, [&](const Index& index) {
    Index at = index;
    if (groups > 1) at[kChannels] = index[kChannels] / (dims[kChannels] / groups);
    sets.push_back(offset_of(at, strides));
  });
  return sets;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const std::vector<double>& in = x[0].data;
  const Index sets = sets_of(op.attrs, x[0].dims);
  std::vector<double> mean(in.size()), variance(in.size()), count(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    mean[static_cast<size_t>(sets[i])] += in[i];
    ++count[static_cast<size_t>(sets[i])];
  }
  for (size_t i = 0; i < in.size(); ++i) mean[i] /= count[i];
  for (size_t i = 0; i < in.size(); ++i) {
    const auto set = static_cast<size_t>(sets[i]);
    variance[set] += (in[i] - mean[set]) * (in[i] - mean[set]) / count[set];
  }
  Tensor result = zeros(results[0]);
  const Index scale = broadcast_strides(x[1].dims), bias = broadcast_strides(x[2].dims);
  const int64_t groups = op.attrs.integer("groups");
  const bool by_group = groups > 1 && !op.attrs.flag("v2");
  size_t i = 0;
  for_each_index(result.dims, [&](const Index& index) {
    Index at = index;
    if (by_group) at[kChannels] /= result.dims[kChannels] / groups;
    const auto set = static_cast<size_t>(sets[i]);
    result.data[i] = (in[i] - mean[set]) / std::sqrt(variance[set] + op.attrs.real("epsilon")) *
                         x[1].data[static_cast<size_t>(offset_of(at, scale))] +
                     x[2].data[static_cast<size_t>(offset_of(at, bias))];
    ++i;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_normalization() { return {infer, expand, reference}; }

}  // namespace rondo::ops
