// Operators that make values out of nothing, of shapes, or of the value itself: Constant, Range, Shape, Identity, Cast.

#include <algorithm>
#include <cmath>

#include "layers/build.h"
#include "model/proto.h"
#include "ops/op_table.h"
#include "ops/shape_arithmetic.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using U = UnaryOperation;

/// Constants up to this many elements are made at import; larger ones by layers.
constexpr int64_t kLargestMade = int64_t{1} << 20;

Values import_constant(Context& context, Node& node) {
  Attributes& attributes = node.attributes;
  TensorSource const& source = node.scope().source();
  const std::string who = "constant '" + node.name() + "'";
  const auto reals = [](std::vector<float> values, bool scalar) {
    const auto n = static_cast<int64_t>(values.size());
    return make_host_tensor(DataType::kFLOAT, scalar ? Extents{} : Extents{n}, std::move(values));
  };
  if (attributes.has("value")) {
    HostTensorPtr constant = read_tensor(attributes.tensor("value"), source, who);
    if (constant->onnx_type() == proto::TensorProto::DOUBLE) context.warn(who + " is double; it becomes float32");
    return {constant};
  }
  if (attributes.has("sparse_value"))
    return {read_sparse_tensor(attributes.sparse_tensor("sparse_value"), source, who)};
  if (attributes.has("value_float")) return {reals({attributes.real("value_float")}, true)};
  if (attributes.has("value_floats")) return {reals(attributes.reals("value_floats"), false)};
  if (attributes.has("value_int")) return {int_scalar(attributes.integer("value_int"))};
  if (attributes.has("value_ints")) return {int_vector(attributes.integers("value_ints"))};
  node.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR,
            "a constant has one of the attributes value, sparse_value, value_float, value_floats, "
            "value_int and value_ints; strings are not supported");
}

Values import_identity(Context&, Node& node) { return {node.input(0)}; }

Values import_shape(Context& context, Node& node) {
  const Extents dims = node.input(0).dims();
  const auto rank = static_cast<int64_t>(dims.size());
  const auto bound = [&](char const* name, int64_t otherwise) {
    const int64_t value = node.attributes.integer(name, otherwise);
    return std::clamp(value < 0 ? value + rank : value, int64_t{0}, rank);
  };
  const int64_t start = bound("start", 0);
  const int64_t end = std::max(bound("end", rank), start);
  KnownInts known{{end - start}, {}};
  for (int64_t i = start; i < end; ++i) {
    const int64_t extent = dims[static_cast<size_t>(i)];
    known.values.push_back(extent < 0 ? std::optional<int64_t>() : extent);
  }
  return {known_or(std::move(known), DataType::kINT64, [&]() -> ITensor& {
    return slice_axis(context, shape_of(context, to_tensor(context, node.input(0))), 0, start, end);
  })};
}

Values import_size(Context& context, Node& node) {
  const Extents dims = node.input(0).dims();
  if (std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; }))
    return {int_scalar(volume(dims, "Size"))};
  ITensor& shape = shape_of(context, to_tensor(context, node.input(0)));
  return {reduce(context, shape, ReduceOperation::kPROD, {0}, false)};
}

HostTensorPtr repeated(HostTensor const& element, Extents dims) {
  const auto count = static_cast<size_t>(volume(dims, "ConstantOfShape"));
  const auto size = static_cast<size_t>(element_bytes(element.type()));
  std::vector<char> bytes(count * size);
  for (size_t i = 0; i < count; ++i) std::memcpy(bytes.data() + i * size, element.data(), size);
  return make_host_tensor(element.type(), std::move(dims), std::move(bytes));
}

Values import_constant_of_shape(Context& context, Node& node) {
  HostTensorPtr element = node.attributes.has("value")
                              ? read_tensor(node.attributes.tensor("value"), node.scope().source(), "attribute 'value'")
                              : make_host_tensor(DataType::kFLOAT, {1}, std::vector<float>{0});
  node.require(element->count() == 1, ErrorCode::kINVALID_NODE, "attribute 'value' has more than one element");
  Value const& shape = node.input(0);
  node.require(shape.rank() == 1 && shape.dims()[0] >= 0, ErrorCode::kINVALID_NODE,
               text("the shape must be one-dimensional, but is ", node.input_types()));
  if (shape.is_constant()) {
    const std::vector<int64_t> dims = node.constant_ints(0, "shape");
    if (volume(dims, "ConstantOfShape") <= kLargestMade) return {repeated(*element, dims)};
  }
  const Extents ones(static_cast<size_t>(shape.dims()[0]), 1);
  to_dims(ones);
  return {broadcast_to(context, context.constant_tensor(element->reshaped(ones)), shape)};
}

/// ceil((limit - start) / delta) elements, at least none.
ITensor& range_length(Context& context, ITensor& start, ITensor& limit, ITensor& delta) {
  const DataType type = start.getType();
  ITensor* count = nullptr;
  if (type == DataType::kINT32 || type == DataType::kINT64) {
    ITensor& span =
        binary(context, cast(context, start, DataType::kINT64), cast(context, limit, DataType::kINT64), E::kSUB);
    count = &unary(context, binary(context, span, cast(context, delta, DataType::kINT64), E::kFLOOR_DIV), U::kNEG);
  } else {
    ITensor& steps = binary(context, binary(context, limit, start, E::kSUB), delta, E::kDIV);
    count = &cast(context, unary(context, steps, U::kCEIL), DataType::kINT64);
  }
  return unsqueeze(context, binary(context, *count, 0, E::kMAX), {0});
}

