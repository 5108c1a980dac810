// Pad, CenterCropPad: slices that start before their input and end behind it.
#include <algorithm>
#include <numeric>

#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

constexpr char const* kModes[] = {"constant", "reflect", "edge", "wrap"};
constexpr SampleMode kSampleModes[] = {SampleMode::kFILL, SampleMode::kREFLECT, SampleMode::kCLAMP, SampleMode::kWRAP};

struct Padding {
  ITensor* start;  ///< int64 [rank], -before
  ITensor* grown;  ///< int64 [rank], before + after
};

std::vector<int64_t> read_axes(Node& node, Value const& axes, int32_t rank) {
  std::vector<int64_t> all(static_cast<size_t>(rank));
  std::iota(all.begin(), all.end(), 0);
  if (axes.absent()) return all;
  std::vector<int64_t> chosen = node.constant_ints(3, "axes");
  for (int64_t& axis : chosen) axis = node.axis(axis, rank, "axes");
  return chosen;
}

/// Pads that the run brings: those of dimensions that no axis names are 0.
Padding dynamic_padding(Context& context, ITensor& given, std::vector<int64_t> const& axes, int32_t rank) {
  ITensor& pads = integers(context, given);
  const auto count = static_cast<int64_t>(axes.size());
  std::vector<int64_t> order(static_cast<size_t>(rank), count);
  for (size_t i = 0; i < axes.size(); ++i) order[static_cast<size_t>(axes[i])] = static_cast<int64_t>(i);
  const auto half = [&](int64_t from) -> ITensor& {
    ITensor& with_zero = concat(context, {&slice_axis(context, pads, 0, from, from + count), &ints(context, {0})}, 0);
    return gather(context, with_zero, ints(context, order), 0);
  };
  ITensor& before = half(0);
  return {&binary(context, ints(context, {0}), before, E::kSUB), &binary(context, before, half(count), E::kSUM)};
}

Values import_pad(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const SampleMode mode =
      kSampleModes[node.attributes.choice("mode", "constant", std::span(kModes, node.opset() >= 19 ? 4 : 3))];
  const Value fill =
      node.opset() >= 11
          ? node.input(2)
          : Value(host_tensor_of(x.getType(), {},
                                 std::span<double const>({static_cast<double>(node.attributes.real("value", 0))})));
  const Value pads = node.opset() >= 11 ? node.input(1) : Value(int_vector(node.attributes.integers("pads")));
  const std::vector<int64_t> axes = read_axes(node, node.opset() >= 18 ? node.input(3) : Value(), rank);
  node.require(pads.dims() == Extents{2 * static_cast<int64_t>(axes.size())}, ErrorCode::kINVALID_NODE,
               text("pads need ", 2 * axes.size(), " entries, not ", type_text(pads)));
  Extents start(static_cast<size_t>(rank), 0), size = dims_of(x), grown = start;
  const Extents ones(static_cast<size_t>(rank), 1);
  bool known = pads.is_constant();
  if (known) {
    const std::vector<int64_t> values = pads.constant()->to_ints();
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto at = static_cast<size_t>(axes[i]);
      start[at] = -values[i];
      grown[at] = values[i] + values[i + axes.size()];
    }
    for (size_t i = 0; i < size.size(); ++i) {
      known &= size[i] >= 0;
      size[i] = std::max<int64_t>(size[i] + grown[i], 0);
    }
  }
  ISliceLayer& layer = added(context.network().addSlice(x, to_dims(start), to_dims(size), to_dims(ones)), "slice");
  layer.setMode(mode);
  if (!pads.is_constant()) {
    const Padding padding = dynamic_padding(context, to_tensor(context, pads), axes, rank);
    layer.setInput(1, *padding.start);
    layer.setInput(2, binary(context, shape_of(context, x), *padding.grown, E::kSUM));
  } else if (!known) {
    layer.setInput(2, binary(context, shape_of(context, x), ints(context, grown), E::kSUM));
  }
  if (mode == SampleMode::kFILL && !fill.absent()) {
    ITensor& value = to_tensor(context, fill);
    layer.setInput(4, rank_of(value) == 0 ? value : reshape(context, value, Extents{}));
  }
  return {result(&layer, "slice")};
}

/// Crops or pads each dimension about its centre; an odd element is cut off, or added, behind.
Values import_center_crop_pad(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const std::vector<int64_t> shape = node.constant_ints(1, "shape");
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  if (auto given = node.attributes.optional_integers("axes")) axes = *given;
  node.require(axes.size() == shape.size(), ErrorCode::kINVALID_NODE, text("shape needs ", axes.size(), " entries"));
  Extents size = dims_of(x), start(size.size(), 0);
  const Extents ones(size.size(), 1);
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto at = static_cast<size_t>(node.axis(axes[i], rank, "axes"));
    node.require(size[at] >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "extents that are cropped or padded must be known");
    const int64_t missing = shape[i] - size[at];
    start[at] = missing >= 0 ? -(missing / 2) : -missing / 2;
    size[at] = shape[i];
  }
  ISliceLayer& layer = added(context.network().addSlice(x, to_dims(start), to_dims(size), to_dims(ones)), "slice");
  layer.setMode(SampleMode::kFILL);
  return {result(&layer, "slice")};
}

constexpr OpRow kRows[] = {
    OpRow::from("Pad", 2, {1, 4}, {1, 1}, import_pad),
    OpRow::from("CenterCropPad", 18, {2, 2}, {1, 1}, import_center_crop_pad),
};

}  // namespace

OpRows padding_rows() { return kRows; }

}  // namespace rondo::onnx
