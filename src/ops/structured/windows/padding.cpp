#include <algorithm>
#include <limits>

#include "ops/op_list.h"
#include "ops/primitive/windows.h"
#include "ops/reference.h"

// padding(x [.., H, W]) {pre, post: ints} -> [.., pre0 + H + post0, pre1 + W + post1]
//   Puts zeros around the last two dimensions; a negative number cuts elements off. What is cut on one side may be more
//   than the other side adds. C1 rank(x) >= 2   C2 two entries in pre and post   C3 no extent becomes negative

namespace rondo::ops {
namespace {

constexpr size_t kPadded = 2;  // trailing dimensions
constexpr int64_t kFill = 3;   // SampleMode

ir::Dims padded_shape(ir::DimPool& dims, const ir::Attrs& attrs, const ir::Dims& x) {
  ir::Dims shape;
  for (const ir::Dim extent : x) shape.push_back(dims.resolve(extent));
  for (size_t i = 0; i < kPadded; ++i) {
    ir::Dim& extent = shape[shape.size() - kPadded + i];
    const ir::Dim added = dims.add(dims.constant(attrs.integers("pre")[i]), dims.constant(attrs.integers("post")[i]));
    extent = dims.add(extent, added);
  }
  return shape;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  if (x.rank() < 2) refuse(in, 1, operands_text(in), " lacks the two dimensions that are padded");
  for (const char* list : {"pre", "post"}) require_list(in, 2, list, kPadded, std::numeric_limits<int64_t>::min());
  ir::ValueInfo result{{x.dtype, padded_shape(in.dims, in.attrs, x.dims)}, {}};
  for (size_t i = 0; i < result.type.dims.size(); ++i) {
    ir::Dim& extent = result.type.dims[i];
    if (in.dims.range(extent).max < 0) {
      refuse(in, 3, "dimension ", i, " of ", operands_text(in), " would have the extent ", in.dims.to_string(extent),
             "; crop less");
    }
    extent = in.dims.max(extent, in.dims.constant(0));
  }
  return {result};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const size_t rank = e.type(op.operands[0]).dims.size();
  ir::Dims start(rank, dims.constant(0));
  for (size_t i = 0; i < kPadded; ++i) {
    start[rank - kPadded + i] = dims.sub(dims.constant(0), dims.constant(op.attrs.integers("pre")[i]));
  }
  const ir::Dims stride(rank, dims.constant(1)), size = e.type(op.results[0]).dims;
  e.replace(0, e.add(ir::OpKind::k_sampled_slice,
                     {{"start", start}, {"size", size}, {"stride", stride}, {"mode", kFill}}, {op.operands[0]}));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Index strides = strides_of(x[0].dims);
  const size_t first = result.dims.size() - kPadded;
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& y) {
    Index from = y;
    bool inside = true;
    for (size_t i = 0; i < kPadded; ++i) {
      from[first + i] -= op.attrs.integers("pre")[i];
      inside = inside && from[first + i] >= 0 && from[first + i] < x[0].dims[first + i];
    }
    if (inside) result.data[at] = x[0].data[static_cast<size_t>(offset_of(from, strides))];
    ++at;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_padding() { return {infer, expand, reference}; }

}  // namespace rondo::ops
