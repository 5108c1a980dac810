#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// scatter(data, indices, updates) {mode, axis}: data with updates written into it by index. With r, q the ranks of data
// and indices; the modes are rondo::ScatterMode:
//   0 element  indices and updates have one shape of rank r; updates[i, j] goes to data[indices[i, j], j] along axis
//   1 nd       the last dimension of indices, of extent k, holds coordinates of data's first k dimensions;
//              updates = indices[:-1] + data[k:], whole slices of data
// An index outside of data, negative ones too, drops its update. Where several updates meet, the last in row-major
// order of updates stays, whatever the number of threads. Any dtype.
//   C1 indices are i32 or i64   C2 data and updates of one dtype   C3 element: axis inside the rank   C4 element: data,
//   indices and updates of one rank, at least 1   C5 element: indices and updates of one shape, no larger than data but
//   along axis   C6 nd: k constant, 1 .. r, q >= 1   C7 nd: updates have the shape indices[:-1] + data[k:]
//   C8 there is no other mode

namespace rondo::ops {
namespace {

enum Mode : int64_t { kElement = 0, kNd = 1 };

void check_element(const InferInput& in) {
  const ir::Dims& data = in.operands[0].type.dims;
  const ir::Dims& indices = in.operands[1].type.dims;
  const ir::Dims& updates = in.operands[2].type.dims;
  const size_t axis = require_axis(in, 3, "axis", static_cast<int>(data.size()));
  if (data.size() != indices.size() || data.size() != updates.size()) {
    refuse(in, 4, "in ELEMENT mode data, indices and updates need one rank, got ", operands_text(in));
  }
  for (size_t i = 0; i < data.size(); ++i) {
    if (!in.dims.same(indices[i], updates[i])) {
      unify(in, 5, indices[i], updates[i], text("extents ", i, " of indices and updates of ", operands_text(in)));
    }
    if (i == axis || in.dims.range(in.dims.sub(data[i], updates[i])).max >= 0) continue;
    refuse(in, 5, "updates of ", operands_text(in), " are larger than data along dimension ", i,
           ", which is not the axis");
  }
}

void check_nd(const InferInput& in) {
  const ir::Dims& data = in.operands[0].type.dims;
  const ir::Dims& indices = in.operands[1].type.dims;
  const ir::Dims& updates = in.operands[2].type.dims;
  const int64_t k = indices.empty() ? -1 : in.dims.value_or_unknown(in.dims.resolve(indices.back()));
  if (k < 1 || k > static_cast<int64_t>(data.size())) {
    refuse(in, 6, "in ND mode the last extent of indices in ", operands_text(in), " must be a constant of 1 .. ",
           data.size(), ", the number of coordinates");
  }
  ir::Dims expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + k, data.end());
  if (expected.size() != updates.size()) {
    refuse(in, 7, "updates in ", operands_text(in), " need rank ", expected.size(),
           ": the shape of indices without its last dimension, then data's dimensions from ", k, " on");
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (in.dims.same(expected[i], updates[i])) continue;
    unify(in, 7, updates[i], expected[i], text("extents ", i, " of the updates in ", operands_text(in)));
  }
}

/// The place in data of every element of updates, -1 where it is dropped. `entry(i)` is element i of the indices.
template <class Entry>
Index targets_of(int64_t mode, size_t axis, const Index& data, const Index& indices, const Index& updates,
                 Entry entry) {
  const Index strides = strides_of(data), index_strides = strides_of(indices);
  const size_t k = mode == kNd ? static_cast<size_t>(indices.back()) : 1;
  Index targets;
  for_each_index(updates, [&](const Index& at) {
    Index place = at;
    if (mode == kElement) {
      place[axis] = entry(offset_of(at, index_strides));
    } else {
      const size_t lead = indices.size() - 1;
      Index first(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(lead));
      first.push_back(0);
      place.clear();
      for (size_t c = 0; c < k; ++c) place.push_back(entry(offset_of(first, index_strides) + static_cast<int64_t>(c)));
      place.insert(place.end(), at.begin() + static_cast<std::ptrdiff_t>(lead), at.end());
    }
    bool inside = true;
    for (size_t i = 0; i < place.size(); ++i) inside = inside && place[i] >= 0 && place[i] < data[i];
    targets.push_back(inside ? offset_of(place, strides) : -1);
  });
  return targets;
}

Contents scattered_contents(const InferInput& in, int64_t mode, size_t axis) {
  const auto data = content_dims(in.dims, in.operands[0].type);
  const auto indices = constant_dims(in.dims, in.operands[1].type.dims);
  const auto updates = constant_dims(in.dims, in.operands[2].type.dims);
  const auto& entries = in.operands[1].contents;
  const bool known = in.operands[0].contents && entries && in.operands[2].contents;
  if (!known || !data || !indices || !updates) return std::nullopt;
  for (ir::Dim entry : *entries) {
    if (!in.dims.is_constant(in.dims.resolve(entry))) return std::nullopt;
  }
  const auto entry = [&](int64_t i) { return in.dims.value(in.dims.resolve((*entries)[static_cast<size_t>(i)])); };
  const Index targets = targets_of(mode, axis, *data, *indices, *updates, entry);
  std::vector<ir::Dim> elements = *in.operands[0].contents;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] >= 0) elements[static_cast<size_t>(targets[i])] = (*in.operands[2].contents)[i];
  }
  return elements;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const int64_t mode = in.attrs.integer("mode");
  const ir::TensorType& indices = in.operands[1].type;
  if (indices.dtype != DType::kInt32 && indices.dtype != DType::kInt64) {
    refuse(in, 1, "indices are ", type_text(in.dims, indices), ", i32 or i64 is needed");
  }
  if (in.operands[0].type.dtype != in.operands[2].type.dtype) {
    refuse(in, 2, "data and updates of ", operands_text(in), " differ in type; cast one of them");
  }
  if (mode != kElement && mode != kNd) refuse(in, 8, "there is no scatter mode ", mode);
  mode == kElement ? check_element(in) : check_nd(in);
  ir::ValueInfo result{in.operands[0].type, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  const size_t axis = mode == kElement ? static_cast<size_t>(in.attrs.integer("axis")) : 0;
  result.contents = scattered_contents(in, mode, axis);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape>) {
  const int64_t mode = op.attrs.integer("mode");
  const size_t axis = mode == kElement ? static_cast<size_t>(op.attrs.integer("axis")) : 0;
  for (size_t i = 0; i < x[0].dims.size() && mode == kElement; ++i) {
    if (i == axis || x[2].dims[i] <= x[0].dims[i]) continue;
    fail(Code::kFailedExecution, "scatter updates are larger than data along dimension ", i);
  }
  const auto entry = [&](int64_t i) { return static_cast<int64_t>(x[1].data[static_cast<size_t>(i)]); };
  const Index targets = targets_of(mode, axis, x[0].dims, x[1].dims, x[2].dims, entry);
  Tensor result = x[0];
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] >= 0) result.data[static_cast<size_t>(targets[i])] = x[2].data[i];
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_scatter() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
