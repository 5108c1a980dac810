#include "ops/factors.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/windows.h"
#include "ops/reference.h"

// conv(x [N, C, spatial..], w [K, C/groups, kernel..], bias [K] or absent)
//     {strides, dilations, input_dilations: ints; pre, post: Dims; groups: int; product: dtype} -> y [N, K, out..]
//
// Cross-correlation over one to three spatial axes; every list has one entry per spatial axis, w is row-major in its
// order.
//   y[n, k, o..] = bias[k] + sum over c < C/groups and taps r.. of w[k, c, r..] * X[n, g C/groups + c, o stride + r
//   dilation - pre]
// with the group g = k / (K/groups). X is x with input_dilation - 1 zeros between neighbours, so of extent (I-1)
// input_dilation + 1, and zero outside: X[p] = x[p / input_dilation] if input_dilation divides p and 0 <= p /
// input_dilation < I, else 0.
//   out = max(0, floor((extent of X + pre + post - (1 + dilation (kernel - 1))) / stride) + 1)
// pre and post may be symbolic (SAME paddings) and negative (they crop). A transposed convolution is a conv with
// input_dilations = its strides, strides 1, and its kernel flipped and turned to [K, C/groups, ..]. Sums are f32 for
// every dtype; `product` (optional) rounds factors to bf16 or not at all, as in matmul.
//   C1 rank(x) is 3 .. 5, rank(w) = rank(x)   C2 one float type; with `product` w may have another one   C3 groups
//   divides K and C = groups dim(w, 1) C4 bias is [K]   C5 one entry per spatial axis; strides and dilations >= 1   C6
//   kernel extents are constants >= 1 C7 product is f32 or bf16

namespace rondo::ops {

namespace {

/// Extent of x on a spatial axis with the zeros between its elements: (I - 1) input_dilation + 1.
ir::Dim spread_extent(ir::DimPool& dims, ir::Dim extent, int64_t input_dilation) {
  const ir::Dim gaps = dims.mul(dims.sub(extent, dims.constant(1)), dims.constant(input_dilation));
  return dims.add(gaps, dims.constant(1));
}

ir::Dim spatial_extent(const InferInput& in, size_t axis) {
  ir::DimPool& dims = in.dims;
  const ir::Dim kernel = dims.resolve(in.operands[1].type.dims[axis + 2]);
  if (!dims.is_constant(kernel) || dims.value(kernel) < 1) {
    refuse(in, 6, "extent ", dims.to_string(kernel), " of dimension ", axis + 2, " of the kernel ",
           type_text(dims, in.operands[1].type), " is no constant of at least 1");
  }
  const int64_t span = window_span(dims.value(kernel), in.attrs.integers("dilations")[axis]);
  const ir::Dim extent = dims.resolve(in.operands[0].type.dims[axis + 2]);
  const ir::Dim spread = spread_extent(dims, extent, in.attrs.integers("input_dilations")[axis]);
  const ir::Dim padding = dims.add(in.attrs.dims("pre")[axis], in.attrs.dims("post")[axis]);
  return window_positions(dims, dims.add(spread, padding), span, in.attrs.integers("strides")[axis]);
}

void check_channels(const InferInput& in) {
  ir::DimPool& dims = in.dims;
  const ir::TensorType& x = in.operands[0].type;
  const ir::TensorType& w = in.operands[1].type;
  const int64_t groups = in.attrs.integer("groups");
  const ir::Dim outputs = dims.resolve(w.dims[0]);
  if (groups < 1 || (dims.is_constant(outputs) && dims.value(outputs) % groups != 0)) {
    refuse(in, 3, groups, " groups do not divide the ", dims.to_string(outputs), " output channels");
  }
  const ir::Dim channels = dims.mul(w.dims[1], dims.constant(groups));
  if (!dims.same(x.dims[1], channels)) {
    unify(in, 3, x.dims[1], channels,
          text("channels of the input and groups x channels of the kernel in ", operands_text(in), " with ", groups,
               " groups"));
  }
  if (in.operands.size() < 3) return;
  const ir::TensorType& bias = in.operands[2].type;
  if (bias.rank() != 1) refuse(in, 4, "the bias is ", type_text(dims, bias), "; one dimension is needed");
  if (!dims.same(bias.dims[0], outputs)) unify(in, 4, bias.dims[0], outputs, "bias elements and output channels");
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::TensorType& w = in.operands[1].type;
  if (x.rank() < 3 || x.rank() > 5 || w.rank() != x.rank()) {
    refuse(in, 1, "operands ", operands_text(in), ": the input needs rank 3 .. 5, the kernel the same rank");
  }
  check_factors(in, 2, 7);
  const size_t spatial = x.dims.size() - 2;
  for (const char* list : {"strides", "dilations", "input_dilations"}) require_list(in, 5, list, spatial, 1);
  for (const char* list : {"pre", "post"}) require_extents(in, 5, list, spatial);
  check_channels(in);
  ir::ValueInfo result{{x.dtype, {in.dims.resolve(x.dims[0]), in.dims.resolve(w.dims[0])}}, {}};
  for (size_t axis = 0; axis < spatial; ++axis) result.type.dims.push_back(spatial_extent(in, axis));
  return {result};
}

/// One spatial axis with its numbers.
struct Axis {
  int64_t extent, stride, dilation, gap, pre, x_stride, w_stride;

  /// Index in x that a tap reads, -1 for a zero.
  int64_t source(int64_t out, int64_t tap) const {
    const int64_t at = out * stride + tap * dilation - pre;
    return at < 0 || at % gap != 0 || at / gap >= extent ? -1 : at / gap;
  }
};

std::vector<Axis> spatial_axes(const ir::Op& op, const Index& x, const Index& w) {
  const Index x_strides = strides_of(x), w_strides = strides_of(w);
  std::vector<Axis> axes;
  for (size_t i = 0; i + 2 < x.size(); ++i) {
    const auto entry = [&](const char* name) { return op.attrs.integers(name)[i]; };
    axes.push_back({x[i + 2], entry("strides"), entry("dilations"), entry("input_dilations"), entry("pre"),
                    x_strides[i + 2], w_strides[i + 2]});
  }
  return axes;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Tensor input = factor(op, x[0]), weights = factor(op, x[1]);
  const Index x_strides = strides_of(x[0].dims), w_strides = strides_of(x[1].dims);
  const int64_t channels = x[1].dims[1], outputs = x[1].dims[0] / op.attrs.integer("groups");
  const std::vector<Axis> axes = spatial_axes(op, x[0].dims, x[1].dims);
  const Index taps(x[1].dims.begin() + 2, x[1].dims.end());
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    double sum = x.size() > 2 ? x[2].data[static_cast<size_t>(y[1])] : 0;
    for_each_index(taps, [&](const Index& tap) {
      int64_t from = y[0] * x_strides[0] + y[1] / outputs * channels * x_strides[1];
      int64_t weight = y[1] * w_strides[0];
      for (size_t i = 0; i < axes.size(); ++i) {
        const int64_t index = axes[i].source(y[i + 2], tap[i]);
        if (index < 0) return;
        from += index * axes[i].x_stride;
        weight += tap[i] * axes[i].w_stride;
      }
      for (int64_t c = 0; c < channels; ++c) {
        sum += input.data[static_cast<size_t>(from + c * x_strides[1])] *
               weights.data[static_cast<size_t>(weight + c * w_strides[1])];
      }
    });
    result.data[at++] = sum;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_conv() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
