#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// scan(x) {axis, exclusive, reverse, op}: running totals along an axis. y[i] folds x[0 .. i], or x[0 .. i-1] where
// exclusive (the first is 0); reverse starts from the end. op is rondo::CumulativeOperation: 0 sum. Floats are added in
// double and rounded once per element of the result; i32 and i64 wrap.
//   C1 axis inside the rank   C2 x is f32, f16, bf16, i32 or i64   C3 op is 0

namespace rondo::ops {
namespace {

/// Calls fn(place, is first of its row) for every element in the order of the running total.
template <class Fn>
void walk(const ir::Attrs& attrs, const Index& dims, Fn fn) {
  const auto axis = static_cast<size_t>(attrs.integer("axis"));
  const bool reverse = attrs.flag("reverse");
  const int64_t n = dims[axis], step = strides_of(dims)[axis];
  Index starts = dims;
  starts[axis] = n > 0 ? 1 : 0;
  for_each_index(starts, [&](const Index& at) {
    const int64_t base = offset_of(at, strides_of(dims));
    for (int64_t i = 0; i < n; ++i) {
      const int64_t place = base + (reverse ? n - 1 - i : i) * step;
      fn(static_cast<size_t>(place), i == 0);
    }
  });
}

Contents scanned_contents(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  const auto dims = content_dims(in.dims, x.type);
  if (!dims || !x.contents || x.type.dtype != DType::kInt64) return std::nullopt;
  std::vector<ir::Dim> result(x.contents->size());
  const bool exclusive = in.attrs.flag("exclusive");
  ir::Dim total = in.dims.constant(0);
  try {
    walk(in.attrs, *dims, [&](size_t at, bool first) {
      if (first) total = in.dims.constant(0);
      const ir::Dim next = in.dims.add(total, (*x.contents)[at]);
      result[at] = exclusive ? total : next;
      total = next;
    });
  } catch (const Error&) {  // left 64 bits: no shape
    return std::nullopt;
  }
  return result;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  require_axis(in, 1, "axis", x.rank());
  if (!is_float(x.dtype) && x.dtype != DType::kInt32 && x.dtype != DType::kInt64) {
    refuse(in, 2, operands_text(in), " cannot be summed; cast to a float type, i32 or i64");
  }
  if (in.attrs.integer("op") != 0) refuse(in, 3, "there is no cumulative operation ", in.attrs.integer("op"));
  return {{x, scanned_contents(in)}};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const bool exclusive = op.attrs.flag("exclusive");
  double total = 0;
  walk(op.attrs, x[0].dims, [&](size_t at, bool first) {
    if (first) total = 0;
    const double next = stored(result.dtype, total + x[0].data[at]);
    result.data[at] = exclusive ? total : next;
    total = next;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_scan() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
