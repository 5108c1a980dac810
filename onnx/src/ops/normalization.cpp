// Normalizations over channels and spatial dimensions, by vectors, and by neighbouring channels.
//
// What computes statistics in float32 whatever the type of its input is the normalization layer. The others are written
// out; where the format asks for float32 inside (stash_type) they cast.
#include <algorithm>
#include <numeric>

#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using R = ReduceOperation;

std::vector<int64_t> axes_from(int64_t first, int64_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank - first));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

uint32_t mask_from(int64_t first, int64_t rank) {
  uint32_t mask = 0;
  for (int64_t axis = first; axis < rank; ++axis) mask |= 1U << axis;
  return mask;
}

/// A vector along the channels of a tensor of that rank: [1, C, 1..].
ITensor& along_channels(Context& context, ITensor& vector, int32_t rank) {
  std::vector<int64_t> axes{0};
  for (int32_t axis = 2; axis < rank; ++axis) axes.push_back(axis);
  return unsqueeze(context, vector, axes);
}

void require_channels(Node const& node, ITensor& x, int32_t least) {
  node.require(rank_of(x) >= least, ErrorCode::kINVALID_NODE,
               text("an input of rank ", least, " or more is needed, not ", node.input_types()));
}

/// stash_type 1, the default, is float32; nothing else is offered.
void require_float_stash(Node& node) {
  node.require(node.attributes.integer("stash_type", 1) == 1, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               "attribute 'stash_type': only 1, float32, is supported");
}

Values import_instance(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  require_channels(node, x, 3);
  const int32_t rank = rank_of(x);
  INormalizationLayer& layer =
      added(context.network().addNormalizationV2(x, along_channels(context, to_tensor(context, node.input(1)), rank),
                                                 along_channels(context, to_tensor(context, node.input(2)), rank),
                                                 mask_from(2, rank)),
            "instance normalization");
  layer.setEpsilon(node.attributes.real("epsilon", 1e-5F));
  return {result(&layer, "instance normalization")};
}

/// Scale and bias belong to groups up to version 20, to channels since 21.
Values import_group(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  require_channels(node, x, 3);
  const int32_t rank = rank_of(x);
  ITensor& scale = along_channels(context, to_tensor(context, node.input(1)), rank);
  ITensor& bias = along_channels(context, to_tensor(context, node.input(2)), rank);
  const uint32_t mask = mask_from(2, rank);
  const int64_t groups = node.groups("num_groups", node.attributes.integer("num_groups"), dims_of(x)[1]);
  const bool by_channel = node.opset() >= 21;
  if (by_channel) require_float_stash(node);
  INormalizationLayer& layer = added(by_channel ? context.network().addNormalizationV2(x, scale, bias, mask)
                                                : context.network().addNormalization(x, scale, bias, mask),
                                     "group normalization");
  layer.setNbGroups(groups);
  layer.setEpsilon(node.attributes.real("epsilon", 1e-5F));
  return {result(&layer, "group normalization")};
}

struct Statistics {
  ITensor* mean;
  ITensor* variance;
};

/// Mean and biased variance over all but the channels, [1, C, 1..].
Statistics batch_statistics(Context& context, ITensor& x) {
  std::vector<int64_t> axes = axes_from(1, rank_of(x));
  axes[0] = 0;
  ITensor& mean = reduce(context, x, R::kAVG, axes, true);
  ITensor& centred = binary(context, x, mean, E::kSUB);
  return {&mean, &reduce(context, binary(context, centred, centred, E::kPROD), R::kAVG, axes, true)};
}

ITensor& running(Context& context, ITensor& before, ITensor& now, double momentum) {
  ITensor& kept = binary(context, before, momentum, E::kPROD);
  return binary(context, kept, binary(context, cast(context, now, before.getType()), 1 - momentum, E::kPROD), E::kSUM);
}

Values import_batch(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  require_channels(node, x, 2);
  const int32_t rank = rank_of(x);
  const double epsilon = node.attributes.real("epsilon", 1e-5F), momentum = node.attributes.real("momentum", 0.9F);
  if (node.opset() < 9) {
    node.require(node.attributes.flag("spatial", true), ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "attribute 'spatial': only 1, statistics per channel, is supported");
  }
  const bool training = node.opset() >= 14 && node.attributes.flag("training_mode", false);
  node.require(training || !node.wants_output(1), ErrorCode::kUNSUPPORTED_NODE,
               "running statistics are outputs of training only (training_mode)");
  ITensor* vectors[4];
  for (int32_t i = 0; i < 4; ++i)
    vectors[i] = &cast(context, along_channels(context, to_tensor(context, node.input(i + 1)), rank), x.getType());
  Statistics used{vectors[2], vectors[3]};
  if (training) used = batch_statistics(context, x);
  ITensor& deviation = unary(context, binary(context, *used.variance, epsilon, E::kSUM), UnaryOperation::kSQRT);
  ITensor& factor = binary(context, *vectors[0], deviation, E::kDIV);
  ITensor& scaled = binary(context, binary(context, x, *used.mean, E::kSUB), factor, E::kPROD);
  Values results{binary(context, scaled, *vectors[1], E::kSUM)};
  if (!training) return results;
  for (int32_t i = 0; i < 2; ++i) {
    ITensor& now = reshape(context, i == 0 ? *used.mean : *used.variance, Extents{-1});
    results.push_back(running(context, to_tensor(context, node.input(3 + i)), now, momentum));
  }
  return results;
}

