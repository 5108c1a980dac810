#include "layers/build.h"

#include <algorithm>
#include <numeric>

namespace rondo::onnx {
namespace {

uint32_t axis_mask(std::vector<int64_t> const& axes) {
  uint32_t mask = 0;
  for (int64_t axis : axes) mask |= 1U << axis;
  return mask;
}

ITensor& checked(ITensor& tensor, char const* what) {
  check(tensor.getDimensions().nbDims >= 0, ErrorCode::kINVALID_NODE,
        text("the operands do not fit each other (", what, ")"));
  return tensor;
}

}  // namespace

ITensor& result(ILayer* layer, char const* what, int32_t index) {
  ITensor* tensor = added(layer, what).getOutput(index);
  check(tensor != nullptr, ErrorCode::kINTERNAL_ERROR, text("layer (", what, ") has no output ", index));
  return checked(*tensor, what);
}

Dims to_dims(std::span<int64_t const> extents) {
  check(extents.size() <= static_cast<size_t>(Dims::MAX_DIMS), ErrorCode::kUNSUPPORTED_NODE_SHAPE,
        text("rank ", extents.size(), " of ", dims_text(extents), " is above ", Dims::MAX_DIMS));
  Dims dims{static_cast<int32_t>(extents.size()), {}};
  std::copy(extents.begin(), extents.end(), dims.d);
  return dims;
}

Extents to_extents(Dims const& dims) { return {dims.d, dims.d + std::max(dims.nbDims, 0)}; }

ITensor& to_tensor(Context& context, Value const& value) {
  if (value.is_constant()) return context.constant_tensor(value.constant());
  check(value.is_tensor(), ErrorCode::kINVALID_NODE, text("a tensor is needed, not ", type_text(value)));
  return checked(*value.tensor(), "shape of an input");
}

int32_t rank_of(ITensor& tensor) { return checked(tensor, "shape of an operand").getDimensions().nbDims; }

Extents dims_of(ITensor& tensor) { return to_extents(checked(tensor, "shape of an operand").getDimensions()); }

ITensor& scalar(Context& context, DataType type, double value, int32_t rank) {
  return context.constant_tensor(host_tensor_of(type, Extents(static_cast<size_t>(rank), 1), std::span(&value, 1)));
}

ITensor& ints(Context& context, std::vector<int64_t> values) {
  return context.constant_tensor(int_vector(std::move(values)));
}

ITensor& cast(Context& context, ITensor& x, DataType type) {
  return x.getType() == type ? x : result(context.network().addCast(x, type), "cast");
}

ITensor& integers(Context& context, ITensor& x, DataType type) {
  const DataType given = x.getType();
  const bool whole =
      given == DataType::kINT64 || given == DataType::kINT32 || given == DataType::kINT8 || given == DataType::kUINT8;
  check(whole, ErrorCode::kINVALID_NODE, text("integers are needed where the input is ", type_name(given)));
  return cast(context, x, type);
}

ITensor& unary(Context& context, ITensor& x, UnaryOperation op) {
  return result(context.network().addUnary(x, op), "unary");
}

ITensor& activation(Context& context, ITensor& x, ActivationType type, float alpha, float beta) {
  IActivationLayer& layer = added(context.network().addActivation(x, type), "activation");
  layer.setAlpha(alpha);
  layer.setBeta(beta);
  return result(&layer, "activation");
}

ITensor& binary(Context& context, ITensor& a, ITensor& b, ElementWiseOperation op) {
  const int32_t rank = std::max(rank_of(a), rank_of(b));
  return result(context.network().addElementWise(with_rank(context, a, rank), with_rank(context, b, rank), op),
                "elementwise");
}

ITensor& binary(Context& context, ITensor& a, double b, ElementWiseOperation op) {
  return binary(context, a, scalar(context, a.getType(), b, rank_of(a)), op);
}

ITensor& select(Context& context, ITensor& condition, ITensor& then, ITensor& otherwise) {
  const int32_t rank = std::max({rank_of(condition), rank_of(then), rank_of(otherwise)});
  return result(context.network().addSelect(with_rank(context, condition, rank), with_rank(context, then, rank),
                                            with_rank(context, otherwise, rank)),
                "select");
}

ITensor& logical_not(Context& context, ITensor& x) { return unary(context, x, UnaryOperation::kNOT); }

ITensor& with_rank(Context& context, ITensor& x, int32_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(std::max(rank - rank_of(x), 0)));
  std::iota(axes.begin(), axes.end(), 0);
  return unsqueeze(context, x, std::move(axes));
}

