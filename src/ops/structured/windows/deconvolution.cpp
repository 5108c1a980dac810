#include "ops/op_list.h"
#include "ops/reference.h"
#include "ops/structured/windows/window_rule.h"

// deconvolution(x [N, C, spatial..], w [C, K/G, kernel..] or 1-D, bias [K] or absent)
//     {outputs = K, groups = G, mode: int; kernel, strides, dilations, pre, post: ints} -> [N, K, out..]
//   The transpose of a convolution: every element of x adds its kernel to the result, whose borders the padding cuts
//   off. It expands to a conv over x with stride - 1 zeros between its elements, by the kernel flipped along its
//   spatial axes. C1 two or three spatial axes, rank(x) two more   C2 one entry per spatial axis in every list   C3
//   kernel, strides and dilations >= 1, paddings >= 0   C4 mode is a PaddingMode   C5 G divides C and K >= 1   C6 C K/G
//   kernel.. weights C7 K bias weights   C8 one float type   C9 the padding leaves something of the result

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const WindowParameters p = check_windows(in, 1, 2, 3, 4);
  require_float(in, 8, 0);
  require_same_dtype(in, 8);
  check_channels(in, 5, 6, 7, true);
  const ir::TensorType& x = in.operands[0].type;
  ir::ValueInfo result{{x.dtype, {in.dims.resolve(x.dims[0]), in.dims.constant(in.attrs.integer("outputs"))}}, {}};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    const ir::Dim extent = in.dims.resolve(x.dims[axis + 2]);
    const ir::Dim results = deconvolution_axis(in.dims, p, axis, extent).results;
    if (in.dims.range(extent).max > 0 && in.dims.range(results).max < 1) {
      refuse(in, 9, "paddings ", p.pre[axis], " and ", p.post[axis], " cut off all of dimension ", axis + 2, " of ",
             operands_text(in), "; pad less");
    }
    result.type.dims.push_back(results);
  }
  return {result};
}

/// [C, K/G, kernel..] -> [K, C/G, kernel..]: the roles of the channels swapped within each group.
ir::ValueId swap_channels(Expander& e, ir::ValueId w, const ir::Dims& shape, int64_t groups) {
  ir::DimPool& dims = e.graph().dims();
  const ir::Dim group = dims.constant(groups), outer = dims.floor_div(shape[0], group);
  ir::Dims split{group, outer, shape[1]}, joined{dims.mul(shape[1], group), outer};
  std::vector<int64_t> perm{0, 2, 1};
  for (size_t i = 2; i < shape.size(); ++i) {
    perm.push_back(static_cast<int64_t>(i) + 1);
    split.push_back(shape[i]);
    joined.push_back(shape[i]);
  }
  return e.reshape(e.transpose(e.reshape(w, split), perm), joined);
}

ir::ValueId flip(Expander& e, ir::ValueId w) {
  ir::DimPool& dims = e.graph().dims();
  const ir::Dims size = e.type(w).dims;
  ir::Dims start(size.size(), dims.constant(0));
  std::vector<int64_t> stride(size.size(), 1);
  bool turned = false;
  for (size_t i = 2; i < size.size(); ++i) {
    if (dims.value(size[i]) == 1) continue;
    start[i] = dims.sub(size[i], dims.constant(1));
    stride[i] = -1;
    turned = true;
  }
  return turned ? e.add(ir::OpKind::k_slice, {{"start", start}, {"size", size}, {"stride", stride}}, {w}) : w;
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const WindowParameters p = window_parameters(op.attrs);
  const ir::TensorType x = e.type(op.operands[0]);
  const int64_t outputs = op.attrs.integer("outputs"), groups = op.attrs.integer("groups");
  const ir::Dims kernel = kernel_shape(dims, op.attrs, x, e.type(op.operands[1]), true);
  ir::Dims pre, post;
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    const WindowAxis cut = deconvolution_axis(dims, p, axis, dims.resolve(x.dims[axis + 2]));
    const ir::Dim all = dims.constant(p.span(axis) - 1);
    pre.push_back(dims.sub(all, cut.pre));
    post.push_back(dims.sub(all, cut.post));
  }
  std::vector<ir::ValueId> operands{op.operands[0], flip(e, swap_channels(e, op.operands[1], kernel, groups))};
  if (op.operands.size() > 2) operands.push_back(e.reshape(op.operands[2], {dims.constant(outputs)}));
  const std::vector<int64_t> dense(p.axes(), 1);
  e.replace(0, e.add(ir::OpKind::k_conv,
                     {{"strides", dense},
                      {"dilations", p.dilations},
                      {"input_dilations", p.strides},
                      {"pre", pre},
                      {"post", post},
                      {"groups", groups}},
                     operands));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  ir::DimPool pool;
  const WindowParameters p = window_parameters(op.attrs);
  const int64_t groups = op.attrs.integer("groups"), maps = op.attrs.integer("outputs") / groups;
  const int64_t channels = x[0].dims[1] / groups;
  Index pre, taps{maps};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    pre.push_back(pool.value(deconvolution_axis(pool, p, axis, pool.constant(x[0].dims[axis + 2])).pre));
    taps.push_back(p.window[axis]);
  }
  const Index strides = strides_of(result.dims), tap_strides = strides_of(taps);
  if (x.size() > 2) {
    size_t at = 0;
    for_each_index(result.dims, [&](const Index& y) { result.data[at++] = x[2].data[static_cast<size_t>(y[1])]; });
  }
  size_t at = 0;
  for_each_index(x[0].dims, [&](const Index& from) {
    const double value = x[0].data[at++];
    for_each_index(taps, [&](const Index& tap) {
      int64_t to = from[0] * strides[0] + (from[1] / channels * maps + tap[0]) * strides[1];
      for (size_t axis = 0; axis < p.axes(); ++axis) {
        const int64_t index = from[axis + 2] * p.strides[axis] + tap[axis + 1] * p.dilations[axis] - pre[axis];
        if (index < 0 || index >= result.dims[axis + 2]) return;
        to += index * strides[axis + 2];
      }
      const int64_t weight = from[1] * tap_strides[0] * maps + offset_of(tap, tap_strides);
      result.data[static_cast<size_t>(to)] += value * x[1].data[static_cast<size_t>(weight)];
    });
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_deconvolution() { return {infer, expand, reference}; }

}  // namespace rondo::ops
