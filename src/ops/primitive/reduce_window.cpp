#include <cmath>
#include <limits>

#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/windows.h"
#include "ops/reference.h"

// reduce_window(x) {op: int; window, strides, dilations: ints; pre, shape: Dims} -> y [shape]: folds a window around
// each place.
//   y[o..] = op over taps r.. < window of x[o stride + r dilation - pre]; indices outside of x contribute nothing.
//   op 0 sum, 1 prod, 2 max, 3 min; over no elements 0, 1, -inf or the least integer, +inf or the largest. Maximum and
//   minimum skip NaN. Every list has one entry per dimension of x: window, stride and dilation 1 and padding 0 where
//   there is no window. The extents of the result stand in `shape`, since modes of rounding differ; pre may be
//   negative. C1 one entry per dimension, at least one dimension   C2 windows, strides, dilations >= 1   C3 float or
//   integer operand C4 op is one of the four   C5 no extent of shape is negative

namespace rondo::ops {
namespace {

enum Reduction : int64_t { kSum = 0, kProd = 1, kMax = 2, kMin = 3 };

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const size_t rank = x.dims.size();
  if (rank == 0) refuse(in, 1, operands_text(in), " has no dimension for a window");
  for (const char* list : {"window", "strides", "dilations"}) {
    require_list(in, 1, list, rank, std::numeric_limits<int64_t>::min());
    require_list(in, 2, list, rank, 1);
  }
  require_extents(in, 1, "pre", rank);
  if (!is_float(x.dtype) && !is_integer(x.dtype)) refuse(in, 3, operands_text(in), " is neither float nor integer");
  const int64_t op = in.attrs.integer("op");
  if (op < kSum || op > kMin) refuse(in, 4, "operation ", op, " is none of SUM, PROD, MAX, MIN");
  ir::ValueInfo result{{x.dtype, require_extents(in, 1, "shape", rank)}, {}};
  for (ir::Dim& extent : result.type.dims) {
    extent = in.dims.resolve(extent);
    if (in.dims.range(extent).max < 0) refuse(in, 5, "the result would have the extent ", in.dims.to_string(extent));
  }
  return {result};
}

double initial_value(int64_t op, DType dtype) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (op == kProd) return 1;
  if (op == kMax) return round_to(dtype, -infinity);
  return op == kMin ? round_to(dtype, infinity) : 0;
}

double fold(int64_t op, double a, double b) {
  if (op == kProd) return a * b;
  if (op == kMax) return std::fmax(a, b);
  return op == kMin ? std::fmin(a, b) : a + b;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const int64_t kind = op.attrs.integer("op");
  const Index &window = op.attrs.integers("window"), &strides = op.attrs.integers("strides");
  const Index &dilations = op.attrs.integers("dilations"), &pre = op.attrs.integers("pre");
  const Index x_strides = strides_of(x[0].dims);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    double value = initial_value(kind, result.dtype);
    for_each_index(window, [&](const Index& tap) {
      int64_t from = 0;
      for (size_t i = 0; i < y.size(); ++i) {
        const int64_t index = y[i] * strides[i] + tap[i] * dilations[i] - pre[i];
        if (index < 0 || index >= x[0].dims[i]) return;
        from += index * x_strides[i];
      }
      value = fold(kind, value, x[0].data[static_cast<size_t>(from)]);
    });
    result.data[at++] = stored(result.dtype, value);
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_reduce_window() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
