#include <algorithm>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// reverse_sequence(x, lengths) {batch_axis, sequence_axis}: turns the first lengths[b] entries of the sequence of batch
// entry b around; the rest stays. A length below 0 counts as 0, one above the extent as the extent.
//   C1 lengths are 1-D i32 or i64   C2 both axes inside the rank   C3 the axes differ   C4 as many lengths as batch
//   entries
//
// Expansion: with batch and sequence brought to the front, x is [B, S, ...] and entry s of row b is gathered from
// s < n ? n-1-s : s, n = min(lengths[b], S), for the row the two share. Both transposes are views.

namespace rondo::ops {
namespace {

using tile::PointwiseFn;

struct Axes {
  size_t batch, sequence;
};

Axes axes_of(const ir::Attrs& attrs) {
  return {static_cast<size_t>(attrs.integer("batch_axis")), static_cast<size_t>(attrs.integer("sequence_axis"))};
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::TensorType& lengths = in.operands[1].type;
  if ((lengths.dtype != DType::kInt32 && lengths.dtype != DType::kInt64) || lengths.rank() != 1) {
    refuse(in, 1, "lengths are ", type_text(in.dims, lengths), ", a 1-D i32 or i64 tensor is needed");
  }
  const size_t batch = require_axis(in, 2, "batch_axis", x.rank());
  const size_t sequence = require_axis(in, 2, "sequence_axis", x.rank());
  if (batch == sequence) refuse(in, 3, "dimension ", batch, " cannot be both batch and sequence");
  if (!in.dims.same(lengths.dims[0], x.dims[batch])) {
    unify(in, 4, lengths.dims[0], x.dims[batch],
          text("the lengths and batch dimension ", batch, " of ", operands_text(in)));
  }
  ir::TensorType result = x;
  for (ir::Dim& dim : result.dims) dim = in.dims.resolve(dim);
  return {{result, {}}};
}

/// Batch and sequence first, then the others in order; and the way back.
void orders(const Axes& axes, size_t rank, std::vector<int64_t>* there, std::vector<int64_t>* back) {
  *there = {static_cast<int64_t>(axes.batch), static_cast<int64_t>(axes.sequence)};
  for (size_t i = 0; i < rank; ++i) {
    if (i != axes.batch && i != axes.sequence) there->push_back(static_cast<int64_t>(i));
  }
  back->resize(rank);
  for (size_t i = 0; i < rank; ++i) (*back)[static_cast<size_t>((*there)[i])] = static_cast<int64_t>(i);
}

/// The extent of an axis as a [1, 1] value.
ir::ValueId extent_of(Expander& e, ir::ValueId x, size_t axis, DType dtype) {
  ir::DimPool& pool = e.graph().dims();
  const ir::ValueId shape = e.add(ir::OpKind::k_shape, {{"to", static_cast<int64_t>(dtype)}}, {x});
  const ir::ValueId extent = e.add(ir::OpKind::k_slice,
                                   {{"start", ir::Dims{pool.constant(static_cast<int64_t>(axis))}},
                                    {"size", ir::Dims{pool.constant(1)}},
                                    {"stride", std::vector<int64_t>{1}}},
                                   {shape});
  return e.reshape(extent, {pool.constant(1), pool.constant(1)});
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  const Axes axes = axes_of(op.attrs);
  ir::DimPool& pool = e.graph().dims();
  const ir::TensorType x = e.type(e.operand(0));
  const DType dtype = e.type(e.operand(1)).dtype;
  const ir::Dim batch = x.dims[axes.batch], sequence = x.dims[axes.sequence];
  std::vector<int64_t> there, back;
  orders(axes, x.dims.size(), &there, &back);
  const ir::ValueId rows = e.transpose(e.operand(0), there);
  const ir::ValueId given = e.reshape(e.operand(1), {batch, pool.constant(1)});
  const ir::ValueId length = e.pointwise(PointwiseFn::f_min, {given, extent_of(e, e.operand(0), axes.sequence, dtype)});
  const ir::ValueId position = e.add(
      ir::OpKind::k_iota,
      {{"shape", ir::Dims{pool.constant(1), sequence}}, {"axis", int64_t{1}}, {"dtype", static_cast<int64_t>(dtype)}},
      {});
  const ir::ValueId last = e.pointwise(PointwiseFn::f_sub, {length, e.scalar_like(length, 1)});
  const ir::ValueId mirrored = e.pointwise(PointwiseFn::f_sub, {last, position});
  const ir::ValueId inside = e.pointwise(PointwiseFn::f_less, {position, length});
  const ir::ValueId index = e.pointwise(PointwiseFn::f_select, {inside, mirrored, position});
  const ir::ValueId gathered =
      e.add(ir::OpKind::k_gather, {{"mode", int64_t{0}}, {"axis", int64_t{1}}, {"elementwise_dims", int64_t{1}}},
            {rows, index});
  e.replace(0, e.transpose(gathered, back));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const Axes axes = axes_of(op.attrs);
  const Index strides = strides_of(x[0].dims);
  Index sources;
  for_each_index(x[0].dims, [&](const Index& at) {
    const auto length =
        std::min(static_cast<int64_t>(x[1].data[static_cast<size_t>(at[axes.batch])]), x[0].dims[axes.sequence]);
    Index from = at;
    if (at[axes.sequence] < length) from[axes.sequence] = length - 1 - at[axes.sequence];
    sources.push_back(offset_of(from, strides));
  });
  return {picked(x[0], sources, results[0])};
}

}  // namespace

OpDef define_reverse_sequence() { return {infer, expand, reference}; }

}  // namespace rondo::ops
