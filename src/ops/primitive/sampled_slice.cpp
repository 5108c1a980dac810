#include <algorithm>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// sampled_slice(x[, fill]) {start: Dims, size: Dims, stride: Dims, mode}: a slice that may leave x. Result element i
// reads x at start + i * stride, and an index outside of the extent n is brought inside, axis by axis, by the mode:
//   0 strict   no index may be outside
//   1 wrap     the index modulo n
//   2 clamp    the nearest of 0 and n - 1
//   3 fill     none: the result is the fill value where any axis leaves x; 0 without the operand
//   4 reflect  mirrored at the first and the last element, which are not repeated: -1 -> 1, n -> n - 2; 0 where n is 1
// The modes are rondo::SampleMode; strict slices with constant strides are the op `slice`, which is a view. start and
// stride have any sign, stride 0 repeats one element; all three lists may be symbolic. Any dtype. Padding is start =
// -pre, size = pre + n + post, stride = 1.
//   C1 one entry of start, size and stride per dimension   C2 no size negative   C3 mode is 0 .. 4
//   C4 fill is a scalar (0-D) of x's dtype, in mode 3 only   C5 but in mode 3, an extent of 0 gives no elements
//   C6 in mode 0, every index is inside x

namespace rondo::ops {
namespace {

enum Mode : int64_t { kStrict = 0, kWrap = 1, kClamp = 2, kFill = 3, kReflect = 4 };

/// The index that is read instead of `at` in an extent of n >= 1; -1 for none.
int64_t index_for(int64_t mode, int64_t at, int64_t n) {
  if (at >= 0 && at < n) return at;
  const auto modulo = [](int64_t a, int64_t m) { return ((a % m) + m) % m; };
  if (mode == kWrap) return modulo(at, n);
  if (mode == kClamp) return at < 0 ? 0 : n - 1;
  if (mode == kFill || mode == kStrict) return -1;
  if (n == 1) return 0;
  const int64_t period = 2 * (n - 1), inside = modulo(at, period);
  return inside < n ? inside : period - inside;
}

/// Source in x of every result element, -1 for the fill value.
Index sources_of(int64_t mode, const Index& dims, const Index& start, const Index& size, const Index& stride) {
  const Index strides = strides_of(dims);
  Index sources;
  for_each_index(size, [&](const Index& index) {
    int64_t source = 0;
    for (size_t i = 0; i < dims.size() && source >= 0; ++i) {
      const int64_t at = index_for(mode, start[i] + index[i] * stride[i], dims[i]);
      source = at < 0 ? -1 : source + at * strides[i];
    }
    sources.push_back(source);
  });
  return sources;
}

void check_fill(const InferInput& in, int64_t mode) {
  if (in.operands.size() < 2) return;
  const ir::TensorType& fill = in.operands[1].type;
  if (mode == kFill && fill.rank() == 0 && fill.dtype == in.operands[0].type.dtype) return;
  refuse(in, 4, "operands ", operands_text(in), " in mode ", mode,
         ": a fill value belongs to mode 3 (fill) and is a 0-D tensor of x's type");
}

void check_axis(const InferInput& in, size_t axis, ir::Dim extent, ir::Dim size, int64_t mode) {
  const ir::Range sizes = in.dims.range(size);
  if (sizes.max < 0) refuse(in, 2, "size ", in.dims.to_string(size), " of dimension ", axis, " is negative");
  if (mode == kFill || sizes.min < 1 || in.dims.range(extent).max > 0) return;
  refuse(in, 5, "dimension ", axis, " of ", operands_text(in), " has no elements to take ", in.dims.to_string(size),
         " from; only mode 3 (fill) makes elements");
}

/// Refuses a strict slice that is known to leave x.
void check_strict(const InferInput& in, size_t axis, ir::Dim extent, ir::Dim size) {
  ir::DimPool& dims = in.dims;
  const ir::Dim start = dims.resolve(in.attrs.dims("start")[axis]),
                stride = dims.resolve(in.attrs.dims("stride")[axis]);
  if (dims.range(size).min < 1) return;
  const ir::Dim last = dims.add(start, dims.mul(dims.sub(size, dims.constant(1)), stride));
  for (ir::Dim index : {start, last}) {
    if (dims.range(index).max >= 0 && dims.range(dims.sub(extent, index)).max >= 1) continue;
    refuse(in, 6, "dimension ", axis, " of ", operands_text(in), " is read at index ", dims.to_string(index),
           ", outside its extent; shorten the slice or choose a sampling mode");
  }
}

Contents sampled_contents(const InferInput& in, const ir::TensorType& result, int64_t mode) {
  const ir::ValueInfo& x = in.operands[0];
  const auto from = constant_dims(in.dims, x.type.dims);
  const auto start = constant_dims(in.dims, in.attrs.dims("start"));
  const auto stride = constant_dims(in.dims, in.attrs.dims("stride"));
  const auto size = content_dims(in.dims, result);
  if (!x.contents || !from || !start || !stride || !size) return std::nullopt;
  const Index sources = sources_of(mode, *from, *start, *size, *stride);
  if (mode == kStrict && std::count(sources.begin(), sources.end(), -1) > 0) return std::nullopt;
  if (in.operands.size() > 1 && !in.operands[1].contents) return std::nullopt;
  const ir::Dim fill = in.operands.size() > 1 ? (*in.operands[1].contents)[0] : in.dims.constant(0);
  std::vector<ir::Dim> elements;
  for (const int64_t from : sources) elements.push_back(from < 0 ? fill : (*x.contents)[static_cast<size_t>(from)]);
  return elements;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::Dims& start = in.attrs.dims("start");
  const ir::Dims& size = in.attrs.dims("size");
  const ir::Dims& stride = in.attrs.dims("stride");
  const int64_t mode = in.attrs.integer("mode");
  const size_t rank = x.dims.size();
  if (start.size() != rank || size.size() != rank || stride.size() != rank) {
    refuse(in, 1, "start, size and stride have ", start.size(), ", ", size.size(), " and ", stride.size(),
           " entries, operand ", type_text(in.dims, x), " needs ", rank, " of each");
  }
  if (mode < kStrict || mode > kReflect) refuse(in, 3, "there is no sampling mode ", mode);
  check_fill(in, mode);
  ir::ValueInfo result{{x.dtype, {}}, {}};
  for (size_t i = 0; i < rank; ++i) {
    result.type.dims.push_back(in.dims.resolve(size[i]));
    check_axis(in, i, in.dims.resolve(x.dims[i]), result.type.dims[i], mode);
    if (mode == kStrict) check_strict(in, i, in.dims.resolve(x.dims[i]), result.type.dims[i]);
  }
  result.contents = sampled_contents(in, result.type, mode);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const int64_t mode = op.attrs.integer("mode");
  Tensor result = zeros(results[0]);
  for (size_t i = 0; i < result.dims.size(); ++i) {
    if (mode == kFill || x[0].dims[i] > 0 || result.volume() == 0) continue;
    fail(Code::kFailedExecution, "sampled_slice takes ", result.dims[i], " elements of dimension ", i, " of extent 0");
  }
  const Index sources =
      sources_of(mode, x[0].dims, op.attrs.integers("start"), result.dims, op.attrs.integers("stride"));
  if (mode == kStrict && std::count(sources.begin(), sources.end(), -1) > 0) {
    fail(Code::kFailedExecution, "sampled_slice in strict mode leaves x");
  }
  const double fill = x.size() > 1 ? x[1].data[0] : 0.0;
  for (size_t i = 0; i < sources.size(); ++i) {
    result.data[i] = sources[i] < 0 ? fill : x[0].data[static_cast<size_t>(sources[i])];
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_sampled_slice() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
