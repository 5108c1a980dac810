// Operators that fold dimensions, and those that order them: Reduce*, ArgMax, TopK, Softmax.

#include <algorithm>
#include <numeric>

#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using R = ReduceOperation;
using U = UnaryOperation;

/// What a member of the family does beside the reduction itself.
enum class Fold { kSum, kMean, kProd, kMax, kMin, kL1, kL2, kLogSum, kLogSumExp, kSumSquare };

/// The folded dimensions; nullopt: none, the node changes nothing.
std::optional<std::vector<int64_t>> read_axes(Node& node, int32_t rank) {
  const bool empty_is_none = node.attributes.flag("noop_with_empty_axes", false);
  std::vector<int64_t> axes = node.attributes.integers("axes", {});
  if (node.has_input(1)) {
    node.require(axes.empty(), ErrorCode::kINVALID_NODE, "axes both as an attribute and as an input");
    axes = node.constant_ints(1, "axes");
  }
  if (axes.empty() && empty_is_none) return std::nullopt;
  if (axes.empty()) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  for (int64_t& axis : axes) axis = node.axis(axis, rank);
  return axes;
}

/// log(sum(exp(x))) with the largest element taken out, so that nothing overflows.
ITensor& log_sum_exp(Context& context, ITensor& x, std::vector<int64_t> const& axes, bool keep) {
  ITensor& largest = reduce(context, x, R::kMAX, axes, true);
  ITensor& zero = scalar(context, x.getType(), 0, rank_of(x));
  ITensor& shift = select(context, unary(context, largest, U::kISINF), zero, largest);
  ITensor& total = reduce(context, unary(context, binary(context, x, shift, E::kSUB), U::kEXP), R::kSUM, axes, true);
  ITensor& result = binary(context, unary(context, total, U::kLOG), shift, E::kSUM);
  return keep ? result : squeeze(context, result, axes);
}

ITensor& fold(Context& context, ITensor& x, Fold kind, std::vector<int64_t> const& axes, bool keep) {
  const auto plain = [&](ITensor& t, R op) -> ITensor& { return reduce(context, t, op, axes, keep); };
  switch (kind) {
    case Fold::kSum:
      return plain(x, R::kSUM);
    case Fold::kMean:
      return plain(x, R::kAVG);
    case Fold::kProd:
      return plain(x, R::kPROD);
    case Fold::kMax:
      return plain(x, R::kMAX);
    case Fold::kMin:
      return plain(x, R::kMIN);
    case Fold::kL1:
      return plain(unary(context, x, U::kABS), R::kSUM);
    case Fold::kL2:
      return unary(context, plain(binary(context, x, x, E::kPROD), R::kSUM), U::kSQRT);
    case Fold::kLogSum:
      return unary(context, plain(x, R::kSUM), U::kLOG);
    case Fold::kLogSumExp:
      return log_sum_exp(context, x, axes, keep);
    case Fold::kSumSquare:
      return plain(binary(context, x, x, E::kPROD), R::kSUM);
  }
  throw ImportError(ErrorCode::kINTERNAL_ERROR, "unknown reduction");
}

Values import_reduce(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const bool keep = node.attributes.flag("keepdims", true);
  const auto axes = read_axes(node, rank_of(x));
  if (!axes) return {node.input(0)};
  const auto kind = node.parameter<Fold>();
  const DataType type = x.getType();
  const bool real_only = kind == Fold::kL2 || kind == Fold::kLogSum || kind == Fold::kLogSumExp;
  const bool integer =
      type == DataType::kINT32 || type == DataType::kINT64 || type == DataType::kINT8 || type == DataType::kUINT8;
  const DataType inner = type == DataType::kBOOL ? DataType::kUINT8 : integer && real_only ? DataType::kFLOAT : type;
  return {cast(context, fold(context, cast(context, x, inner), kind, *axes, keep), type)};
}

struct Extremes {
  ITensor* values;
  ITensor* indices;  ///< int64
};

Extremes top_k(Context& context, ITensor& x, TopKOperation op, Value const& k, int64_t axis) {
  const auto known = known_ints(k);
  const bool constant = known && known->values.size() == 1 && known->values[0];
  const int64_t count = constant ? *known->values[0] : 1;
  check(count >= 0 && count <= INT32_MAX, ErrorCode::kINVALID_NODE, text("k is ", count));
  ITopKLayer& layer =
      added(context.network().addTopK(x, op, static_cast<int32_t>(count), 1U << axis, DataType::kINT64), "top k");
  if (!constant) layer.setInput(1, reshape(context, to_tensor(context, k), std::vector<int64_t>{}));
  return {&result(&layer, "top k"), &result(&layer, "top k", 1)};
}