ITensor& unsqueeze(Context& context, ITensor& x, std::vector<int64_t> axes) {
  if (axes.empty()) return x;
  to_dims(Extents(static_cast<size_t>(rank_of(x)) + axes.size()));
  return result(context.network().addUnsqueeze(x, ints(context, std::move(axes))), "unsqueeze");
}

ITensor& squeeze(Context& context, ITensor& x, std::vector<int64_t> axes) {
  return axes.empty() ? x : result(context.network().addSqueeze(x, ints(context, std::move(axes))), "squeeze");
}

ITensor& transpose(Context& context, ITensor& x, std::vector<int64_t> const& permutation) {
  Permutation order{};
  std::copy(permutation.begin(), permutation.end(), order.order);
  if (std::is_sorted(permutation.begin(), permutation.end())) return x;
  IShuffleLayer& layer = added(context.network().addShuffle(x), "transpose");
  layer.setFirstTranspose(order);
  return result(&layer, "transpose");
}

ITensor& reshape(Context& context, ITensor& x, std::vector<int64_t> const& extents) {
  IShuffleLayer& layer = added(context.network().addShuffle(x), "reshape");
  layer.setZeroIsPlaceholder(false);
  layer.setReshapeDimensions(to_dims(extents));
  return result(&layer, "reshape");
}

ITensor& reshape(Context& context, ITensor& x, ITensor& extents) {
  IShuffleLayer& layer = added(context.network().addShuffle(x), "reshape");
  layer.setZeroIsPlaceholder(false);
  layer.setInput(1, extents);
  return result(&layer, "reshape");
}

ITensor& fold_dims(Context& context, ITensor& x, int32_t from, int32_t to) {
  if (to - from == 1) return x;
  const Extents dims = dims_of(x);
  if (to == from) return unsqueeze(context, x, {from});
  int64_t folded = 1;
  int32_t unknown = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(dims.size()); ++i) {
    const int64_t extent = dims[static_cast<size_t>(i)];
    if (i < from || i >= to) {
      unknown += extent < 0;
    } else if (folded < 0 || extent < 0 || __builtin_mul_overflow(folded, extent, &folded)) {
      folded = -1;
    }
  }
  if (unknown + (folded < 0) <= 1) {
    Extents extents(dims.begin(), dims.begin() + from);
    extents.push_back(folded);
    extents.insert(extents.end(), dims.begin() + to, dims.end());
    return reshape(context, x, extents);
  }
  Tensors parts;
  for (int32_t i = 0; i < from; ++i) parts.push_back(&extent_of(context, x, i));
  if (folded < 0) {
    ITensor& inside = slice_axis(context, shape_of(context, x), 0, from, to);
    parts.push_back(&reduce(context, inside, ReduceOperation::kPROD, {0}, true));
  } else {
    parts.push_back(&ints(context, {folded}));
  }
  for (int32_t i = to; i < static_cast<int32_t>(dims.size()); ++i) parts.push_back(&extent_of(context, x, i));
  return reshape(context, x, concat(context, parts, 0));
}

ITensor& concat(Context& context, Tensors const& parts, int64_t axis) {
  if (parts.size() == 1) return *parts[0];
  IConcatenationLayer& layer =
      added(context.network().addConcatenation(parts.data(), static_cast<int32_t>(parts.size())), "concatenation");
  layer.setAxis(static_cast<int32_t>(axis));
  return result(&layer, "concatenation");
}

ITensor& shape_of(Context& context, ITensor& x) {
  const Extents dims = dims_of(x);
  if (std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; })) return ints(context, dims);
  return cast(context, result(context.network().addShape(x), "shape"), DataType::kINT64);
}

