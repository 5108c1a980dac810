#include <cmath>
#include <limits>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// reduce(x) {op, axes, keep}: folds the dimensions of the bit mask `axes`; keep leaves them with extent 1.
//   op 0 sum, 1 prod, 2 max, 3 min, 4 avg. Over no elements: 0, 1, -inf or the least integer, +inf or the largest, NaN
//   or 0. The average of integers truncates. C1 at least one axis bit, all below rank(x)   C2 float or integer operand
//   C3 op is one of the five

namespace rondo::ops {
namespace {

enum Reduction : int64_t { kSum = 0, kProd = 1, kMax = 2, kMin = 3, kAvg = 4 };

bool has_axis(int64_t axes, size_t axis) { return (axes >> axis & 1) != 0; }

double extreme(DType dtype, bool largest) {
  const double infinity = std::numeric_limits<double>::infinity();
  return round_to(dtype, largest ? infinity : -infinity);
}

double initial_value(Reduction op, DType dtype) {
  switch (op) {
    case kProd:
      return 1;
    case kMax:
      return extreme(dtype, false);
    case kMin:
      return extreme(dtype, true);
    default:
      return 0;
  }
}

double fold(Reduction op, double a, double b) {
  switch (op) {
    case kProd:
      return a * b;
    case kMax:
      return std::fmax(a, b);
    case kMin:
      return std::fmin(a, b);
    default:
      return a + b;
  }
}

/// Index in the (kept) result of every element of x.
Index targets_of(const Index& dims, int64_t axes) {
  Index kept = dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (has_axis(axes, i)) kept[i] = 1;
  }
  Index strides = strides_of(kept);
  for (size_t i = 0; i < dims.size(); ++i) {
    if (has_axis(axes, i)) strides[i] = 0;
  }
  Index targets;
  for_each_index(dims, [&](const Index& index) { targets.push_back(offset_of(index, strides)); });
  return targets;
}

ir::Dim fold_symbols(ir::DimPool& dims, Reduction op, ir::Dim a, ir::Dim b) {
  switch (op) {
    case kProd:
      return dims.mul(a, b);
    case kMax:
      return dims.max(a, b);
    case kMin:
      return dims.min(a, b);
    default:
      return dims.add(a, b);
  }
}

Contents reduced_contents(const InferInput& in, const ir::TensorType& result, Reduction op, int64_t axes) {
  const ir::ValueInfo& x = in.operands[0];
  const auto out = content_dims(in.dims, result);
  const auto from = constant_dims(in.dims, x.type.dims);
  if (!out || !from || !x.contents || x.contents->empty() || op == kAvg) return std::nullopt;
  const Index targets = targets_of(*from, axes);
  std::vector<std::optional<ir::Dim>> folded(x.contents->size());
  try {
    for (size_t i = 0; i < targets.size(); ++i) {
      auto& slot = folded[static_cast<size_t>(targets[i])];
      const ir::Dim element = in.dims.resolve((*x.contents)[i]);
      slot = slot ? fold_symbols(in.dims, op, *slot, element) : element;
    }
  } catch (const Error&) {  // beyond 64 bits: no extent anybody can use
    return std::nullopt;
  }
  std::vector<ir::Dim> elements;
  for (const auto& slot : folded) {
    if (slot) elements.push_back(*slot);
  }
  return elements;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  const int64_t axes = in.attrs.integer("axes");
  const auto op = static_cast<Reduction>(in.attrs.integer("op"));
  const size_t rank = x.type.dims.size();
  if (axes <= 0 || axes >> rank != 0) {
    refuse(in, 1, "axis mask ", axes, " must name at least one of the ", rank, " dimensions of ", operands_text(in),
           " and no other");
  }
  if (!is_float(x.type.dtype) && !is_integer(x.type.dtype))
    refuse(in, 2, operands_text(in), " is neither float nor integer");
  if (op < kSum || op > kAvg)
    refuse(in, 3, "operation ", static_cast<int64_t>(op), " is none of SUM, PROD, MAX, MIN, AVG");
  ir::ValueInfo result{{x.type.dtype, {}}, {}};
  for (size_t i = 0; i < rank; ++i) {
    if (!has_axis(axes, i)) result.type.dims.push_back(in.dims.resolve(x.type.dims[i]));
    if (has_axis(axes, i) && in.attrs.flag("keep")) result.type.dims.push_back(in.dims.constant(1));
  }
  result.contents = reduced_contents(in, result.type, op, axes);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto kind = static_cast<Reduction>(op.attrs.integer("op"));
  const int64_t axes = op.attrs.integer("axes");
  Tensor result = zeros(results[0]);
  for (double& v : result.data) v = initial_value(kind, result.dtype);
  const Index targets = targets_of(x[0].dims, axes);
  for (size_t i = 0; i < targets.size(); ++i) {
    double& slot = result.data[static_cast<size_t>(targets[i])];
    slot = fold(kind, slot, x[0].data[i]);
  }
  const bool integer = is_integer(result.dtype);
  double count = 1;
  for (size_t i = 0; i < x[0].dims.size(); ++i) count *= has_axis(axes, i) ? static_cast<double>(x[0].dims[i]) : 1;
  for (double& v : result.data) {
    if (kind == kAvg) v = integer ? (count == 0 ? 0 : std::trunc(v / count)) : v / count;
    v = stored(result.dtype, v);
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_reduce() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
