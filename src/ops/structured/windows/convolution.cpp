#include "ops/op_list.h"
#include "ops/reference.h"
#include "ops/structured/windows/window_rule.h"

// convolution(x [N, C, spatial..], w [K, C/G, kernel..] or 1-D, bias [K] or absent)
//     {outputs = K, groups = G, mode: int; kernel, strides, dilations, pre, post: ints} -> [N, K, out..]
//   Cross-correlation in two or three dimensions; out by the rule of the mode, see window_rule.cpp.
//   C1 two or three spatial axes, rank(x) two more   C2 one entry per spatial axis in every list   C3 kernel, strides
//   and dilations >= 1, paddings >= 0   C4 mode is a PaddingMode   C5 G divides C and K >= 1   C6 K C/G kernel..
//   weights C7 K bias weights   C8 one float type   C9 the kernel fits into the padded input

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const WindowParameters p = check_windows(in, 1, 2, 3, 4);
  require_float(in, 8, 0);
  require_same_dtype(in, 8);
  check_channels(in, 5, 6, 7, false);
  check_window_fits(in, 9, p);
  const ir::TensorType& x = in.operands[0].type;
  ir::ValueInfo result{{x.dtype, {in.dims.resolve(x.dims[0]), in.dims.constant(in.attrs.integer("outputs"))}}, {}};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    result.type.dims.push_back(convolution_axis(in.dims, p, axis, in.dims.resolve(x.dims[axis + 2])).results);
  }
  return {result};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const WindowParameters p = window_parameters(op.attrs);
  const ir::TensorType x = e.type(op.operands[0]);
  const int64_t outputs = op.attrs.integer("outputs"), groups = op.attrs.integer("groups");
  const ir::Dims kernel = kernel_shape(dims, op.attrs, x, e.type(op.operands[1]), false);
  ir::Dims pre, post;
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    const WindowAxis placed = convolution_axis(dims, p, axis, dims.resolve(x.dims[axis + 2]));
    pre.push_back(placed.pre);
    post.push_back(placed.post);
  }
  std::vector<ir::ValueId> operands{op.operands[0], e.reshape(op.operands[1], kernel)};
  if (op.operands.size() > 2) operands.push_back(e.reshape(op.operands[2], {dims.constant(outputs)}));
  const std::vector<int64_t> dense(p.axes(), 1);
  e.replace(0, e.add(ir::OpKind::k_conv,
                     {{"strides", p.strides},
                      {"dilations", p.dilations},
                      {"input_dilations", dense},
                      {"pre", pre},
                      {"post", post},
                      {"groups", groups}},
                     operands));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  ir::DimPool pool;
  const WindowParameters p = window_parameters(op.attrs);
  const int64_t outputs = op.attrs.integer("outputs"), groups = op.attrs.integer("groups");
  const int64_t channels = x[0].dims[1] / groups;
  Index pre, taps{channels};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    pre.push_back(pool.value(convolution_axis(pool, p, axis, pool.constant(x[0].dims[axis + 2])).pre));
    taps.push_back(p.window[axis]);
  }
  const Index strides = strides_of(x[0].dims), tap_strides = strides_of(taps);
  const int64_t taps_per_map = tap_strides[0] * channels;
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    double sum = x.size() > 2 ? x[2].data[static_cast<size_t>(y[1])] : 0;
    const int64_t first = y[1] / (outputs / groups) * channels;
    for_each_index(taps, [&](const Index& tap) {
      int64_t from = y[0] * strides[0] + (first + tap[0]) * strides[1];
      for (size_t axis = 0; axis < p.axes(); ++axis) {
        const int64_t index = y[axis + 2] * p.strides[axis] + tap[axis + 1] * p.dilations[axis] - pre[axis];
        if (index < 0 || index >= x[0].dims[axis + 2]) return;
        from += index * strides[axis + 2];
      }
      sum += x[0].data[static_cast<size_t>(from)] *
             x[1].data[static_cast<size_t>(y[1] * taps_per_map + offset_of(tap, tap_strides))];
    });
    result.data[at++] = sum;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_convolution() { return {infer, expand, reference}; }

}  // namespace rondo::ops