template <typename T>
Value constant_range(Node const& node, DataType type, T start, T limit, T delta) {
  node.require(delta != 0, ErrorCode::kINVALID_NODE, "delta is 0");
  const double count =
      std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
  node.require(count <= static_cast<double>(kLargestMade), ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a range of ", count, " elements"));
  std::vector<T> values;
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
    values.push_back(static_cast<T>(start + static_cast<T>(i) * delta));
  const auto n = static_cast<int64_t>(values.size());
  return Value(host_tensor_of(type, {n}, std::span<T const>(values)));
}

Values import_range(Context& context, Node& node) {
  for (int32_t i = 0; i < 3; ++i) {
    const Extents dims = node.input(i).dims();
    node.require(dims.empty() || dims == Extents{1}, ErrorCode::kINVALID_NODE,
                 text("scalars are needed: ", node.input_types()));
  }
  const DataType type = node.input(0).type();
  const bool integer = type == DataType::kINT32 || type == DataType::kINT64;
  if (node.input(0).is_constant() && node.input(1).is_constant() && node.input(2).is_constant()) {
    if (integer) {
      const auto at = [&](int32_t i) { return node.constant_ints(i, "operand")[0]; };
      return {constant_range<int64_t>(node, type, at(0), at(1), at(2))};
    }
    const auto at = [&](int32_t i) { return node.constant(i, "operand")->to_reals()[0]; };
    return {constant_range<double>(node, type, at(0), at(1), at(2))};
  }
  const auto scalar_input = [&](int32_t i) -> ITensor& {
    ITensor& x = to_tensor(context, node.input(i));
    return rank_of(x) == 0 ? x : squeeze(context, x, {0});
  };
  ITensor& start = scalar_input(0);
  ITensor& delta = scalar_input(2);
  IFillLayer& fill = added(context.network().addFill(to_dims(Extents{1}), FillOperation::kLINSPACE, type), "range");
  fill.setInput(0, range_length(context, start, scalar_input(1), delta));
  fill.setInput(1, start);
  fill.setInput(2, unsqueeze(context, delta, {0}));
  return {result(&fill, "range")};
}

Values convert(Context& context, Node& node, DataType type) {
  Value const& x = node.input(0);
  if (x.type() == type) return {x};
  const bool to_integer = type == DataType::kINT32 || type == DataType::kINT64;
  if (x.is_constant() && x.constant()->count() <= kLargestMade) {
    HostTensor const& constant = *x.constant();
    if (constant.is_float())
      return {host_tensor_of(type, constant.dims(), std::span<double const>(constant.to_reals()))};
    return {host_tensor_of(type, constant.dims(), std::span<int64_t const>(constant.to_ints()))};
  }
  ITensor& y = cast(context, to_tensor(context, x), type);
  return {to_integer ? with_known(y, known_ints(x)) : Value(y)};
}

Values import_cast(Context& context, Node& node) {
  // Both speak of float8 targets only, which tensor_type refuses.
  node.attributes.ignore("saturate");
  node.attributes.ignore("round_mode");
  bool narrowed = false;
  const auto to = static_cast<int32_t>(node.attributes.integer("to"));
  const DataType type = tensor_type(to, "attribute 'to'", &narrowed);
  if (narrowed) context.warn(text("node '", node.name(), "' casts to double; it becomes float32"));
  return convert(context, node, type);
}

Values import_cast_like(Context& context, Node& node) {
  node.attributes.ignore("saturate");    // as in Cast
  node.attributes.ignore("round_mode");  // as in Cast
  return convert(context, node, node.input(1).type());
}

/// The identity, unless a network is trained.
Values import_dropout(Context& context, Node& node) {
  node.attributes.ignore("ratio");  // how much training drops
  node.attributes.ignore("seed");   // and which
  const auto training = known_ints(node.input(2));
  node.require(!node.has_input(2) || (training && training->values.size() == 1 && training->values[0] == 0),
               ErrorCode::kUNSUPPORTED_NODE_INPUT, "training_mode must be a constant false");
  if (!node.wants_output(1)) return {node.input(0)};
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& all = context.constant_tensor(
      host_tensor_of(DataType::kBOOL, Extents(static_cast<size_t>(rank_of(x)), 1), std::vector<int64_t>{1}));
  const Extents dims = dims_of(x);
  const bool fixed = std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; });
  return {node.input(0), broadcast_to(context, all, fixed ? Value(int_vector(dims)) : Value(shape_of(context, x)))};
}

constexpr Count kOne{1, 1};

constexpr OpRow kRows[] = {
    OpRow::from("Cast", 6, kOne, kOne, import_cast),
    OpRow::from("CastLike", 15, {2, 2}, kOne, import_cast_like),
    OpRow::from("Constant", 1, {0, 0}, kOne, import_constant),
    OpRow::from("ConstantOfShape", 9, kOne, kOne, import_constant_of_shape),
    OpRow::from("Dropout", 7, {1, 3}, {1, 2}, import_dropout),
    OpRow::from("Identity", 1, kOne, kOne, import_identity),
    OpRow::from("Range", 11, {3, 3}, kOne, import_range),
    OpRow::from("Shape", 1, kOne, kOne, import_shape),
    OpRow::from("Size", 1, kOne, kOne, import_size),
};

}  // namespace

OpRows constants_rows() { return kRows; }

}  // namespace rondo::onnx
