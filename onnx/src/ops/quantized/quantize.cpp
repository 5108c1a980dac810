// Quantization. Symmetric int8 with constant scales takes the network's own layers, which the builder knows how to keep
// in int8. Every other form is arithmetic on float32: a quotient rounded to even, a zero point added, clamped to the
// type.
#include <algorithm>

#include "layers/extents.h"
#include "ops/op_table.h"
#include "ops/quantized/quantized_values.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

/// A scale or zero point against x: one element as it is; a vector along the axis; of x's rank by repeating each element block times.
ITensor& spread(Context& context, Node const& node, ITensor& factor, ITensor& x, int64_t axis, int64_t block) {
  const int32_t rank = rank_of(x), own = rank_of(factor);
  if (own == 0 || (own == 1 && dims_of(factor)[0] == 1))
    return reshape(context, factor, Extents(static_cast<size_t>(rank), 1));
  if (block > 0) {
    node.require(own == rank && all_known(dims_of(factor)), ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                 text("a scale per block has the rank of the input and known extents, not ", node.input_types()));
    Extents dims = dims_of(factor);
    ITensor& repeated = unsqueeze(context, factor, {axis + 1});
    dims.insert(dims.begin() + axis + 1, block);
    ITensor& wide = broadcast_to(context, repeated, int_vector(dims));
    ITensor& blocks = fold_dims(context, wide, static_cast<int32_t>(axis), static_cast<int32_t>(axis) + 2);
    const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
    return extent < 0 ? blocks : slice_axis(context, blocks, axis, 0, extent);
  }
  node.require(own == 1, ErrorCode::kINVALID_NODE,
               text("a scale has one element or one per index of the axis, not ", node.input_types()));
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < rank; ++i) {
    if (i != axis) axes.push_back(i);
  }
  return unsqueeze(context, factor, axes);
}

struct Form {
  int64_t axis = 0;
  int64_t block = 0;
  bool own_layer = false;  ///< the network's layer takes it
};

Form read_form(Node& node, ITensor& x, DataType quantized_type) {
  Form form;
  const bool vector = node.input(1).rank() > 0 && node.input(1).dims() != Extents{1};
  const int64_t axis = node.opset() >= 13 ? node.attributes.integer("axis", 1) : 1;
  form.axis = vector ? node.axis(axis, rank_of(x)) : 0;
  if (node.opset() >= 21) form.block = node.attributes.integer("block_size", 0);
  node.require(form.block >= 0, ErrorCode::kINVALID_NODE, text("attribute 'block_size' is ", form.block));
  form.own_layer = quantized_type == DataType::kINT8 && node.input(1).is_constant() && is_zero(node.input(2)) &&
                   form.block == 0 && node.input(1).type() == DataType::kFLOAT &&
                   (!vector || node.input(1).rank() == 1);
  return form;
}

Values import_quantize(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  DataType type = node.has_input(2) ? node.input(2).type() : DataType::kUINT8;
  if (node.opset() >= 19) node.attributes.ignore("saturate");  // concerns 8-bit floats only
  if (node.opset() >= 21) {
    const auto asked = node.attributes.integer("output_dtype", 0);
    if (asked != 0) type = tensor_type(static_cast<int32_t>(asked), "attribute 'output_dtype'");
  }
  if (node.opset() >= 23) {
    node.require(node.attributes.integer("precision", 0) <= 1, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "attribute 'precision': quotients are computed in float (1)");
  }
  const QuantizedRange range = quantized_range(node, type);
  const Form form = read_form(node, x, type);
  if (form.own_layer && x.getType() == DataType::kFLOAT) {
    IQuantizeLayer& layer =
        added(context.network().addQuantize(x, to_tensor(context, node.input(1)), DataType::kINT8), "quantize");
    if (node.input(1).rank() == 1 && node.input(1).dims()[0] != 1) layer.setAxis(static_cast<int32_t>(form.axis));
    return {result(&layer, "quantize")};
  }
  ITensor& scale =
      as_float(context, spread(context, node, to_tensor(context, node.input(1)), x, form.axis, form.block));
  ITensor* zero = is_zero(node.input(2))
                      ? nullptr
                      : &spread(context, node, to_tensor(context, node.input(2)), x, form.axis, form.block);
  return {quantized(context, as_float(context, x), scale, zero, range, type)};
}

Values import_dequantize(Context& context, Node& node) {
  ITensor& q = to_tensor(context, node.input(0));
  ITensor& given = to_tensor(context, node.input(1));
  DataType type = given.getType();
  if (node.opset() >= 23) {
    const auto asked = node.attributes.integer("output_dtype", 0);
    if (asked != 0) type = tensor_type(static_cast<int32_t>(asked), "attribute 'output_dtype'");
  }
  const Form form = read_form(node, q, q.getType());
  if (form.own_layer && type == DataType::kFLOAT) {
    IDequantizeLayer& layer = added(context.network().addDequantize(q, given, type), "dequantize");
    if (node.input(1).rank() == 1 && node.input(1).dims()[0] != 1) layer.setAxis(static_cast<int32_t>(form.axis));
    return {result(&layer, "dequantize")};
  }
  ITensor* steps = &q;
  if (!is_zero(node.input(2))) {
    ITensor& zero = spread(context, node, to_tensor(context, node.input(2)), q, form.axis, form.block);
    steps = &binary(context, cast(context, q, DataType::kINT32), cast(context, zero, DataType::kINT32), E::kSUB);
  }
  ITensor& scale = spread(context, node, given, q, form.axis, form.block);
  return {cast(context, binary(context, as_float(context, *steps), as_float(context, scale), E::kPROD), type)};
}

Values import_dynamic_quantize(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  ITensor& flat = reshape(context, x, Extents{-1});
  ITensor& least = binary(context, reduce(context, flat, ReduceOperation::kMIN, {0}, false), 0, E::kMIN);
  ITensor& most = binary(context, reduce(context, flat, ReduceOperation::kMAX, {0}, false), 0, E::kMAX);
  ITensor& scale = binary(context, binary(context, most, least, E::kSUB), 255, E::kDIV);
  ITensor& below = unary(context, binary(context, least, scale, E::kDIV), UnaryOperation::kNEG);
  ITensor& zero = clamp_to(context, unary(context, below, UnaryOperation::kROUND), {0, 255}, DataType::kUINT8);
  ITensor& y =
      quantized(context, x, reshape(context, scale, Extents(static_cast<size_t>(rank_of(x)), 1)),
                &reshape(context, zero, Extents(static_cast<size_t>(rank_of(x)), 1)), {0, 255}, DataType::kUINT8);
  return {y, scale, zero};
}

constexpr OpRow kRows[] = {
    OpRow::from("QuantizeLinear", 10, {2, 3}, {1, 1}, import_quantize),
    OpRow::from("DequantizeLinear", 10, {2, 3}, {1, 1}, import_dequantize),
    OpRow::from("DynamicQuantizeLinear", 11, {1, 1}, {3, 3}, import_dynamic_quantize),
};

}  // namespace

OpRows quantize_rows() { return kRows; }

}  // namespace rondo::onnx
