// Slices. Inside the bounds a slice is the op `slice`, a view wherever it can be one; beyond the edge, and with strides
// that are no constants, it is `sampled_slice`. Start, size and stride come from the layer or from shape operands, and
// speak of all dimensions or of some axes; here they become one entry per dimension.

#include <algorithm>

#include "api/layers/operands.h"
#include "api/layers/shape.h"
#include "ops/contents.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

/// Of a start or stride that only the run knows.
constexpr ir::Range kAnyIndex{-INT32_MAX, 0, INT32_MAX};

bool given(const Refs& in, size_t index) { return index < in.size() && in[index] != Emitter::kNoRef; }

void require_bounds(const Dims& dims, const std::string& who, const char* what) {
  require(dims.nbDims >= -1 && dims.nbDims <= Dims::MAX_DIMS, who, ": ", what, " has ", dims.nbDims, " entries");
}

ir::Dims index_operand(const LayerNode& layer, Emitter& out, Emitter::Ref ref, const char* what) {
  const ir::TensorType type = out.type(ref);
  require((type.dtype == DType::kInt32 || type.dtype == DType::kInt64) && type.rank() == 1, layer.who(), ": ", what,
          " must be a 1-D int32 or int64 tensor, got ", dtype_name(type.dtype), " of rank ", type.rank());
  return out.values_of(ref, text(layer.who(), ": ", what), kAnyIndex);
}

}  // namespace

SliceLayer::SliceLayer(Network& network, Tensor& input, const Dims& start, const Dims& size, const Dims& stride)
    : LayerOf(network, LayerType::kSLICE, {&input}), start_(start), size_(size), stride_(stride) {
  require_bounds(start, "addSlice", "start");
  require_bounds(size, "addSlice", "size");
  require_bounds(stride, "addSlice", "stride");
}

void SliceLayer::setStart(Dims const& start) noexcept {
  set("ISliceLayer::setStart", [&] {
    require_bounds(start, who(), "start");
    start_ = start;
  });
}

void SliceLayer::setSize(Dims const& size) noexcept {
  set("ISliceLayer::setSize", [&] {
    require_bounds(size, who(), "size");
    size_ = size;
  });
}

void SliceLayer::setStride(Dims const& stride) noexcept {
  set("ISliceLayer::setStride", [&] {
    require_bounds(stride, who(), "stride");
    stride_ = stride;
  });
}

void SliceLayer::setMode(SampleMode mode) noexcept {
  set("ISliceLayer::setMode", [&] {
    require_enum(mode, "ISliceLayer::setMode: SampleMode");
    mode_ = mode;
  });
}

void SliceLayer::setAxes(Dims const& axes) noexcept {
  set("ISliceLayer::setAxes", [&] {
    require_bounds(axes, who(), "axes");
    axes_ = axes;
  });
}

void SliceLayer::input_changed(size_t index) {
  Dims* replaced[] = {nullptr, &start_, &size_, &stride_, nullptr, &axes_};
  if (replaced[index]) *replaced[index] = Dims{-1, {}};
}

SliceLayer::Bounds SliceLayer::bounds(Emitter& out, const Refs& in) const {
  ir::DimPool& dims = out.dims();
  Bounds part;
  part.start = given(in, 1) ? index_operand(*this, out, in[1], "input 1, start,") : to_inner(dims, start_);
  part.size = given(in, 2) ? shape_operand(*this, out, in[2], "input 2, size,") : to_inner(dims, size_);
  part.stride = given(in, 3) ? index_operand(*this, out, in[3], "input 3, stride,") : to_inner(dims, stride_);
  if (!given(in, 5) && axes_.nbDims < 0) return part;
  const auto axes = given(in, 5) ? constant_operand(*this, out, in[5], "input 5, axes,") : to_vector(axes_);
  const size_t count = axes.size();
  require(part.start.size() == count && part.size.size() == count && part.stride.size() == count, who(), ": ", count,
          " axes but ", part.start.size(), " starts, ", part.size.size(), " sizes and ", part.stride.size(),
          " strides");
  const ir::Dims extents = out.type(in[0]).dims;
  const auto rank = static_cast<int64_t>(extents.size());
  Bounds all{ir::Dims(extents.size(), dims.constant(0)), extents, ir::Dims(extents.size(), dims.constant(1))};
  std::vector<bool> seen(extents.size());
  for (size_t i = 0; i < count; ++i) {
    require(axes[i] >= -rank && axes[i] < rank, who(), ": axis ", axes[i], " is outside ", -rank, " .. ", rank - 1);
    const auto at = static_cast<size_t>(axes[i] < 0 ? axes[i] + rank : axes[i]);
    require(!seen[at], who(), ": axis ", axes[i], " is named twice");
    seen[at] = true;
    all.start[at] = part.start[i];
    all.size[at] = part.size[i];
    all.stride[at] = part.stride[i];
  }
  return all;
}

Refs SliceLayer::emit(Emitter& out, const Refs& in) const {
  const Bounds part = bounds(out, in);
  const auto strides = ops::constant_dims(out.dims(), part.stride);
  if (mode_ == SampleMode::kSTRICT_BOUNDS && strides) {
    ir::Attrs attrs{{"start", part.start}, {"size", part.size}, {"stride", *strides}};
    return {out.add(ir::OpKind::k_slice, attrs, {in[0]}, name())};
  }
  Refs operands = {in[0]};
  if (mode_ == SampleMode::kFILL && given(in, 4)) {
    require(out.type(in[4]).rank() == 0, who(), ": input 4, the fill value, must be 0-D");
    operands.push_back(out.cast(in[4], out.type(in[0]).dtype, name()));
  }
  ir::Attrs attrs{
      {"start", part.start}, {"size", part.size}, {"stride", part.stride}, {"mode", static_cast<int64_t>(mode_)}};
  return {out.add(ir::OpKind::k_sampled_slice, attrs, operands, name())};
}

}  // namespace rondo::api
