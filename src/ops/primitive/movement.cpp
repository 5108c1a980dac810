#include "ops/primitive/movement.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/op_list.h"

// Ops that place elements without computing: transpose, reshape, broadcast, slice, concat.
//   transpose {perm}                C1 perm is a permutation of 0 .. rank-1
//   reshape   {shape}               C1 equal volumes
//   broadcast {shape}               C1 equal ranks   C2 extents equal or 1
//   slice     {start, size, stride} C1 one entry per dimension   C2 no size negative   C3 every index inside x
//   concat    {axis}                C1 equal ranks   C2 axis inside the rank   C3 other extents equal   C4 equal dtypes

namespace rondo::ops {
namespace {

const Index& of(const InferInput& in, const char* name) { return in.attrs.integers(name); }

std::vector<ir::ValueInfo> infer_transpose(const InferInput& in) {
  return {transposed(in, 1, in.operands[0], of(in, "perm"))};
}

std::vector<Tensor> reference_transpose(const ir::Op& op, std::span<const Tensor> x,
                                        std::span<const TensorShape> results) {
  return {picked(x[0], transpose_sources(x[0].dims, op.attrs.integers("perm")), results[0])};
}

std::vector<ir::ValueInfo> infer_reshape(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  ir::ValueInfo result{{x.type.dtype, in.attrs.dims("shape")}, x.contents};
  unify_volumes(in, 1, x.type.dims, result.type.dims);
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  if (!content_dims(in.dims, result.type)) result.contents.reset();
  return {result};
}

std::vector<Tensor> reference_reshape(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  return {Tensor{results[0].dtype, results[0].dims, x[0].data}};
}

std::vector<ir::ValueInfo> infer_broadcast(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  ir::ValueInfo result{{x.type.dtype, in.attrs.dims("shape")}, {}};
  if (result.type.rank() != x.type.rank()) {
    refuse(in, 1, operands_text(in), " cannot broadcast to ", type_text(in.dims, result.type), ": the ranks differ");
  }
  for (size_t i = 0; i < result.type.dims.size(); ++i) {
    ir::Dim& dim = result.type.dims[i];
    const ir::Dim from = in.dims.resolve(x.type.dims[i]);
    const bool one = in.dims.is_constant(from) && in.dims.value(from) == 1;
    if (!one && !in.dims.same(from, dim)) unify(in, 2, from, dim, text("extents ", i, " of a broadcast, where not 1,"));
    dim = in.dims.resolve(dim);
  }
  const auto to = content_dims(in.dims, result.type);
  const auto source = constant_dims(in.dims, x.type.dims);
  if (to && source && x.contents)
    result.contents = picked_contents(in.dims, x.contents, broadcast_sources(*source, *to));
  return {result};
}

std::vector<Tensor> reference_broadcast(const ir::Op&, std::span<const Tensor> x,
                                        std::span<const TensorShape> results) {
  return {picked(x[0], broadcast_sources(x[0].dims, results[0].dims), results[0])};
}

void check_slice_axis(const InferInput& in, size_t axis, ir::Dim extent, ir::Dim start, ir::Dim size, int64_t stride) {
  ir::DimPool& dims = in.dims;
  const ir::Range sizes = dims.range(size);
  if (sizes.max < 0) refuse(in, 2, "size ", dims.to_string(size), " of dimension ", axis, " is negative");
  if (sizes.min < 1) return;
  const ir::Dim last = dims.add(start, dims.mul(dims.sub(size, dims.constant(1)), dims.constant(stride)));
  for (ir::Dim index : {start, last}) {
    const bool below = dims.range(index).max < 0;
    const bool beyond = dims.range(dims.sub(extent, index)).max < 1;
    if (!below && !beyond) continue;
    refuse(in, 3, "dimension ", axis, " of ", operands_text(in), " is read at index ", dims.to_string(index),
           " (start ", dims.to_string(start), ", size ", dims.to_string(size), ", stride ", stride,
           "), outside its extent; shorten the slice");
  }
}

std::vector<ir::ValueInfo> infer_slice(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  const ir::Dims& start = in.attrs.dims("start");
  const ir::Dims& size = in.attrs.dims("size");
  const Index& stride = of(in, "stride");
  const size_t rank = x.type.dims.size();
  if (start.size() != rank || size.size() != rank || stride.size() != rank) {
    refuse(in, 1, "start, size and stride have ", start.size(), ", ", size.size(), " and ", stride.size(),
           " entries, operand ", operands_text(in), " needs ", rank, " of each");
  }
  ir::ValueInfo result{{x.type.dtype, size}, {}};
  for (size_t i = 0; i < rank; ++i) {
    result.type.dims[i] = in.dims.resolve(size[i]);
    check_slice_axis(in, i, in.dims.resolve(x.type.dims[i]), in.dims.resolve(start[i]), result.type.dims[i], stride[i]);
  }
  const auto from = constant_dims(in.dims, x.type.dims);
  const auto starts = constant_dims(in.dims, start);
  const auto sizes = content_dims(in.dims, result.type);
  if (x.contents && from && starts && sizes) {
    result.contents = picked_contents(in.dims, x.contents, slice_sources(*from, *starts, *sizes, stride));
  }
  return {result};
}

std::vector<Tensor> reference_slice(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const ir::Attrs& attrs = op.attrs;
  const Index sources =
      slice_sources(x[0].dims, attrs.integers("start"), attrs.integers("size"), attrs.integers("stride"));
  return {picked(x[0], sources, results[0])};
}

/// Walks the result of a concatenation: fn(operand, index of the element in it).
template <class Fn>
void walk_concat(const std::vector<Index>& operands, size_t axis, Fn fn) {
  int64_t outer = 1;
  for (size_t i = 0; i < axis; ++i) outer *= operands[0][i];
  for (int64_t o = 0; o < outer; ++o) {
    for (size_t p = 0; p < operands.size(); ++p) {
      int64_t block = 1;
      for (size_t i = axis; i < operands[p].size(); ++i) block *= operands[p][i];
      for (int64_t i = 0; i < block; ++i) fn(p, static_cast<size_t>(o * block + i));
    }
  }
}

Contents concat_contents(const InferInput& in, const ir::TensorType& result, size_t axis) {
  if (!content_dims(in.dims, result)) return std::nullopt;
  std::vector<Index> extents;
  for (const ir::ValueInfo& operand : in.operands) {
    const auto dims = constant_dims(in.dims, operand.type.dims);
    if (!operand.contents || !dims) return std::nullopt;
    extents.push_back(*dims);
  }
  std::vector<ir::Dim> elements;
  walk_concat(extents, axis, [&](size_t operand, size_t index) {
    elements.push_back(in.dims.resolve((*in.operands[operand].contents)[index]));
  });
  return elements;
}

std::vector<ir::ValueInfo> infer_concat(const InferInput& in) {
  const ir::TensorType& first = in.operands[0].type;
  require_same_dtype(in, 4);
  const size_t axis = require_axis(in, 2, "axis", first.rank());
  ir::ValueInfo result{first, {}};
  for (const ir::ValueInfo& operand : in.operands.subspan(1)) {
    if (operand.type.rank() != first.rank()) refuse(in, 1, "operands ", operands_text(in), " differ in rank");
    for (size_t i = 0; i < first.dims.size(); ++i) {
      ir::Dim& dim = result.type.dims[i];
      if (i == axis) {
        dim = in.dims.add(dim, operand.type.dims[i]);
      } else if (!in.dims.same(dim, operand.type.dims[i])) {
        dim = unify(in, 3, dim, operand.type.dims[i], text("extents of dimension ", i, " of ", operands_text(in)));
      }
    }
  }
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  result.contents = concat_contents(in, result.type, axis);
  return {result};
}

std::vector<Tensor> reference_concat(const ir::Op& op, std::span<const Tensor> x,
                                     std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  std::vector<Index> extents;
  for (const Tensor& operand : x) extents.push_back(operand.dims);
  size_t at = 0;
  walk_concat(extents, static_cast<size_t>(op.attrs.integer("axis")),
              [&](size_t operand, size_t index) { result.data[at++] = x[operand].data[index]; });
  return {std::move(result)};
}

/// Cancels extents that stand on both sides, so that what is left is short.
void cancel_common(ir::DimPool& dims, ir::Dims& a, ir::Dims& b) {
  for (ir::Dim& dim : a) dim = dims.resolve(dim);
  for (ir::Dim& dim : b) dim = dims.resolve(dim);
  for (size_t i = 0; i < a.size();) {
    const auto found = dims.is_constant(a[i]) ? b.end() : std::find(b.begin(), b.end(), a[i]);
    if (found == b.end()) {
      ++i;
      continue;
    }
    b.erase(found);
    a.erase(a.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

int64_t take_constants(ir::DimPool& dims, ir::Dims& of) {
  ir::Dims rest, constants;
  for (ir::Dim dim : of) (dims.is_constant(dim) ? constants : rest).push_back(dim);
  of = rest;
  return dims.value(dims.product(constants));
}

}  // namespace

Index transpose_sources(const Index& dims, const Index& perm) {
  const Index strides = strides_of(dims);
  Index shape, moved;
  for (int64_t axis : perm) {
    shape.push_back(dims[static_cast<size_t>(axis)]);
    moved.push_back(strides[static_cast<size_t>(axis)]);
  }
  Index sources;
  for_each_index(shape, [&](const Index& index) { sources.push_back(offset_of(index, moved)); });
  return sources;
}

Index broadcast_sources(const Index& dims, const Index& shape) {
  const Index strides = broadcast_strides(dims);
  Index sources;
  for_each_index(shape, [&](const Index& index) { sources.push_back(offset_of(index, strides)); });
  return sources;
}

Index slice_sources(const Index& dims, const Index& start, const Index& size, const Index& stride) {
  const Index strides = strides_of(dims);
  Index sources;
  for_each_index(size, [&](const Index& index) {
    int64_t source = 0;
    for (size_t i = 0; i < dims.size(); ++i) {
      const int64_t at = start[i] + index[i] * stride[i];
      if (at < 0 || at >= dims[i]) {
        fail(Code::kFailedExecution, "slice reads index ", at, " of dimension ", i, " of extent ", dims[i]);
      }
      source += at * strides[i];
    }
    sources.push_back(source);
  });
  return sources;
}

void unify_volumes(const InferInput& in, int constraint, const ir::Dims& x, const ir::Dims& shape) {
  ir::Dims a = x, b = shape;
  cancel_common(in.dims, a, b);
  int64_t a_constant = take_constants(in.dims, a), b_constant = take_constants(in.dims, b);
  const int64_t divisor = std::gcd(a_constant, b_constant);
  if (divisor > 1) {
    a_constant /= divisor;
    b_constant /= divisor;
  }
  const ir::Dim left = in.dims.mul(in.dims.product(a), in.dims.constant(a_constant));
  const ir::Dim right = in.dims.mul(in.dims.product(b), in.dims.constant(b_constant));
  if (in.dims.same(left, right)) return;
  ir::TensorType target{in.operands[0].type.dtype, shape};
  unify(in, constraint, left, right,
        text("volumes of ", type_text(in.dims, {target.dtype, x}), " and ", type_text(in.dims, target),
             " (extents in common left out)"));
}

ir::ValueInfo transposed(const InferInput& in, int constraint, const ir::ValueInfo& x, const Index& perm) {
  const size_t rank = x.type.dims.size();
  std::vector<bool> seen(rank, false);
  bool ok = perm.size() == rank;
  for (size_t i = 0; ok && i < rank; ++i) {
    ok = perm[i] >= 0 && perm[i] < static_cast<int64_t>(rank) && !seen[static_cast<size_t>(perm[i])];
    if (ok) seen[static_cast<size_t>(perm[i])] = true;
  }
  if (!ok) {
    std::string order;
    for (int64_t axis : perm) order += (order.empty() ? "" : ", ") + std::to_string(axis);
    refuse(in, constraint, "[", order, "] is not a permutation of the ", rank, " dimensions of ",
           type_text(in.dims, x.type));
  }
  ir::ValueInfo result{{x.type.dtype, {}}, {}};
  for (int64_t axis : perm) result.type.dims.push_back(in.dims.resolve(x.type.dims[static_cast<size_t>(axis)]));
  const auto dims = constant_dims(in.dims, x.type.dims);
  if (x.contents && dims) result.contents = picked_contents(in.dims, x.contents, transpose_sources(*dims, perm));
  return result;
}

OpDef define_transpose() { return {infer_transpose, nullptr, reference_transpose}; }
OpDef define_reshape() { return {infer_reshape, nullptr, reference_reshape}; }
OpDef define_broadcast() { return {infer_broadcast, nullptr, reference_broadcast}; }
OpDef define_slice() { return {infer_slice, nullptr, reference_slice}; }
OpDef define_concat() { return {infer_concat, nullptr, reference_concat}; }

}  // namespace rondo::ops
