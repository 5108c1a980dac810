// Reading and writing by index. Negative indices count from the end in the format; the layers take none, so they are
// wrapped first.
#include <algorithm>
#include <limits>

#include "layers/extents.h"
#include "ops/indexed/scatter_fold.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

Values import_gather_elements(Context& context, Node& node) {
  ITensor& data = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), rank_of(data));
  ITensor& indices = wrap_indices(context, to_tensor(context, node.input(1)), data, axis);
  return {gather(context, data, indices, axis, GatherMode::kELEMENT)};
}

/// Coordinates in dimensions first .. of data, int64, negative ones wrapped.
ITensor& wrap_coordinates(Context& context, Node const& node, ITensor& indices, ITensor& data, int64_t first) {
  ITensor& wide = integers(context, indices);
  const int64_t count = dims_of(wide).empty() ? -1 : dims_of(wide).back();
  node.require(
      count >= 1 && first + count <= rank_of(data), ErrorCode::kINVALID_NODE,
      text("the last extent of the indices is ", count, ", data have ", rank_of(data) - first, " dimensions for it"));
  ITensor& extents =
      with_rank(context, slice_axis(context, shape_of(context, data), 0, first, first + count), rank_of(wide));
  return select(context, binary(context, wide, 0, E::kLESS), binary(context, wide, extents, E::kSUM), wide);
}

Values import_gather_nd(Context& context, Node& node) {
  ITensor& data = to_tensor(context, node.input(0));
  const int64_t batch = node.opset() >= 12 ? node.attributes.integer("batch_dims", 0) : 0;
  node.require(batch >= 0 && batch < rank_of(data), ErrorCode::kINVALID_NODE,
               text("batch_dims ", batch, " is outside of the rank"));
  ITensor& indices = wrap_coordinates(context, node, to_tensor(context, node.input(1)), data, batch);
  IGatherLayer& layer = added(context.network().addGatherV2(data, indices, GatherMode::kND), "gather");
  layer.setNbElementWiseDims(static_cast<int32_t>(batch));
  return {result(&layer, "gather")};
}

ScatterFold read_reduction(Node& node, int64_t since) {
  static constexpr char const* kNames[] = {"none", "add", "mul", "max", "min"};
  if (node.opset() < since) return ScatterFold::kNone;
  return static_cast<ScatterFold>(
      node.attributes.choice("reduction", "none", std::span(kNames, node.opset() >= 18 ? 5 : 3)));
}

Values import_scatter_elements(Context& context, Node& node) {
  ITensor& data = to_tensor(context, node.input(0));
  ITensor& updates = to_tensor(context, node.input(2));
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), rank_of(data));
  const ScatterFold fold = node.op() == "Scatter" ? ScatterFold::kNone : read_reduction(node, 16);
  ITensor& indices = wrap_indices(context, to_tensor(context, node.input(1)), data, axis);
  if (fold != ScatterFold::kNone) return {fold_elements(context, node, data, indices, updates, axis, fold)};
  IScatterLayer& layer = added(context.network().addScatter(data, indices, updates, ScatterMode::kELEMENT), "scatter");
  layer.setAxis(static_cast<int32_t>(axis));
  return {result(&layer, "scatter")};
}

Values import_scatter_nd(Context& context, Node& node) {
  ITensor& data = to_tensor(context, node.input(0));
  ITensor& updates = to_tensor(context, node.input(2));
  ITensor& indices = wrap_coordinates(context, node, to_tensor(context, node.input(1)), data, 0);
  const ScatterFold fold = read_reduction(node, 16);
  if (fold != ScatterFold::kNone) return {fold_slices(context, node, data, indices, updates, fold)};
  return {result(context.network().addScatter(data, indices, updates, ScatterMode::kND), "scatter")};
}

ITensor& as_scalar(Context& context, ITensor& x) { return rank_of(x) == 0 ? x : reshape(context, x, Extents{}); }

Values import_one_hot(Context& context, Node& node) {
  ITensor& indices = cast(context, to_tensor(context, node.input(0)), DataType::kINT64);
  ITensor& depth = as_scalar(context, cast(context, to_tensor(context, node.input(1)), DataType::kINT64));
  ITensor& wrapped =
      select(context, binary(context, indices, 0, E::kLESS), binary(context, indices, depth, E::kSUM), indices);
  const int64_t axis = node.attributes.integer("axis", -1);
  const auto place = static_cast<int32_t>(node.axis(axis, rank_of(indices) + 1));
  return {result(context.network().addOneHot(wrapped, to_tensor(context, node.input(2)), depth, place), "one-hot")};
}

Values import_non_zero(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& wide = rank_of(x) == 0 ? unsqueeze(context, x, {0}) : x;
  return {result(context.network().addNonZero(wide, DataType::kINT64), "non-zero")};
}

