// Losses of classifiers. x [N, C, ..] are scores or log-probabilities, target [N, ..] classes.
#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using R = ReduceOperation;

/// -sum of the targets' log-probabilities, weighted by class; ignored targets count for nothing.
ITensor& negative_log_likelihood(Context& context, Node& node, ITensor& log_probability) {
  static constexpr char const* kReductions[] = {"none", "sum", "mean"};
  ITensor& target = integers(context, to_tensor(context, node.input(1)));
  const DataType type = log_probability.getType();
  const int32_t rank = rank_of(target);
  node.require(rank_of(log_probability) == rank + 1, ErrorCode::kINVALID_NODE,
               text("the target has one dimension less than the input, unlike ", node.input_types()));
  const auto ignored_class = node.attributes.optional_integer("ignore_index");
  ITensor* classes = &target;
  ITensor* ignored = nullptr;
  if (ignored_class) {
    ignored = &binary(context, target, scalar(context, DataType::kINT64, static_cast<double>(*ignored_class), rank),
                      E::kEQUAL);
    classes = &select(context, *ignored, scalar(context, DataType::kINT64, 0, rank), target);
  }
  ITensor& picked = squeeze(
      context, gather(context, log_probability, unsqueeze(context, *classes, {1}), 1, GatherMode::kELEMENT), {1});
  ITensor* loss = &unary(context, picked, UnaryOperation::kNEG);
  ITensor* weight = node.has_input(2) ? &gather(context, to_tensor(context, node.input(2)), *classes, 0) : nullptr;
  if (ignored) {
    ITensor& seen = weight ? *weight : scalar(context, type, 1, rank);
    weight = &select(context, *ignored, scalar(context, type, 0, rank), seen);
  }
  if (weight) loss = &binary(context, *loss, *weight, E::kPROD);
  const size_t reduction = node.attributes.choice("reduction", "mean", kReductions);
  if (reduction == 0) return *loss;
  const auto total = [&](ITensor& x, R op) -> ITensor& {
    return reduce(context, reshape(context, x, Extents{-1}), op, {0}, false);
  };
  if (reduction == 1) return total(*loss, R::kSUM);
  return weight ? binary(context, total(*loss, R::kSUM), total(*weight, R::kSUM), E::kDIV) : total(*loss, R::kAVG);
}

Values import_likelihood_loss(Context& context, Node& node) {
  return {negative_log_likelihood(context, node, to_tensor(context, node.input(0)))};
}

Values import_cross_entropy(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& shifted = binary(context, x, reduce(context, x, R::kMAX, {1}, true), E::kSUB);
  ITensor& sum = reduce(context, unary(context, shifted, UnaryOperation::kEXP), R::kSUM, {1}, true);
  ITensor& log_probability = binary(context, shifted, unary(context, sum, UnaryOperation::kLOG), E::kSUB);
  return {negative_log_likelihood(context, node, log_probability), log_probability};
}

constexpr OpRow kRows[] = {
    OpRow::from("NegativeLogLikelihoodLoss", 12, {2, 3}, {1, 1}, import_likelihood_loss),
    OpRow::from("SoftmaxCrossEntropyLoss", 12, {2, 3}, {1, 2}, import_cross_entropy),
};

}  // namespace

OpRows losses_rows() { return kRows; }

}  // namespace rondo::onnx
