// Slices. Inside the bounds a slice is one op, whose start and size may be symbols. Beyond the edge it is, per
// dimension, a gather by a constant list of indices: wrapped, clamped or mirrored ones stay inside the data, and an
// index that stays outside reads 0, the default fill. Another fill value is put there by a select along the same list.

#include "api/layers/operands.h"
#include "api/layers/shape.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

int64_t modulo(int64_t a, int64_t n) { return ((a % n) + n) % n; }

// The index that a mode reads instead of `at` in an extent n >= 1; -1 for none.
int64_t index_for(SampleMode mode, int64_t at, int64_t n) {
  if (at >= 0 && at < n) return at;
  switch (mode) {
    case SampleMode::kWRAP:
      return modulo(at, n);
    case SampleMode::kCLAMP:
      return at < 0 ? 0 : n - 1;
    case SampleMode::kREFLECT: {
      if (n == 1) return 0;
      const int64_t period = 2 * (n - 1), inside = modulo(at, period);
      return inside < n ? inside : period - inside;
    }
    default:
      return -1;
  }
}

void require_bounds(const Dims& dims, const std::string& who, const char* what) {
  require(dims.nbDims >= -1 && dims.nbDims <= Dims::MAX_DIMS, who, ": ", what, " has ", dims.nbDims, " entries");
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
  const auto given = [&](size_t index) { return index < in.size() && in[index] != Emitter::kNoRef; };
  ir::DimPool& dims = out.dims();
  Bounds part;
  part.start = given(1) ? shape_operand(*this, out, in[1], "input 1, start,") : to_inner(dims, start_);
  part.size = given(2) ? shape_operand(*this, out, in[2], "input 2, size,") : to_inner(dims, size_);
  part.stride = given(3) ? constant_operand(*this, out, in[3], "input 3, stride,") : to_vector(stride_);
  const bool by_axis = given(5) || axes_.nbDims >= 0;
  if (!by_axis) return part;
  const auto axes = given(5) ? constant_operand(*this, out, in[5], "input 5, axes,") : to_vector(axes_);
  const size_t count = axes.size();
  require(part.start.size() == count && part.size.size() == count && part.stride.size() == count, who(), ": ", count,
          " axes but ", part.start.size(), " starts, ", part.size.size(), " sizes and ", part.stride.size(),
          " strides");
  const ir::Dims& extents = out.type(in[0]).dims;
  Bounds all{ir::Dims(extents.size(), dims.constant(0)), extents, std::vector<int64_t>(extents.size(), 1)};
  for (size_t i = 0; i < count; ++i) {
    const int64_t axis = axes[i];
    require(axis >= 0 && axis < static_cast<int64_t>(extents.size()), who(), ": axis ", axis, " is outside 0 .. ",
            extents.size() - 1);
    const auto at = static_cast<size_t>(axis);
    all.start[at] = part.start[i];
    all.size[at] = part.size[i];
    all.stride[at] = part.stride[i];
  }
  return all;
}

Refs SliceLayer::emit(Emitter& out, const Refs& in) const {
  const Bounds part = bounds(out, in);
  if (mode_ != SampleMode::kSTRICT_BOUNDS) return {sample(out, in, part)};
  ir::Attrs attrs{{"start", part.start}, {"size", part.size}, {"stride", part.stride}};
  return {out.add(ir::OpKind::k_slice, attrs, {in[0]}, name())};
}

Emitter::Ref SliceLayer::sample(Emitter& out, const Refs& in, const Bounds& part) const {
  const ir::Dims extents = out.type(in[0]).dims;
  const size_t rank = extents.size();
  require(part.start.size() == rank && part.size.size() == rank && part.stride.size() == rank, who(),
          ": start, size and ", "stride need ", rank, " entries each");
  const bool filled = mode_ == SampleMode::kFILL && in.size() > 4 && in[4] != Emitter::kNoRef;
  Emitter::Ref x = in[0];
  for (size_t axis = 0; axis < rank; ++axis) {
    const int64_t n = out.dims().value_or_unknown(extents[axis]);
    const int64_t start = out.dims().value_or_unknown(part.start[axis]);
    const int64_t size = out.dims().value_or_unknown(part.size[axis]);
    const bool known = out.dims().is_constant(extents[axis]) && out.dims().is_constant(part.start[axis]) &&
                       out.dims().is_constant(part.size[axis]);
    if (!known) {
      fail(Code::kUnsupportedState, who(), ": beyond the edge, dimension ", axis,
           " must be static with a constant start and size in this version; use kSTRICT_BOUNDS or static shapes");
    }
    require(size >= 0 && (n > 0 || size == 0 || mode_ == SampleMode::kFILL), who(), ": cannot take ", size,
            " elements of dimension ", axis, " with extent ", n);
    std::vector<int64_t> indices;
    for (int64_t i = 0; i < size; ++i) indices.push_back(index_for(mode_, start + i * part.stride[axis], n));
    ir::Attrs attrs{{"mode", int64_t{0}}, {"axis", static_cast<int64_t>(axis)}, {"elementwise_dims", int64_t{0}}};
    x = out.add(ir::OpKind::k_gather, attrs, {x, out.integers(indices, name())}, name());
    if (filled) x = fill(out, x, in[4], axis, indices);
  }
  return x;
}

Emitter::Ref SliceLayer::fill(Emitter& out, Emitter::Ref x, Emitter::Ref value, size_t axis,
                              const std::vector<int64_t>& indices) const {
  const size_t rank = out.type(x).dims.size();
  std::vector<uint8_t> inside;
  for (int64_t index : indices) inside.push_back(index >= 0);
  std::vector<int64_t> shape(rank, 1);
  shape[axis] = static_cast<int64_t>(indices.size());
  const Emitter::Ref mask = out.constant(DType::kBool, shape, inside.data(), name());
  require(out.type(value).rank() == 0, who(), ": input 4, the fill value, must be 0-D");
  const ir::Dims ones(rank, out.dims().constant(1));
  const Emitter::Ref cast = out.cast(value, out.type(x).dtype, name());
  const Emitter::Ref spread = out.add(ir::OpKind::k_reshape, {{"shape", ones}}, {cast}, name());
  return out.add(ir::OpKind::k_pointwise, {{"fn", std::string("select")}}, {mask, x, spread}, name());
}

}  // namespace rondo::api