/// The layer takes odd windows up to 15 and two or three spatial dimensions.
Values import_lrn(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  require_channels(node, x, 2);
  const float alpha = node.attributes.real("alpha", 1e-4F), beta = node.attributes.real("beta", 0.75F);
  const float k = node.attributes.real("bias", 1.0F);
  const int64_t size = node.attributes.integer("size");
  node.require(size >= 1 && size <= 1024, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'size' is ", size, ", outside of 1 .. 1024"));
  const int32_t rank = rank_of(x);
  if (size % 2 == 1 && size <= 15 && (rank == 4 || rank == 5)) {
    return {result(context.network().addLRN(x, size, alpha, beta, k), "local response normalization")};
  }
  Extents before(static_cast<size_t>(rank), 0), after = before;
  before[1] = (size - 1) / 2;
  after[1] = size - 1 - before[1];
  const int64_t channels = dims_of(x)[1];
  node.require(channels >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "the number of channels must be known");
  ITensor& squares = pad_with(context, binary(context, x, x, E::kPROD), before, after, 0);
  ITensor* sum = nullptr;
  for (int64_t i = 0; i < size; ++i) {
    ITensor& part = slice_axis(context, squares, 1, i, i + channels);
    sum = sum ? &binary(context, *sum, part, E::kSUM) : &part;
  }
  ITensor& scaled = binary(context, binary(context, *sum, alpha / static_cast<double>(size), E::kPROD), k, E::kSUM);
  return {binary(context, x, binary(context, scaled, beta, E::kPOW), E::kDIV)};
}

Values import_mean_variance(Context& context, Node& node) {
  constexpr double kEpsilon = 1e-9;  // of the format's definition
  ITensor& x = to_tensor(context, node.input(0));
  std::vector<int64_t> axes = node.attributes.integers("axes", {0, 2, 3});
  for (int64_t& axis : axes) axis = node.axis(axis, rank_of(x), "axes");
  ITensor& centred = binary(context, x, reduce(context, x, R::kAVG, axes, true), E::kSUB);
  ITensor& variance = reduce(context, binary(context, centred, centred, E::kPROD), R::kAVG, axes, true);
  ITensor& deviation = binary(context, unary(context, variance, UnaryOperation::kSQRT), kEpsilon, E::kSUM);
  return {binary(context, centred, deviation, E::kDIV)};
}

Values import_rms(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", -1), rank_of(x));
  const double epsilon = node.attributes.real("epsilon", 1e-5F);
  require_float_stash(node);
  ITensor& wide = cast(context, x, DataType::kFLOAT);
  ITensor& mean = reduce(context, binary(context, wide, wide, E::kPROD), R::kAVG, axes_from(axis, rank_of(x)), true);
  ITensor& root = unary(context, binary(context, mean, epsilon, E::kSUM), UnaryOperation::kSQRT);
  ITensor& normalized = binary(context, wide, root, E::kDIV);
  ITensor& scale = to_tensor(context, node.input(1));
  if (scale.getType() == x.getType()) return {binary(context, cast(context, normalized, x.getType()), scale, E::kPROD)};
  return {
      cast(context, binary(context, normalized, cast(context, scale, DataType::kFLOAT), E::kPROD), scale.getType())};
}

/// A vector of norm 0 stays 0.
Values import_lp(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", -1), rank_of(x));
  const int64_t p = node.attributes.integer("p", 2);
  node.require(p == 1 || p == 2, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'p' is ", p, "; 1 and 2 are norms here"));
  ITensor& powers = p == 1 ? unary(context, x, UnaryOperation::kABS) : binary(context, x, x, E::kPROD);
  ITensor& sum = reduce(context, powers, R::kSUM, {axis}, true);
  ITensor& norm = p == 1 ? sum : unary(context, sum, UnaryOperation::kSQRT);
  ITensor& one = scalar(context, x.getType(), 1, rank_of(x));
  ITensor& divisor = select(context, binary(context, norm, 0, E::kEQUAL), one, norm);
  return {binary(context, x, divisor, E::kDIV)};
}

constexpr OpRow kRows[] = {
    OpRow::from("BatchNormalization", 7, {5, 5}, {1, 5}, import_batch),
    OpRow::from("InstanceNormalization", 6, {3, 3}, {1, 1}, import_instance),
    OpRow::from("GroupNormalization", 18, {3, 3}, {1, 1}, import_group),
    OpRow::from("LRN", 1, {1, 1}, {1, 1}, import_lrn),
    OpRow::from("MeanVarianceNormalization", 9, {1, 1}, {1, 1}, import_mean_variance),
    OpRow::from("RMSNormalization", 23, {2, 2}, {1, 1}, import_rms),
    OpRow::from("LpNormalization", 1, {1, 1}, {1, 1}, import_lp),
};

}  // namespace

OpRows normalization_rows() { return kRows; }

}  // namespace rondo::onnx
