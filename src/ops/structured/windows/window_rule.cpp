// Where windows stand. With I elements, a window that spans D, stride S, B elements of padding before and A after:
//
//   convolution, pooling   EXPLICIT_ROUND_DOWN  floor((I + B + A - D) / S) + 1
//                          EXPLICIT_ROUND_UP    ceil((I + B + A - D) / S) + 1
//                          SAME_*               ceil(I / S), padded by P = max(0, floor((I - 1) / S) S + D - I in all
//                          CAFFE_*, convolution the explicit result for A = B
//                          CAFFE_*, pooling     the explicit result x, less 1 if its last window starts at I + B or
//                          beyond
//   deconvolution          EXPLICIT_*, CAFFE_*  (I - 1) S + D - (B + A)
//                          SAME_*               the same, cut by P = max(0, D - S)
//
// P is split into halves; of an odd P the larger half stands behind (UPPER) or in front (LOWER). What the primitives
// are given is the padding that the last window just reaches, which makes one exact quotient of every rounding:
// ROUND_UP pads more, a SAME stride that skips the end crops.
#include "ops/structured/windows/window_rule.h"

#include <limits>

namespace rondo::ops {
namespace {

ir::Dim number(ir::DimPool& dims, int64_t value) { return dims.constant(value); }

ir::Dim at_least_zero(ir::DimPool& dims, ir::Dim extent) { return dims.max(extent, dims.constant(0)); }

bool is_same(PaddingRule rule) { return rule == PaddingRule::kSameUpper || rule == PaddingRule::kSameLower; }
bool is_caffe(PaddingRule rule) { return rule == PaddingRule::kCaffeRoundDown || rule == PaddingRule::kCaffeRoundUp; }
bool rounds_up(PaddingRule rule) { return rule == PaddingRule::kExplicitRoundUp || rule == PaddingRule::kCaffeRoundUp; }

/// The part of a SAME padding that stands in front.
ir::Dim front_half(ir::DimPool& dims, PaddingRule rule, ir::Dim padding) {
  const ir::Dim two = number(dims, 2);
  return rule == PaddingRule::kSameUpper ? dims.floor_div(padding, two) : dims.ceil_div(padding, two);
}

/// results = the given count; post follows from it.
WindowAxis placed(ir::DimPool& dims, ir::Dim pre, ir::Dim results, ir::Dim extent, int64_t span, int64_t stride) {
  const ir::Dim last = dims.mul(dims.sub(results, number(dims, 1)), number(dims, stride));
  const ir::Dim post = dims.sub(dims.add(last, number(dims, span)), dims.add(extent, pre));
  return {pre, post, results};
}

WindowAxis same_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent) {
  const ir::Dim stride = number(dims, p.strides[axis]);
  const ir::Dim results = dims.ceil_div(extent, stride);
  const ir::Dim reach = dims.add(dims.mul(dims.sub(results, number(dims, 1)), stride), number(dims, p.span(axis)));
  const ir::Dim pre = front_half(dims, p.rule, at_least_zero(dims, dims.sub(reach, extent)));
  return placed(dims, pre, results, extent, p.span(axis), p.strides[axis]);
}

ir::Dim explicit_results(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim padded) {
  const int64_t stride = p.strides[axis];
  const ir::Dim room = rounds_up(p.rule) ? dims.add(padded, number(dims, stride - 1)) : padded;
  return window_positions(dims, room, p.span(axis), stride);
}

}  // namespace

WindowParameters window_parameters(const ir::Attrs& attrs) {
  WindowParameters p;
  p.window = attrs.integers("kernel");
  p.strides = attrs.integers("strides");
  p.dilations = attrs.has("dilations") ? attrs.integers("dilations") : std::vector<int64_t>(p.window.size(), 1);
  p.pre = attrs.integers("pre");
  p.post = attrs.integers("post");
  p.rule = static_cast<PaddingRule>(attrs.integer("mode"));
  return p;
}

WindowAxis convolution_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent) {
  if (is_same(p.rule)) return same_axis(dims, p, axis, extent);
  const ir::Dim pre = number(dims, p.pre[axis]);
  const ir::Dim post = number(dims, is_caffe(p.rule) ? p.pre[axis] : p.post[axis]);
  const ir::Dim results = explicit_results(dims, p, axis, dims.add(extent, dims.add(pre, post)));
  return placed(dims, pre, results, extent, p.span(axis), p.strides[axis]);
}

WindowAxis pooling_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent) {
  if (is_same(p.rule)) return same_axis(dims, p, axis, extent);
  const ir::Dim pre = number(dims, p.pre[axis]);
  ir::Dim results = explicit_results(dims, p, axis, dims.add(extent, number(dims, p.pre[axis] + p.post[axis])));
  if (is_caffe(p.rule)) {
    const ir::Dim starts = dims.ceil_div(dims.add(extent, pre), number(dims, p.strides[axis]));
    const ir::Dim beyond = at_least_zero(dims, dims.sub(results, starts));
    results = dims.sub(results, dims.min(number(dims, 1), beyond));
  }
  return placed(dims, pre, results, extent, p.span(axis), p.strides[axis]);
}

