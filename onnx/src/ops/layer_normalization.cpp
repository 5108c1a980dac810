// Layer normalization: over all dimensions from an axis on, with scale and bias of their extents.

#include <numeric>

#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using R = ReduceOperation;
using U = UnaryOperation;

/// The mean and the reciprocal of the deviation, which few models ask for beside the result.
void add_statistics(Context& context, Node const& node, ITensor& x, std::vector<int64_t> const& axes, float epsilon,
                    Values& outputs) {
  ITensor& real = cast(context, x, DataType::kFLOAT);
  ITensor& mean = reduce(context, real, R::kAVG, axes, true);
  outputs.emplace_back(mean);
  if (!node.wants_output(2)) return;
  ITensor& centered = binary(context, real, mean, E::kSUB);
  ITensor& variance = reduce(context, binary(context, centered, centered, E::kPROD), R::kAVG, axes, true);
  outputs.emplace_back(
      unary(context, unary(context, binary(context, variance, epsilon, E::kSUM), U::kSQRT), U::kRECIP));
}

Values import_layer_normalization(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const int64_t first = node.axis(node.attributes.integer("axis", -1), rank);
  const float epsilon = node.attributes.real("epsilon", 1e-5F);
  const int64_t stash = node.attributes.integer("stash_type", 1);
  node.require(stash == 1, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               text("attribute 'stash_type' is ", stash, "; statistics are computed in float, 1"));
  std::vector<int64_t> axes(static_cast<size_t>(rank - first));
  std::iota(axes.begin(), axes.end(), first);
  ITensor& scale = with_rank(context, cast(context, to_tensor(context, node.input(1)), x.getType()), rank);
  ITensor& bias = node.has_input(2)
                      ? with_rank(context, cast(context, to_tensor(context, node.input(2)), x.getType()), rank)
                      : scalar(context, x.getType(), 0, rank);
  uint32_t mask = 0;
  for (int64_t axis : axes) mask |= 1U << axis;
  INormalizationLayer& layer = added(context.network().addNormalization(x, scale, bias, mask), "normalization");
  layer.setEpsilon(epsilon);
  Values outputs{result(&layer, "normalization")};
  if (node.wants_output(1) || node.wants_output(2)) add_statistics(context, node, x, axes, epsilon, outputs);
  return outputs;
}

constexpr OpRow kRows[] = {
    OpRow::from("LayerNormalization", 17, {2, 3}, {1, 3}, import_layer_normalization),
};

}  // namespace

OpRows layer_normalization_rows() { return kRows; }

}  // namespace rondo::onnx
