// A transpose and a slice are both "result axis k walks the source with stride s_k"; a concatenation is runs of bytes.
// Where the innermost result axis does not walk the source contiguously, two axes are walked in square blocks, so that
// both sides are touched a cache line at a time.
#include "passes/parts/move_constant.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace rondo::passes {
namespace {

// Elements of one side of a block; 16 f32 are one cache line.
constexpr int64_t kBlock = 16;

std::vector<int64_t> values_of(const ir::Graph& graph, const ir::Dims& dims) {
  std::vector<int64_t> values;
  for (ir::Dim dim : dims) values.push_back(graph.dims().value(dim));
  return values;
}

const ir::ConstantBytes& bytes_of(const ir::Graph& graph, ir::ValueId constant) {
  const ir::Attrs& attrs = graph.op(graph.value(constant).def).attrs;
  return graph.constant_data(static_cast<uint32_t>(attrs.integer("data"))).bytes;
}

/// One axis of the result: its extent, and what a step along it is worth in elements of the result and of the source.
struct Axis {
  int64_t extent, to_stride, from_stride;
};

/// Elements (i, j) for i < outer.extent, j < inner.extent, through a small tile: lines of the source are read once along `outer`,
/// lines of the result written once along `inner`, whatever sets of the cache their strides map to.
template <class T>
void copy_block(const T* from, T* to, const Axis& outer, const Axis& inner) {
  T tile[kBlock * kBlock];
  for (int64_t i0 = 0; i0 < outer.extent; i0 += kBlock) {
    const int64_t rows = std::min(kBlock, outer.extent - i0);
    for (int64_t j0 = 0; j0 < inner.extent; j0 += kBlock) {
      const int64_t columns = std::min(kBlock, inner.extent - j0);
      const T* source = from + i0 * outer.from_stride + j0 * inner.from_stride;
      T* target = to + i0 * outer.to_stride + j0 * inner.to_stride;
      for (int64_t j = 0; j < columns; ++j) {
        for (int64_t i = 0; i < rows; ++i) tile[j * kBlock + i] = source[j * inner.from_stride + i * outer.from_stride];
      }
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < columns; ++j) target[i * outer.to_stride + j * inner.to_stride] = tile[j * kBlock + i];
      }
    }
  }
}

template <class T>
void copy_axes(const T* from, T* to, const std::vector<Axis>& axes, size_t at, const Axis& outer, const Axis& inner) {
  if (at == axes.size()) return copy_block(from, to, outer, inner);
  for (int64_t i = 0; i < axes[at].extent; ++i) {
    copy_axes(from + i * axes[at].from_stride, to + i * axes[at].to_stride, axes, at + 1, outer, inner);
  }
}

void copy_strided(const uint8_t* from, uint8_t* to, std::vector<Axis> axes, size_t width) {
  std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.from_stride > b.from_stride; });
  const Axis one{1, 0, 0};
  // The axis the source stores contiguously and the one the result does; blocks run over both.
  const Axis outer = axes.empty() ? one : axes.back();
  if (!axes.empty()) axes.pop_back();
  const auto last = std::min_element(axes.begin(), axes.end(),
                                     [](const Axis& a, const Axis& b) { return a.to_stride < b.to_stride; });
  const Axis inner = last == axes.end() ? one : *last;
  if (last != axes.end()) axes.erase(last);
  switch (width) {
    case 1:
      return copy_axes(from, to, axes, 0, outer, inner);
    case 2:
      return copy_axes(reinterpret_cast<const uint16_t*>(from), reinterpret_cast<uint16_t*>(to), axes, 0, outer, inner);
    case 4:
      return copy_axes(reinterpret_cast<const uint32_t*>(from), reinterpret_cast<uint32_t*>(to), axes, 0, outer, inner);
    case 8:
      return copy_axes(reinterpret_cast<const uint64_t*>(from), reinterpret_cast<uint64_t*>(to), axes, 0, outer, inner);
    default:
      RONDO_CHECK(false, "element of ", width, " bytes");
  }
}

std::vector<int64_t> strides_of(const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

/// Copies a transposed constant into a result with strides `to`, from element `offset` of it on.
void place_transposed(const ir::Graph& graph, const ir::Op& transpose, const std::vector<int64_t>& to, int64_t offset,
                      size_t width, uint8_t* result) {
  const std::vector<int64_t> dims = values_of(graph, graph.type(transpose.results[0]).dims);
  const std::vector<int64_t> from = strides_of(values_of(graph, graph.type(transpose.operands[0]).dims));
  std::vector<Axis> axes;
  for (size_t i = 0; i < dims.size(); ++i) {
    axes.push_back({dims[i], to[i], from[static_cast<size_t>(transpose.attrs.integers("perm")[i])]});
  }
  copy_strided(bytes_of(graph, transpose.operands[0]).data(), result + static_cast<size_t>(offset) * width,
               std::move(axes), width);
}

void concatenate(const ir::Graph& graph, const ir::Op& op, size_t width, Bytes* result) {
  const std::vector<int64_t> dims = values_of(graph, graph.type(op.results[0]).dims), to = strides_of(dims);
  const size_t axis = static_cast<size_t>(op.attrs.integer("axis"));
  size_t rows = 1;
  for (size_t i = 0; i < axis; ++i) rows *= static_cast<size_t>(dims[i]);
  const size_t row = result->size() / rows, column = static_cast<size_t>(to[axis]) * width;
  int64_t offset = 0;
  for (ir::ValueId part : op.operands) {
    const ir::Op& source = graph.op(graph.value(part).def);
    const int64_t extent = graph.dims().value(graph.type(part).dims[axis]);
    if (source.kind == ir::OpKind::k_transpose) {
      place_transposed(graph, source, to, offset * to[axis], width, result->data());
    } else {
      const ir::ConstantBytes& bytes = bytes_of(graph, part);
      const size_t run = static_cast<size_t>(extent) * column;
      for (size_t i = 0; i < rows && run > 0; ++i) {
        std::memcpy(result->data() + i * row + static_cast<size_t>(offset) * column, bytes.data() + i * run, run);
      }
    }
    offset += extent;
  }
}

}  // namespace

Bytes moved_bytes(const ir::Graph& graph, const ir::Op& op) {
  const std::vector<int64_t> dims = values_of(graph, graph.type(op.results[0]).dims);
  const size_t width = dtype_bytes(graph.type(op.results[0]).dtype);
  int64_t volume = 1;
  for (int64_t dim : dims) volume *= dim;
  Bytes result(static_cast<size_t>(volume) * width);
  if (volume == 0) return result;
  if (op.kind == ir::OpKind::k_concat) {
    concatenate(graph, op, width, &result);
    return result;
  }
  const std::vector<int64_t> to = strides_of(dims);
  if (op.kind == ir::OpKind::k_transpose) {
    place_transposed(graph, op, to, 0, width, result.data());
    return result;
  }
  RONDO_CHECK(op.kind == ir::OpKind::k_slice, "not a movement op");
  const std::vector<int64_t> from = strides_of(values_of(graph, graph.type(op.operands[0]).dims));
  std::vector<Axis> axes;
  int64_t offset = 0;
  for (size_t i = 0; i < dims.size(); ++i) {
    offset += graph.dims().value(op.attrs.dims("start")[i]) * from[i];
    axes.push_back({dims[i], to[i], from[i] * op.attrs.integers("stride")[i]});
  }
  copy_strided(bytes_of(graph, op.operands[0]).data() + static_cast<size_t>(offset) * width, result.data(),
               std::move(axes), width);
  return result;
}

}  // namespace rondo::passes
