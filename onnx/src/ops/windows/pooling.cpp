// Poolings. The layer has no dilation and gives no indices; such poolings are folds over the taps of the window
// instead, for known extents. Global poolings are reductions.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

bool is_real(DataType type) { return type == DataType::kFLOAT || type == DataType::kHALF || type == DataType::kBF16; }

/// Any integer of eight bits is exact in half, and of 24 in float.
DataType pooling_type(DataType type) { return is_real(type) ? type : DataType::kFLOAT; }

/// A layer of one dimension runs in two.
ITensor& pool_layer(Context& context, ITensor& x, Window window, PoolingType type, bool exclusive, bool round_up) {
  const bool widened = window.rank() == 1;
  if (widened) window.make_two_dimensional();
  ITensor& wide = widened ? unsqueeze(context, x, {2}) : x;
  IPoolingLayer& layer = added(context.network().addPoolingNd(wide, type, to_dims(window.kernel)), "pooling");
  layer.setAverageCountExcludesPadding(exclusive);
  set_window(layer, window, round_up);
  ITensor& y = result(&layer, "pooling");
  return widened ? squeeze(context, y, {2}) : y;
}

double lowest(DataType type) { return type == DataType::kHALF ? -65504.0 : -std::numeric_limits<double>::infinity(); }

/// Makes the padding of a window data, cut where no window reaches it. What windows reach beyond it becomes the window's padding.
ITensor& pad_spatial(Context& context, Node const& node, ITensor& x, Window& window, Extents const& spatial) {
  Extents before{0, 0}, after{0, 0};
  for (size_t i = 0; i < window.rank(); ++i) {
    node.require(spatial[i] >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "attributes 'ceil_mode' and 'count_include_pad' together need known extents");
  }
  const Extents out = window.outputs(spatial, true);
  for (size_t i = 0; i < window.rank(); ++i) {
    const int64_t data = spatial[i] + window.before[i] + window.after[i];
    const int64_t excess = (out[i] - 1) * window.strides[i] + window.span(i) - data;
    before.push_back(window.before[i]);
    after.push_back(window.after[i] + std::min<int64_t>(excess, 0));
    window.before[i] = 0;
    window.after[i] = std::max<int64_t>(excess, 0);
  }
  return pad_with(context, x, before, after, 0);
}

/// Longest constant along one dimension; bound by memory, eight bytes each.
constexpr int64_t kLongestLine = int64_t{1} << 20;

/// A constant whose elements follow from their place in one dimension, [1, .. count, .. 1].
template <typename Make>
ITensor& line_of(Context& context, DataType type, size_t rank, size_t axis, int64_t count, Make make) {
  check(count <= kLongestLine, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
        text("an extent of ", count, " is above ", kLongestLine, ", the most that this form of the operator takes"));
  std::vector<int64_t> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(make(i));
  Extents dims(rank, 1);
  dims[axis] = count;
  return context.constant_tensor(host_tensor_of(type, dims, std::span<int64_t const>(values)));
}

/// Distances in the data between neighbours of each dimension, within one channel.
Extents pitches(Extents const& spatial, bool column_major) {
  const size_t rank = spatial.size();
  Extents pitch(rank, 1);
  for (size_t i = 1; i < rank; ++i) {
    if (column_major) {
      pitch[i] = pitch[i - 1] * spatial[i - 1];
    } else {
      pitch[rank - 1 - i] = pitch[rank - i] * spatial[rank - i];
    }
  }
  return pitch;
}

/// Place in the data where each window begins, padding included: int64 [N, C, out..].
ITensor& window_places(Context& context, Window const& window, Extents const& dims, Extents const& pitch,
                       Extents const& out) {
  const int64_t channel = volume(dims.from(2), "the input");
  const size_t rank = dims.size();
  ITensor& samples =
      line_of(context, DataType::kINT64, rank, 0, dims[0], [&](int64_t i) { return i * dims[1] * channel; });
  ITensor& channels = line_of(context, DataType::kINT64, rank, 1, dims[1], [&](int64_t i) { return i * channel; });
  ITensor* places = &binary(context, samples, channels, E::kSUM);
  for (size_t d = 0; d < out.size(); ++d) {
    ITensor& line = line_of(context, DataType::kINT64, rank, d + 2, out[d],
                            [&](int64_t i) { return pitch[d] * (i * window.strides[d] - window.before[d]); });
    places = &binary(context, *places, line, E::kSUM);
  }
  return *places;
}

