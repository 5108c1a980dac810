#include <algorithm>

#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/movement.h"

// shuffle(x) {perm1, has_reshape, reshape, zero_is_placeholder, perm2}: transposes, reshapes, transposes. An empty perm
// is the identity. Constants among the reshape dimensions may be placeholders: 0 copies the extent at that index
// (zero_is_placeholder), one -1 stands for what is left.
//   C1 a perm is a permutation   C2 at most one -1, with something to infer it from   C3 equal volumes
//   C4 a placeholder 0 has an extent to copy   C5 no other negative extent

namespace rondo::ops {
namespace {

struct Placed {
  ir::ValueInfo first;  ///< after the first transpose
  ir::Dims reshaped;
};

ir::Dim inferred_extent(const InferInput& in, const ir::ValueInfo& x, const ir::Dims& extents, size_t unknown) {
  ir::Dims others;
  for (size_t i = 0; i < extents.size(); ++i) {
    if (i != unknown) others.push_back(in.dims.resolve(extents[i]));
  }
  ir::Dims from;
  for (ir::Dim dim : x.type.dims) {  // an extent that stands on both sides cancels, even where it may be 0
    dim = in.dims.resolve(dim);
    const auto found = in.dims.value_or_unknown(dim) == 0 ? others.end() : std::find(others.begin(), others.end(), dim);
    if (found == others.end()) {
      from.push_back(dim);
    } else {
      others.erase(found);
    }
  }
  const ir::Dim divisor = in.dims.product(others);
  if (in.dims.is_constant(divisor) && in.dims.value(divisor) == 0) {
    refuse(in, 2, "-1 cannot be inferred beside an extent of 0; state the extent");
  }
  return in.dims.floor_div(in.dims.product(from), divisor);
}

ir::Dims reshaped_dims(const InferInput& in, const ir::ValueInfo& x) {
  ir::Dims extents = in.attrs.dims("reshape");
  const bool zero_copies = in.attrs.flag("zero_is_placeholder");
  size_t unknown = extents.size();
  for (size_t i = 0; i < extents.size(); ++i) {
    extents[i] = in.dims.resolve(extents[i]);
    if (!in.dims.is_constant(extents[i])) continue;
    const int64_t value = in.dims.value(extents[i]);
    if (value == 0 && zero_copies) {
      if (i >= x.type.dims.size()) {
        refuse(in, 4, "reshape dimension ", i, " is 0 but ", type_text(in.dims, x.type), " has no dimension ", i,
               " to copy");
      }
      extents[i] = in.dims.resolve(x.type.dims[i]);
    } else if (value == -1) {
      if (unknown != extents.size()) refuse(in, 2, "reshape dimensions ", unknown, " and ", i, " are both -1");
      unknown = i;
    } else if (value < 0) {
      refuse(in, 5, "reshape dimension ", i, " is ", value);
    }
  }
  if (unknown != extents.size()) extents[unknown] = inferred_extent(in, x, extents, unknown);
  unify_volumes(in, 3, x.type.dims, extents);
  for (ir::Dim& dim : extents) dim = in.dims.resolve(dim);
  return extents;
}

Placed place(const InferInput& in) {
  const Index& perm1 = in.attrs.integers("perm1");
  Placed placed;
  placed.first = perm1.empty() ? in.operands[0] : transposed(in, 1, in.operands[0], perm1);
  placed.reshaped = in.attrs.flag("has_reshape") ? reshaped_dims(in, placed.first) : placed.first.type.dims;
  return placed;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const Index& perm2 = in.attrs.integers("perm2");
  const Placed placed = place(in);
  ir::ValueInfo result{{placed.first.type.dtype, placed.reshaped}, placed.first.contents};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  if (!content_dims(in.dims, result.type)) result.contents.reset();
  return {perm2.empty() ? result : transposed(in, 1, result, perm2)};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const ir::ValueInfo x = e.graph().value(e.operand(0)).info;
  const InferInput in{op.kind, op.name, op.attrs, {&x, 1}, e.graph().dims()};
  const Placed placed = place(in);
  ir::ValueId v = e.operand(0);
  if (!op.attrs.integers("perm1").empty()) v = e.transpose(v, op.attrs.integers("perm1"));
  v = e.reshape(v, placed.reshaped);
  if (!op.attrs.integers("perm2").empty()) v = e.transpose(v, op.attrs.integers("perm2"));
  e.replace(0, v);
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const Index& perm1 = op.attrs.integers("perm1");
  const Index& perm2 = op.attrs.integers("perm2");
  Tensor v = x[0];
  if (!perm1.empty()) v = picked(v, transpose_sources(v.dims, perm1), {v.dtype, v.dims});
  v.dims = results[0].dims;
  if (!perm2.empty()) {
    for (size_t i = 0; i < perm2.size(); ++i) v.dims[static_cast<size_t>(perm2[i])] = results[0].dims[i];
    v = picked(v, transpose_sources(v.dims, perm2), results[0]);
  }
  return {std::move(v)};
}

}  // namespace

OpDef define_shuffle() { return {infer, expand, reference}; }

}  // namespace rondo::ops