/// The slices where a condition holds: a gather at the places of its true elements.
Values import_compress(Context& context, Node& node) {
  ITensor* x = &to_tensor(context, node.input(0));
  ITensor& condition = to_tensor(context, node.input(1));
  const auto given = node.attributes.optional_integer("axis");
  if (!given) x = &reshape(context, *x, Extents{-1});
  const int64_t axis = given ? node.axis(*given, rank_of(*x)) : 0;
  node.require(rank_of(condition) == 1, ErrorCode::kINVALID_NODE,
               text("a condition of one dimension is needed: ", node.input_types()));
  const int64_t flags = dims_of(condition)[0], extent = dims_of(*x)[static_cast<size_t>(axis)];
  node.require(extent < 0 || flags <= extent, ErrorCode::kINVALID_NODE,
               text("the condition has ", flags, " elements, the data ", extent));
  ITensor& places = result(context.network().addNonZero(condition, DataType::kINT64), "non-zero");
  return {gather(context, *x, reshape(context, places, Extents{-1}), axis)};
}

Values import_reverse_sequence(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  IReverseSequenceLayer& layer =
      added(context.network().addReverseSequence(x, to_tensor(context, node.input(1))), "reverse sequence");
  layer.setBatchAxis(
      static_cast<int32_t>(node.axis(node.attributes.integer("batch_axis", 1), rank_of(x), "batch_axis")));
  layer.setSequenceAxis(
      static_cast<int32_t>(node.axis(node.attributes.integer("time_axis", 0), rank_of(x), "time_axis")));
  return {result(&layer, "reverse sequence")};
}

/// The format lists scores by class, the layer by box; without a threshold every box counts.
Values import_nms(Context& context, Node& node) {
  ITensor& boxes = to_tensor(context, node.input(0));
  ITensor& scores = transpose(context, to_tensor(context, node.input(1)), {0, 2, 1});
  ITensor& most =
      node.has_input(2) ? as_scalar(context, to_tensor(context, node.input(2))) : scalar(context, DataType::kINT64, 0);
  INMSLayer& layer = added(context.network().addNMS(boxes, scores, most, DataType::kINT64), "non-maximum suppression");
  const bool centred = node.attributes.flag("center_point_box", false);
  layer.setBoundingBoxFormat(centred ? BoundingBoxFormat::kCENTER_SIZES : BoundingBoxFormat::kCORNER_PAIRS);
  layer.setTopKBoxLimit(std::numeric_limits<int32_t>::max());
  layer.setInput(3, node.has_input(3) ? as_scalar(context, to_tensor(context, node.input(3)))
                                      : scalar(context, DataType::kFLOAT, 0));
  const double none = -std::numeric_limits<double>::infinity();
  layer.setInput(4, node.has_input(4) ? as_scalar(context, to_tensor(context, node.input(4)))
                                      : scalar(context, DataType::kFLOAT, none));
  return {result(&layer, "non-maximum suppression")};
}

/// 1 at the first largest element along an axis, 0 elsewhere. Before version 13 everything from the axis on is one dimension.
Values import_hardmax(Context& context, Node& node) {
  ITensor& given = to_tensor(context, node.input(0));
  const bool flat = node.opset() < 13;
  const int64_t axis = node.axis(node.attributes.integer("axis", flat ? 1 : -1), rank_of(given));
  ITensor& x = flat ? fold_dims(context, given, static_cast<int32_t>(axis), rank_of(given)) : given;
  ITopKLayer& top = added(context.network().addTopK(x, TopKOperation::kMAX, 1, 1U << axis, DataType::kINT64), "top-k");
  ITensor& y =
      cast(context, binary(context, iota(context, x, axis), result(&top, "top-k", 1), E::kEQUAL), given.getType());
  return {flat ? reshape(context, y, shape_of(context, given)) : y};
}

constexpr OpRow kRows[] = {
    OpRow::from("GatherElements", 11, {2, 2}, {1, 1}, import_gather_elements),
    OpRow::from("GatherND", 11, {2, 2}, {1, 1}, import_gather_nd),
    OpRow::from("ScatterElements", 11, {3, 3}, {1, 1}, import_scatter_elements),
    {"Scatter", 9, 10, {3, 3}, {1, 1}, import_scatter_elements},
    OpRow::from("ScatterND", 11, {3, 3}, {1, 1}, import_scatter_nd),
    OpRow::from("OneHot", 9, {3, 3}, {1, 1}, import_one_hot),
    OpRow::from("Hardmax", 1, {1, 1}, {1, 1}, import_hardmax),
    OpRow::from("NonZero", 9, {1, 1}, {1, 1}, import_non_zero),
    OpRow::from("Compress", 9, {2, 2}, {1, 1}, import_compress),
    OpRow::from("ReverseSequence", 10, {2, 2}, {1, 1}, import_reverse_sequence),
    OpRow::from("NonMaxSuppression", 10, {2, 5}, {1, 1}, import_nms),
};

}  // namespace

OpRows indexing_rows() { return kRows; }

}  // namespace rondo::onnx