/// Folds the taps of a window one dimension after the other: a maximum or sum over a box is one over its rows, then columns.
ITensor& fold_taps(Context& context, Node& node, ITensor& x, Window const& window, Extents const& out, double padding,
                   E fold) {
  ITensor* y = &x;
  for (size_t d = 0; d < window.rank(); ++d) {
    Window line = window;
    Extents reached = spatial_dims(node, *y);
    for (size_t i = 0; i < window.rank(); ++i) {
      if (i == d) continue;
      line.kernel[i] = line.strides[i] = line.dilations[i] = 1;
      line.before[i] = line.after[i] = 0;
    }
    reached[d] = out[d];
    const std::vector<Tap> taps = window_taps(context, node, *y, line, reached, padding);
    ITensor* folded = taps[0].values;
    for (size_t i = 1; i < taps.size(); ++i) folded = &binary(context, *folded, *taps[i].values, fold);
    y = folded;
  }
  return *y;
}

Values max_by_taps(Context& context, Node& node, ITensor& x, Window& window, bool round_up, bool column_major) {
  const Extents spatial = spatial_dims(node, x);
  window.resolve_padding(node, spatial);
  const Extents out = window.outputs(spatial, round_up);
  if (!node.wants_output(1)) return {fold_taps(context, node, x, window, out, lowest(x.getType()), E::kMAX)};
  const std::vector<Tap> taps = window_taps(context, node, x, window, out, lowest(x.getType()));
  ITensor* best = taps[0].values;
  const Extents pitch = pitches(spatial, column_major);
  ITensor* place = &window_places(context, window, dims_of(x), pitch, out);
  ITensor& first = *place;
  for (size_t i = 1; i < taps.size(); ++i) {
    int64_t beyond = 0;
    for (size_t d = 0; d < pitch.size(); ++d) beyond += pitch[d] * taps[i].at[d] * window.dilations[d];
    ITensor& better = binary(context, *taps[i].values, *best, E::kGREATER);
    place = &select(context, better, binary(context, first, static_cast<double>(beyond), E::kSUM), *place);
    best = &binary(context, *best, *taps[i].values, E::kMAX);
  }
  return {*best, *place};
}

Values import_max_pool(Context& context, Node& node) {
  ITensor& given = to_tensor(context, node.input(0));
  const Extents spatial = spatial_dims(node, given);
  Window window = read_window(node, spatial.size());
  const bool round_up = node.attributes.flag("ceil_mode", false);
  const bool column_major = node.attributes.flag("storage_order", false);
  ITensor& x = cast(context, given, pooling_type(given.getType()));
  Values results;
  if (window.dilated() || node.wants_output(1)) {
    results = max_by_taps(context, node, x, window, round_up, column_major);
  } else {
    results = {pool_layer(context, x, window, PoolingType::kMAX, true, round_up)};
  }
  results[0] = cast(context, *results[0].tensor(), given.getType());
  return results;
}

/// x over how many elements of the input, padding included or not, its window meets: a factor of each dimension.
ITensor& divide_by_counts(Context& context, ITensor& x, Window const& window, Extents const& spatial,
                          Extents const& out, bool padding) {
  ITensor* y = &x;
  for (size_t d = 0; d < out.size(); ++d) {
    ITensor& met = line_of(context, x.getType(), out.size() + 2, d + 2, out[d], [&](int64_t o) {
      int64_t count = 0;
      for (int64_t k = 0; k < window.kernel[d]; ++k) {
        const int64_t at = o * window.strides[d] - window.before[d] + k * window.dilations[d];
        count += padding ? at < spatial[d] + window.after[d] : at >= 0 && at < spatial[d];
      }
      return count;
    });
    y = &binary(context, *y, met, E::kDIV);
  }
  return *y;
}

Values import_average_pool(Context& context, Node& node) {
  ITensor& given = to_tensor(context, node.input(0));
  const Extents spatial = spatial_dims(node, given);
  Window window = read_window(node, spatial.size());
  const bool round_up = node.attributes.flag("ceil_mode", false);
  const bool with_padding = node.attributes.flag("count_include_pad", false);
  if (window.dilated()) {
    window.resolve_padding(node, spatial);
    const Extents out = window.outputs(spatial, round_up);
    ITensor& sum = fold_taps(context, node, given, window, out, 0, E::kSUM);
    return {divide_by_counts(context, sum, window, spatial, out, with_padding)};
  }
  // What rounding up adds behind the padding never counts, so the padding becomes data.
  const bool padded = with_padding && round_up && !window.is_same();
  ITensor& x = padded ? pad_spatial(context, node, given, window, spatial) : given;
  return {pool_layer(context, x, window, PoolingType::kAVERAGE, padded || !with_padding, round_up && !padded)};
}

