#include "ops/contents.h"

#include <array>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "ops/reference.h"

// Elements of shape computations as symbolic integers.
//
// A value like `shape(x)[0] * 2` has no number at build time but has an expression: 2*x.0. Inference carries such
// expressions through the few ops that shape computations are made of, so that a slice or reshape that depends on them
// gets a symbolic type. Arithmetic becomes arithmetic of the pool. Questions (equal, less, a select's condition) have
// an element only when the ranges of the symbols decide them; otherwise the value simply has no contents.

namespace rondo::ops {
namespace {

using tile::PointwiseFn;
using MaybeDim = std::optional<ir::Dim>;

bool fits_dtype(DType dtype, int64_t value) {
  return dtype == DType::kInt64 || round_to(dtype, static_cast<double>(value)) == static_cast<double>(value);
}

MaybeDim decided(ir::DimPool& dims, bool known, bool answer) {
  return known ? MaybeDim(dims.constant(answer)) : std::nullopt;
}

MaybeDim compare(ir::DimPool& dims, PointwiseFn fn, ir::Dim a, ir::Dim b) {
  const ir::Range difference = dims.range(dims.sub(a, b));
  const bool above = difference.min > 0, below = difference.max < 0;
  const bool equal = dims.same(a, b);
  switch (fn) {
    case PointwiseFn::f_equal:
      return decided(dims, equal || above || below, equal);
    case PointwiseFn::f_greater:
      return decided(dims, above || difference.max <= 0, above);
    default:
      return decided(dims, below || difference.min >= 0, below);
  }
}

/// Division of a non-negative number by a positive one truncates as it floors.
MaybeDim divide(ir::DimPool& dims, PointwiseFn fn, ir::Dim a, ir::Dim b) {
  const bool positive = dims.range(b).min >= 1;
  if (!positive) return std::nullopt;
  if (fn == PointwiseFn::f_div && dims.range(a).min < 0) return std::nullopt;
  return dims.floor_div(a, b);
}

MaybeDim symbolic_element(ir::DimPool& dims, PointwiseFn fn, DType to, const std::array<ir::Dim, 3>& x) {
  switch (fn) {
    case PointwiseFn::f_add:
      return dims.add(x[0], x[1]);
    case PointwiseFn::f_sub:
      return dims.sub(x[0], x[1]);
    case PointwiseFn::f_mul:
      return dims.mul(x[0], x[1]);
    case PointwiseFn::f_neg:
      return dims.sub(dims.constant(0), x[0]);
    case PointwiseFn::f_max:
      return dims.max(x[0], x[1]);
    case PointwiseFn::f_min:
      return dims.min(x[0], x[1]);
    case PointwiseFn::f_abs:
      return dims.range(x[0]).min >= 0 ? MaybeDim(x[0]) : std::nullopt;
    case PointwiseFn::f_div:
    case PointwiseFn::f_floor_div:
      return divide(dims, fn, x[0], x[1]);
    case PointwiseFn::f_equal:
    case PointwiseFn::f_greater:
    case PointwiseFn::f_less:
      return compare(dims, fn, x[0], x[1]);
    case PointwiseFn::f_select:
      if (!dims.is_constant(x[0])) return std::nullopt;
      return dims.value(x[0]) != 0 ? x[1] : x[2];
    case PointwiseFn::f_cast:
      if (to != DType::kBool) return x[0];
      return decided(dims, dims.range(x[0]).min > 0 || dims.range(x[0]).max < 0, true);
    default:
      return std::nullopt;
  }
}

MaybeDim element(ir::DimPool& dims, PointwiseFn fn, DType operand, DType to, const std::array<ir::Dim, 3>& x,
                 size_t arity) {
  constexpr double kExact = 9007199254740992.0;
  std::array<double, 3> values{};
  bool constant = true;
  for (size_t i = 0; i < arity && constant; ++i) {
    constant = dims.is_constant(x[i]);
    if (constant) values[i] = static_cast<double>(dims.value(x[i]));
    constant = constant && values[i] > -kExact && values[i] < kExact;
  }
  if (!constant || fn == PointwiseFn::f_select) return symbolic_element(dims, fn, to, x);
  const DType in = fn == PointwiseFn::f_cast ? to : operand;
  const double value = tile::evaluate(fn, tile::value_type(in), values);
  if (!(value > -kExact && value < kExact)) return std::nullopt;
  return dims.constant(static_cast<int64_t>(value));
}

}  // namespace

std::optional<std::vector<int64_t>> constant_dims(ir::DimPool& dims, const ir::Dims& of) {
  std::vector<int64_t> values;
  for (ir::Dim dim : of) {
    const ir::Dim resolved = dims.resolve(dim);
    if (!dims.is_constant(resolved)) return std::nullopt;
    values.push_back(dims.value(resolved));
  }
  return values;
}

std::optional<std::vector<int64_t>> content_dims(ir::DimPool& dims, const ir::TensorType& type) {
  if (is_float(type.dtype)) return std::nullopt;
  auto values = constant_dims(dims, type.dims);
  if (!values) return std::nullopt;
  int64_t volume = 1;
  for (int64_t extent : *values) {
    if (extent < 0 || !checked_mul(volume, extent, &volume)) return std::nullopt;
  }
  return volume <= kMaxContents ? values : std::nullopt;
}

Contents pointwise_contents(ir::DimPool& dims, PointwiseFn fn, const ir::TensorType& result,
                            std::span<const ir::ValueInfo> operands) {
  const auto extents = content_dims(dims, result);
  if (!extents) return std::nullopt;
  std::vector<Index> strides;
  for (const ir::ValueInfo& operand : operands) {
    if (!operand.contents) return std::nullopt;
    const auto operand_dims = constant_dims(dims, operand.type.dims);
    if (!operand_dims) return std::nullopt;
    strides.push_back(broadcast_strides(*operand_dims));
  }
  std::vector<ir::Dim> elements;
  bool known = true;
  try {
    for_each_index(*extents, [&](const Index& index) {
      std::array<ir::Dim, 3> x{};
      for (size_t i = 0; i < operands.size(); ++i) {
        x[i] = dims.resolve((*operands[i].contents)[static_cast<size_t>(offset_of(index, strides[i]))]);
      }
      const MaybeDim value =
          known ? element(dims, fn, operands.back().type.dtype, result.dtype, x, operands.size()) : std::nullopt;
      known = value && (!dims.is_constant(*value) || fits_dtype(result.dtype, dims.value(*value)));
      if (known) elements.push_back(*value);
    });
  } catch (const Error&) {  // the pool's arithmetic left 64 bits: not a shape anybody can use, and not an error here
    return std::nullopt;
  }
  return known ? Contents(std::move(elements)) : std::nullopt;
}

Contents picked_contents(ir::DimPool& dims, const Contents& from, const std::vector<int64_t>& sources) {
  if (!from || sources.size() > static_cast<size_t>(kMaxContents)) return std::nullopt;
  std::vector<ir::Dim> elements;
  for (int64_t source : sources) {
    elements.push_back(source < 0 ? dims.constant(0) : dims.resolve((*from)[static_cast<size_t>(source)]));
  }
  return elements;
}

}  // namespace rondo::ops