ITensor& extent_of(Context& context, ITensor& x, int64_t axis) {
  const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
  return extent >= 0 ? ints(context, {extent}) : slice_axis(context, shape_of(context, x), 0, axis, axis + 1);
}

ITensor& broadcast_to(Context& context, ITensor& x, Value const& extents) {
  const auto rank = static_cast<int32_t>(extents.dims().at(0));
  ITensor& wide = with_rank(context, x, rank);
  const Extents from = dims_of(wide);
  const auto known = known_ints(extents);
  bool steady = true;
  Extents stride(from.size());
  for (size_t i = 0; i < from.size(); ++i) {
    const int64_t to = known ? known->values[i].value_or(from[i]) : from[i];
    steady &= from[i] >= 0;
    stride[i] = from[i] == 1 ? 0 : 1;
    check(from[i] < 0 || from[i] == 1 || from[i] == to, ErrorCode::kINVALID_NODE,
          text("extent ", from[i], " cannot be repeated to ", to));
  }
  if (from.empty()) return wide;
  const Extents zeros(from.size(), 0);
  ISliceLayer& layer =
      added(context.network().addSlice(wide, to_dims(zeros), to_dims(zeros), to_dims(stride)), "slice");
  layer.setInput(2, to_tensor(context, extents));
  if (!steady) {  // an extent of 1 or not, decided at run time: stride = min(extent - 1, 1)
    ITensor& shape = shape_of(context, wide);
    ITensor& less = binary(context, shape, 1, ElementWiseOperation::kSUB);
    layer.setInput(3, binary(context, less, 1, ElementWiseOperation::kMIN));
  }
  return result(&layer, "slice");
}

ITensor& slice(Context& context, ITensor& x, Extents const& start, Extents const& size, Extents const& stride) {
  return result(context.network().addSlice(x, to_dims(start), to_dims(size), to_dims(stride)), "slice");
}

ITensor& slice_axis(Context& context, ITensor& x, int64_t axis, int64_t start, int64_t end) {
  const Extents dims = dims_of(x);
  const auto at = static_cast<size_t>(axis);
  if (start == 0 && dims[at] == end) return x;
  ISliceLayer& layer =
      added(context.network().addSlice(x, to_dims(Extents{start}), to_dims(Extents{end - start}), to_dims(Extents{1})),
            "slice");
  layer.setAxes(to_dims(Extents{axis}));
  return result(&layer, "slice");
}

ITensor& gather(Context& context, ITensor& data, ITensor& indices, int64_t axis, GatherMode mode) {
  IGatherLayer& layer = added(context.network().addGatherV2(data, indices, mode), "gather");
  layer.setGatherAxis(static_cast<int32_t>(axis));
  return result(&layer, "gather");
}

ITensor& wrap_indices(Context& context, ITensor& indices, ITensor& data, int64_t axis) {
  ITensor& wide = integers(context, indices);
  const int32_t rank = rank_of(wide);
  ITensor& extent = extent_of(context, data, axis);
  ITensor& shaped = rank == 0 ? squeeze(context, extent, {0}) : with_rank(context, extent, rank);
  ITensor& negative = binary(context, wide, 0, ElementWiseOperation::kLESS);
  return select(context, negative, binary(context, wide, shaped, ElementWiseOperation::kSUM), wide);
}

ITensor& reduce(Context& context, ITensor& x, ReduceOperation op, std::vector<int64_t> const& axes, bool keep) {
  return axes.empty() ? x : result(context.network().addReduce(x, op, axis_mask(axes), keep), "reduce");
}

ITensor& matmul(Context& context, ITensor& a, MatrixOperation op_a, ITensor& b, MatrixOperation op_b) {
  return result(context.network().addMatrixMultiply(a, op_a, b, op_b), "matrix multiply");
}

ITensor& softmax(Context& context, ITensor& x, int64_t axis) {
  ISoftMaxLayer& layer = added(context.network().addSoftMax(x), "softmax");
  layer.setAxes(1U << axis);
  return result(&layer, "softmax");
}

}  // namespace rondo::onnx