/// |x|^p, and the p-th root.
ITensor& power(Context& context, ITensor& x, double p) {
  ITensor& size = unary(context, x, UnaryOperation::kABS);
  return p == 1 ? size : p == 2 ? binary(context, size, size, E::kPROD) : binary(context, size, p, E::kPOW);
}
ITensor& root(Context& context, ITensor& x, double p) {
  return p == 1 ? x : p == 2 ? unary(context, x, UnaryOperation::kSQRT) : binary(context, x, 1.0 / p, E::kPOW);
}

Values import_lp_pool(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Extents spatial = spatial_dims(node, x);
  Window window = read_window(node, spatial.size());
  const bool round_up = node.attributes.flag("ceil_mode", false);
  const auto p = static_cast<double>(node.attributes.integer("p", 2));
  node.require(p >= 1, ErrorCode::kUNSUPPORTED_NODE_ATTR, text("attribute 'p' is ", p, ", it must be at least 1"));
  ITensor& powers = power(context, x, p);
  if (window.dilated()) {
    window.resolve_padding(node, spatial);
    return {root(context, fold_taps(context, node, powers, window, window.outputs(spatial, round_up), 0, E::kSUM), p)};
  }
  ITensor& mean = pool_layer(context, powers, window, PoolingType::kAVERAGE, false, round_up);
  return {root(context, binary(context, mean, static_cast<double>(window.volume()), E::kPROD), p)};
}

std::vector<int64_t> spatial_axes(ITensor& x) {
  std::vector<int64_t> axes(static_cast<size_t>(rank_of(x)) - 2);
  std::iota(axes.begin(), axes.end(), 2);
  return axes;
}

Values import_global_pool(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  spatial_dims(node, x, 1, 6);
  return {reduce(context, x, node.parameter<ReduceOperation>(), spatial_axes(x), true)};
}

Values import_global_lp_pool(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  spatial_dims(node, x, 1, 6);
  const auto p = static_cast<double>(node.attributes.integer("p", 2));
  return {root(context, reduce(context, power(context, x, p), ReduceOperation::kSUM, spatial_axes(x), true), p)};
}

/// Scatters into the extents that the pooling would have come from; output_shape then adds zeros behind.
Values import_max_unpool(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Extents spatial = spatial_dims(node, x), dims = dims_of(x);
  const Window window = read_window(node, spatial.size());
  Extents out{dims[0], dims[1]};
  for (size_t i = 0; i < spatial.size(); ++i) {
    out.push_back((spatial[i] - 1) * window.strides[i] + window.span(i) - window.before[i] - window.after[i]);
  }
  node.require(std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; }),
               ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "unpooling needs known extents");
  ITensor& zeros = broadcast_to(context, scalar(context, x.getType(), 0, 1), int_vector({volume(out, "the output")}));
  ITensor& places = reshape(context, to_tensor(context, node.input(1)), Extents{-1});
  IScatterLayer& layer = added(
      context.network().addScatter(zeros, places, reshape(context, x, Extents{-1}), ScatterMode::kELEMENT), "scatter");
  ITensor& y = reshape(context, result(&layer, "scatter"), out);
  if (!node.has_input(2)) return {y};
  Extents after = node.constant_ints(2, "output_shape");
  node.require(after.size() == out.size(), ErrorCode::kINVALID_NODE,
               text("output_shape needs ", out.size(), " entries"));
  for (size_t i = 0; i < out.size(); ++i) {
    after[i] -= out[i];
    node.require(after[i] >= 0, ErrorCode::kINVALID_NODE, text("output_shape is smaller than ", dims_text(out)));
  }
  return {pad_with(context, y, Extents(out.size(), 0), after, 0)};
}

constexpr OpRow kRows[] = {
    OpRow::from("MaxPool", 1, {1, 1}, {1, 2}, import_max_pool),
    OpRow::from("AveragePool", 1, {1, 1}, {1, 1}, import_average_pool),
    OpRow::from("LpPool", 2, {1, 1}, {1, 1}, import_lp_pool),
    OpRow::from("GlobalMaxPool", 1, {1, 1}, {1, 1}, import_global_pool, ReduceOperation::kMAX),
    OpRow::from("GlobalAveragePool", 1, {1, 1}, {1, 1}, import_global_pool, ReduceOperation::kAVG),
    OpRow::from("GlobalLpPool", 2, {1, 1}, {1, 1}, import_global_lp_pool),
    OpRow::from("MaxUnpool", 9, {2, 3}, {1, 1}, import_max_unpool),
};

}  // namespace

OpRows pooling_rows() { return kRows; }

}  // namespace rondo::onnx
