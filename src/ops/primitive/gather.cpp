#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// gather(data, indices) {mode, axis, elementwise_dims}: reads data at indices; an index outside of it, negative ones
// too, reads 0. With r, q the ranks, e = elementwise_dims leading dimensions that both share, a = axis:
//   0 default  out = data[:a] + indices[e:] + data[a+1:]      whole slices along axis a
//   1 element  out = indices                                  out[i, j] = data[indices[i, j], j] along axis a
//   2 nd       out = data[:e] + indices[e:-1] + data[e+n:]    the last n = indices[-1] entries are a coordinate
// C1 indices are i32 or i64   C2 axis inside the rank and >= e   C3 shared extents equal or 1   C4 element: equal
// ranks, e 0, other extents of indices no larger than data's   C5 nd: n constant, e + n <= r, e < q   C6 e not
// negative, below both ranks

namespace rondo::ops {
namespace {

enum Mode : int64_t { kDefault = 0, kElement = 1, kNd = 2 };

using Dims = ir::Dims;

Dims shared_dims(const InferInput& in, size_t e) {
  const Dims& data = in.operands[0].type.dims;
  const Dims& indices = in.operands[1].type.dims;
  Dims result;
  for (size_t i = 0; i < e; ++i) {
    result.push_back(broadcast_dim(in, 3, data[i], indices[i],
                                   text("shared extents ", i, " of ", operands_text(in), ", where not 1,")));
  }
  return result;
}

Dims default_dims(const InferInput& in, size_t e) {
  const Dims& data = in.operands[0].type.dims;
  const Dims& indices = in.operands[1].type.dims;
  const size_t axis = require_axis(in, 2, "axis", static_cast<int>(data.size()));
  if (axis < e) refuse(in, 2, "axis ", axis, " lies inside the ", e, " elementwise dimensions");
  Dims result = shared_dims(in, e);
  result.insert(result.end(), data.begin() + static_cast<std::ptrdiff_t>(e),
                data.begin() + static_cast<std::ptrdiff_t>(axis));
  result.insert(result.end(), indices.begin() + static_cast<std::ptrdiff_t>(e), indices.end());
  result.insert(result.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  return result;
}

Dims element_dims(const InferInput& in, size_t e) {
  const Dims& data = in.operands[0].type.dims;
  const Dims& indices = in.operands[1].type.dims;
  const size_t axis = require_axis(in, 2, "axis", static_cast<int>(data.size()));
  bool ok = data.size() == indices.size() && e == 0;
  for (size_t i = 0; ok && i < data.size(); ++i) {
    ok = i == axis || in.dims.range(in.dims.sub(data[i], indices[i])).max >= 0;
  }
  if (!ok) {
    refuse(in, 4, "in ELEMENT mode ", operands_text(in),
           " need equal ranks, no elementwise dimensions, and indices no larger "
           "than data but along axis ",
           axis);
  }
  return indices;
}

Dims nd_dims(const InferInput& in, size_t e) {
  const Dims& data = in.operands[0].type.dims;
  const Dims& indices = in.operands[1].type.dims;
  const ir::Dim last = indices.empty() ? in.dims.constant(-1) : in.dims.resolve(indices.back());
  const int64_t n = in.dims.value_or_unknown(last);
  if (n < 1 || e + static_cast<size_t>(n) > data.size() || e >= indices.size()) {
    refuse(in, 5, "in ND mode the last extent of indices in ", operands_text(in), " must be a constant of 1 .. ",
           data.size() - e, ", with ", e, " elementwise dimensions");
  }
  Dims result = shared_dims(in, e);
  result.insert(result.end(), indices.begin() + static_cast<std::ptrdiff_t>(e), indices.end() - 1);
  result.insert(result.end(), data.begin() + static_cast<std::ptrdiff_t>(e) + n, data.end());
  return result;
}

/// Shape of one call with constant extents, and the walk that both the reference and contents use.
struct Walk {
  Mode mode;
  size_t axis, e;
  Index data, indices, out;
};

int64_t along(const Index& dims, size_t axis, int64_t at) { return dims[axis] == 1 ? 0 : at; }

/// Place in the indices tensor whose entry (or first entry, nd) result element `at` needs, and where in data it reads once the
/// entries are known.
Index index_place(const Walk& w, const Index& at) {
  Index place;
  for (size_t i = 0; i < w.indices.size(); ++i) {
    if (w.mode == kNd && i + 1 == w.indices.size()) {
      place.push_back(0);
    } else if (w.mode == kDefault && i >= w.e) {
      place.push_back(at[w.axis + i - w.e]);
    } else {
      place.push_back(i < w.e ? along(w.indices, i, at[i]) : at[i]);
    }
  }
  return place;
}

Index data_place(const Walk& w, const Index& at, const Index& entries) {
  Index place;
  for (size_t i = 0; i < w.data.size(); ++i) {
    const size_t n = entries.size();
    if (i < w.e) {
      place.push_back(along(w.data, i, at[i]));
    } else if (w.mode == kNd) {
      place.push_back(i < w.e + n ? entries[i - w.e] : at[i + w.indices.size() - 1 - w.e - n]);
    } else if (i == w.axis) {
      place.push_back(entries[0]);
    } else {
      place.push_back(w.mode == kDefault && i > w.axis ? at[i + w.indices.size() - w.e - 1] : at[i]);
    }
  }
  return place;
}

/// Source in data of every result element, -1 for 0. `entry(i)` is element i of the indices.
template <class Entry>
Index sources_of(const Walk& w, Entry entry) {
  const Index strides = strides_of(w.indices), data_strides = strides_of(w.data);
  const int64_t n = w.mode == kNd ? w.indices.back() : 1;
  Index sources;
  for_each_index(w.out, [&](const Index& at) {
    const int64_t first = offset_of(index_place(w, at), strides);
    Index entries;
    for (int64_t i = 0; i < n; ++i) entries.push_back(entry(first + i));
    const Index place = data_place(w, at, entries);
    bool inside = true;
    for (size_t i = 0; i < place.size(); ++i) inside = inside && place[i] >= 0 && place[i] < w.data[i];
    sources.push_back(inside ? offset_of(place, data_strides) : -1);
  });
  return sources;
}

Contents gathered_contents(const InferInput& in, const ir::TensorType& result, Mode mode, size_t e) {
  const auto data = constant_dims(in.dims, in.operands[0].type.dims);
  const auto indices = constant_dims(in.dims, in.operands[1].type.dims);
  const auto out = content_dims(in.dims, result);
  const auto& entries = in.operands[1].contents;
  if (!data || !indices || !out || !entries || !in.operands[0].contents) return std::nullopt;
  for (ir::Dim entry : *entries) {
    if (!in.dims.is_constant(in.dims.resolve(entry))) return std::nullopt;
  }
  const size_t axis = mode == kNd ? 0 : static_cast<size_t>(in.attrs.integer("axis"));
  const Walk walk{mode, axis, e, *data, *indices, *out};
  const auto entry = [&](int64_t i) { return in.dims.value(in.dims.resolve((*entries)[static_cast<size_t>(i)])); };
  return picked_contents(in.dims, in.operands[0].contents, sources_of(walk, entry));
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const auto mode = static_cast<Mode>(in.attrs.integer("mode"));
  const int64_t e = in.attrs.integer("elementwise_dims");
  const ir::TensorType& data = in.operands[0].type;
  const ir::TensorType& indices = in.operands[1].type;
  if (indices.dtype != DType::kInt32 && indices.dtype != DType::kInt64) {
    refuse(in, 1, "indices are ", type_text(in.dims, indices), ", i32 or i64 is needed");
  }
  if (e < 0 || e > data.rank() || e > indices.rank()) {
    refuse(in, 6, e, " elementwise dimensions do not fit ", operands_text(in));
  }
  ir::ValueInfo result{{data.dtype, {}}, {}};
  const auto shared = static_cast<size_t>(e);
  switch (mode) {
    case kDefault:
      result.type.dims = default_dims(in, shared);
      break;
    case kElement:
      result.type.dims = element_dims(in, shared);
      break;
    case kNd:
      result.type.dims = nd_dims(in, shared);
      break;
    default:
      RONDO_CHECK(false, "gather mode ", static_cast<int64_t>(mode));
  }
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  result.contents = gathered_contents(in, result.type, mode, shared);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto mode = static_cast<Mode>(op.attrs.integer("mode"));
  const size_t axis = mode == kNd ? 0 : static_cast<size_t>(op.attrs.integer("axis"));
  const Walk walk{mode,      axis,      static_cast<size_t>(op.attrs.integer("elementwise_dims")),
                  x[0].dims, x[1].dims, results[0].dims};
  const auto entry = [&](int64_t i) { return static_cast<int64_t>(x[1].data[static_cast<size_t>(i)]); };
  return {picked(x[0], sources_of(walk, entry), results[0])};
}

}  // namespace

OpDef define_gather() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