Values import_arg(Context& context, Node& node) {
  ITensor* x = &to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), rank_of(*x));
  const bool keep = node.attributes.flag("keepdims", true);
  const bool last = node.attributes.flag("select_last_index", false);
  ITensor* extent = nullptr;
  if (last) {  // the first of the elements in reverse order
    extent = &extent_of(context, *x, axis);
    ISliceLayer& reversed =
        added(context.network().addSlice(*x, to_dims(Extents{0}), to_dims(Extents{0}), to_dims(Extents{-1})), "slice");
    reversed.setAxes(to_dims(Extents{axis}));
    reversed.setInput(1, binary(context, *extent, 1, E::kSUB));
    reversed.setInput(2, *extent);
    x = &result(&reversed, "slice");
  }
  ITensor* indices = top_k(context, *x, node.parameter<TopKOperation>(), Value(int_scalar(1)), axis).indices;
  if (last) {
    ITensor& highest = with_rank(context, binary(context, *extent, 1, E::kSUB), rank_of(*x));
    indices = &binary(context, highest, *indices, E::kSUB);
  }
  return {keep ? *indices : squeeze(context, *indices, {axis})};
}

Values import_top_k_by_attribute(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", -1), rank_of(x));
  const Extremes found = top_k(context, x, TopKOperation::kMAX, Value(int_scalar(node.attributes.integer("k"))), axis);
  return {*found.values, *found.indices};
}

Values import_top_k(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", -1), rank_of(x));
  const bool largest = node.attributes.flag("largest", true);
  node.attributes.flag("sorted", true);  // sorted is one of the orders that "unsorted" allows
  const Extremes found = top_k(context, x, largest ? TopKOperation::kMAX : TopKOperation::kMIN, node.input(1), axis);
  return {*found.values, *found.indices};
}

enum class Soft { kPlain, kLog };

/// log softmax from the exponents, since the logarithm of a softmax that underflowed is -infinity.
ITensor& soft(Context& context, ITensor& x, Soft kind, int64_t axis) {
  if (kind == Soft::kPlain) return softmax(context, x, axis);
  ITensor& shifted = binary(context, x, reduce(context, x, R::kMAX, {axis}, true), E::kSUB);
  ITensor& total = reduce(context, unary(context, shifted, U::kEXP), R::kSUM, {axis}, true);
  return binary(context, shifted, unary(context, total, U::kLOG), E::kSUB);
}

Values import_softmax(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  return {soft(context, x, node.parameter<Soft>(), node.axis(node.attributes.integer("axis", -1), rank_of(x)))};
}

/// Before version 13 all dimensions from axis on were one.
Values import_flat_softmax(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const auto axis = static_cast<int32_t>(node.axis(node.attributes.integer("axis", 1), rank));
  ITensor& flat = fold_dims(context, x, axis, rank);
  ITensor& y = soft(context, flat, node.parameter<Soft>(), axis);
  return {axis == rank - 1 ? y : reshape(context, y, shape_of(context, x))};
}

constexpr Count kOne{1, 1};
constexpr Count kAxes{1, 2};

constexpr OpRow kRows[] = {
    OpRow::from("ReduceSum", 1, kAxes, kOne, import_reduce, Fold::kSum),
    OpRow::from("ReduceMean", 1, kAxes, kOne, import_reduce, Fold::kMean),
    OpRow::from("ReduceProd", 1, kAxes, kOne, import_reduce, Fold::kProd),
    OpRow::from("ReduceMax", 1, kAxes, kOne, import_reduce, Fold::kMax),
    OpRow::from("ReduceMin", 1, kAxes, kOne, import_reduce, Fold::kMin),
    OpRow::from("ReduceL1", 1, kAxes, kOne, import_reduce, Fold::kL1),
    OpRow::from("ReduceL2", 1, kAxes, kOne, import_reduce, Fold::kL2),
    OpRow::from("ReduceLogSum", 1, kAxes, kOne, import_reduce, Fold::kLogSum),
    OpRow::from("ReduceLogSumExp", 1, kAxes, kOne, import_reduce, Fold::kLogSumExp),
    OpRow::from("ReduceSumSquare", 1, kAxes, kOne, import_reduce, Fold::kSumSquare),
    OpRow::from("ArgMax", 1, kOne, kOne, import_arg, TopKOperation::kMAX),
    OpRow::from("ArgMin", 1, kOne, kOne, import_arg, TopKOperation::kMIN),
    {"TopK", 1, 9, kOne, {1, 2}, import_top_k_by_attribute},
    OpRow::from("TopK", 10, {2, 2}, {1, 2}, import_top_k),
    {"Softmax", 1, 12, kOne, kOne, import_flat_softmax, static_cast<int64_t>(Soft::kPlain)},
    OpRow::from("Softmax", 13, kOne, kOne, import_softmax, Soft::kPlain),
    {"LogSoftmax", 1, 12, kOne, kOne, import_flat_softmax, static_cast<int64_t>(Soft::kLog)},
    OpRow::from("LogSoftmax", 13, kOne, kOne, import_softmax, Soft::kLog),
};

}  // namespace

OpRows reductions_rows() { return kRows; }

}  // namespace rondo::onnx