WindowAxis deconvolution_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent) {
  const int64_t stride = p.strides[axis], span = p.span(axis);
  ir::Dim pre = number(dims, p.pre[axis]), post = number(dims, p.post[axis]);
  if (is_same(p.rule)) {
    const ir::Dim all = number(dims, span > stride ? span - stride : 0);
    pre = front_half(dims, p.rule, all);
    post = dims.sub(all, pre);
  }
  const ir::Dim reach = dims.add(dims.mul(dims.sub(extent, number(dims, 1)), number(dims, stride)), number(dims, span));
  return {pre, post, at_least_zero(dims, dims.sub(reach, dims.add(pre, post)))};
}

WindowParameters check_windows(const InferInput& in, int rank, int lists, int positive, int mode) {
  const ir::TensorType& x = in.operands[0].type;
  const WindowParameters p = window_parameters(in.attrs);
  if (p.axes() < 2 || p.axes() > 3 || x.dims.size() != p.axes() + 2) {
    refuse(in, rank, "a window of ", p.axes(), " dimensions over ", type_text(in.dims, x),
           "; give 2 for an input [N, C, H, W], 3 for [N, C, D, H, W], and make the rank fit with a shuffle");
  }
  const int64_t any = std::numeric_limits<int64_t>::min();
  for (const char* list : {"kernel", "strides"}) {
    require_list(in, lists, list, p.axes(), any);
    require_list(in, positive, list, p.axes(), 1);
  }
  for (const char* list : {"pre", "post"}) {
    require_list(in, lists, list, p.axes(), any);
    require_list(in, positive, list, p.axes(), 0);
  }
  if (in.attrs.has("dilations")) {
    require_list(in, lists, "dilations", p.axes(), any);
    require_list(in, positive, "dilations", p.axes(), 1);
  }
  const int64_t rule = in.attrs.integer("mode");
  if (rule < 0 || rule >= kPaddingRules) refuse(in, mode, "padding mode ", rule, " is no PaddingMode");
  return p;
}

void check_window_fits(const InferInput& in, int constraint, const WindowParameters& p) {
  if (is_same(p.rule)) return;
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    const ir::Dim extent = in.dims.resolve(in.operands[0].type.dims[axis + 2]);
    const bool mirrored = in.kind == ir::OpKind::k_convolution && is_caffe(p.rule);
    const int64_t padding = p.pre[axis] + (mirrored ? p.pre[axis] : p.post[axis]);
    const ir::Range padded = in.dims.range(in.dims.add(extent, in.dims.constant(padding)));
    if (in.dims.range(extent).max < 1 || padded.max >= p.span(axis)) continue;
    refuse(in, constraint, "the window spans ", p.span(axis), " elements of dimension ", axis + 2, " of ",
           operands_text(in), ", which has only ", padded.max, " with its padding; shrink the window or pad more");
  }
}

ir::Dims kernel_shape(ir::DimPool& dims, const ir::Attrs& attrs, const ir::TensorType& x, const ir::TensorType& w,
                      bool outer_is_input) {
  const int64_t outputs = attrs.integer("outputs"), groups = attrs.integer("groups");
  ir::Dims known{number(dims, outer_is_input ? outputs / groups : outputs)};
  for (const int64_t extent : attrs.integers("kernel")) known.push_back(number(dims, extent));
  const ir::Dim volume = dims.resolve(dims.product(w.dims)), others = dims.product(known);
  ir::Dim channels = dims.resolve(x.dims[1]);
  if (dims.is_constant(volume) && dims.value(volume) % dims.value(others) == 0)
    channels = number(dims, dims.value(volume) / dims.value(others));
  else if (!outer_is_input)
    channels = dims.floor_div(channels, number(dims, groups));
  known.insert(known.begin() + (outer_is_input ? 0 : 1), channels);
  return known;
}

void check_channels(const InferInput& in, int groups_rule, int kernel_rule, int bias_rule, bool outer_is_input) {
  ir::DimPool& dims = in.dims;
  const int64_t outputs = in.attrs.integer("outputs"), groups = in.attrs.integer("groups");
  const ir::TensorType &x = in.operands[0].type, &w = in.operands[1].type;
  const ir::Dim channels = dims.resolve(x.dims[1]);
  if (outputs < 1) refuse(in, groups_rule, "the number of output maps is ", outputs, "; at least 1 is needed");
  if (groups < 1 || outputs % groups != 0 || (dims.is_constant(channels) && dims.value(channels) % groups != 0)) {
    refuse(in, groups_rule, groups, " groups must divide the ", dims.to_string(channels), " input channels and the ",
           outputs, " output maps");
  }
  const ir::Dims shape = kernel_shape(dims, in.attrs, x, w, outer_is_input);
  const ir::Dim wanted = outer_is_input ? shape[0] : dims.mul(shape[1], number(dims, groups));
  const std::string what = text("kernel ", type_text(dims, w), " and what ", outputs, " output maps in ", groups,
                                " groups over ", type_text(dims, x), " need, ", type_text(dims, {w.dtype, shape}), ",");
  if (!dims.same(channels, wanted)) unify(in, kernel_rule, channels, wanted, "channels of the " + what);
  if (w.rank() != 1)
    unify_dims(in, kernel_rule, w.dims, shape, what);
  else if (!dims.same(w.dims[0], dims.product(shape)))
    unify(in, kernel_rule, w.dims[0], dims.product(shape), "numbers of weights of the " + what);
  if (in.operands.size() < 3) return;
  const ir::Dim bias = dims.product(in.operands[2].type.dims);
  if (!dims.same(bias, number(dims, outputs)))
    unify(in, bias_rule, bias, number(dims, outputs), "the number of bias weights and of output maps");
}

}  // namespace rondo::ops
