#include <algorithm>
#include <cmath>

#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// lrn(x [N, C, spatial..]) {window: int; alpha, beta, k: real} -> [N, C, spatial..]
//   Local response normalization across channels: x / (k + alpha / window * s)^beta with s the sum of squares of the
//   `window` channels around the element's own, as far as there are any. Computed in f32 for every float type. C1
//   rank(x) is 4 or 5   C2 window is odd, 1 .. 15   C3 float operand   C4 alpha, beta and k are finite

namespace rondo::ops {
namespace {

constexpr size_t kChannels = 1;  // dimension
constexpr int64_t kWindowSum = 0, kMaxWindow = 15;

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const int64_t window = in.attrs.integer("window");
  if (x.rank() != 4 && x.rank() != 5)
    refuse(in, 1, "the input is ", type_text(in.dims, x), "; [N, C, H, W] or [N, C, D, H, W] is needed");
  if (window < 1 || window > kMaxWindow || window % 2 == 0)
    refuse(in, 2, "the window is ", window, "; an odd number in 1 .. ", kMaxWindow, " is needed");
  require_float(in, 3, 0);
  for (const char* name : {"alpha", "beta", "k"}) {
    if (!std::isfinite(in.attrs.real(name))) refuse(in, 4, name, " is ", in.attrs.real(name), ", not a finite number");
  }
  ir::ValueInfo result{x, {}};
  for (ir::Dim& extent : result.type.dims) extent = in.dims.resolve(extent);
  return {result};
}

ir::ValueId sum_of_channels(Expander& e, ir::ValueId v, int64_t window) {
  ir::DimPool& dims = e.graph().dims();
  const ir::Dims shape = e.type(v).dims;
  const std::vector<int64_t> single(shape.size(), 1);
  std::vector<int64_t> windows = single;
  ir::Dims pre(shape.size(), dims.constant(0));
  windows[kChannels] = window;
  pre[kChannels] = dims.constant(window / 2);
  return e.add(ir::OpKind::k_reduce_window,
               {{"op", kWindowSum},
                {"window", windows},
                {"strides", single},
                {"dilations", single},
                {"pre", pre},
                {"shape", shape}},
               {v});
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const DType dtype = e.type(op.operands[0]).dtype;
  const int64_t window = op.attrs.integer("window");
  const ir::ValueId x = e.cast(op.operands[0], DType::kFloat32);
  const auto with = [&](tile::PointwiseFn fn, ir::ValueId v, double scalar) {
    return e.pointwise(fn, {v, e.scalar_like(v, scalar)});
  };
  const ir::ValueId sum = sum_of_channels(e, e.pointwise(tile::PointwiseFn::f_mul, {x, x}), window);
  const ir::ValueId scaled = with(tile::PointwiseFn::f_mul, sum, op.attrs.real("alpha") / static_cast<double>(window));
  const ir::ValueId base = with(tile::PointwiseFn::f_add, scaled, op.attrs.real("k"));
  const ir::ValueId divisor = with(tile::PointwiseFn::f_pow, base, op.attrs.real("beta"));
  e.replace(0, e.cast(e.pointwise(tile::PointwiseFn::f_div, {x, divisor}), dtype));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const int64_t window = op.attrs.integer("window"), half = window / 2;
  const Index strides = strides_of(result.dims);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    const int64_t first = std::max<int64_t>(0, y[kChannels] - half);
    const int64_t last = std::min(result.dims[kChannels] - 1, y[kChannels] + half);
    double sum = 0;
    for (int64_t c = first; c <= last; ++c) {
      const double v = x[0].data[at + static_cast<size_t>((c - y[kChannels]) * strides[kChannels])];
      sum += v * v;
    }
    const double base = op.attrs.real("k") + op.attrs.real("alpha") / static_cast<double>(window) * sum;
    result.data[at] = x[0].data[at] / std::pow(base, op.attrs.real("beta"));
    ++at;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_lrn() { return {infer, expand, reference}; }

}  // namespace rondo::ops
