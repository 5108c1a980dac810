// Products of quantized operands, computed exactly in int32: zero points are taken off first, einsum multiplies
// integers. A convolution is the sum of such products over the elements of its kernel.
#include "layers/extents.h"
#include "ops/op_table.h"
#include "ops/quantized/quantized_values.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

/// An operand of an integer product, its zero point taken off: int32.
ITensor& centred(Context& context, Node const& node, int32_t operand, int32_t zero_input, bool rows) {
  ITensor& x = integers(context, to_tensor(context, node.input(operand)), DataType::kINT32);
  if (is_zero(node.input(zero_input))) return x;
  ITensor& zero = integers(context, to_tensor(context, node.input(zero_input)), DataType::kINT32);
  // A vector belongs to the rows of the left operand, to the columns of the right one.
  ITensor& fitting = rows && rank_of(zero) == 1 && dims_of(zero)[0] != 1 ? unsqueeze(context, zero, {1}) : zero;
  return binary(context, x, fitting, E::kSUB);
}

/// a b in int32, exactly, as matmul of the format defines it for ranks of two and more, and vectors.
ITensor& integer_product(Context& context, Node const& node, ITensor& a, ITensor& b) {
  const int32_t rank_a = rank_of(a), rank_b = rank_of(b);
  node.require(rank_a >= 1 && rank_b >= 1, ErrorCode::kINVALID_NODE, "a product of scalars is none");
  ITensor* const inputs[] = {&a, &b};
  const std::string left = rank_a == 1 ? "k" : "...ik", right = rank_b == 1 ? "k" : "...kj";
  const bool batched = rank_a > 2 || rank_b > 2;
  const std::string out = std::string(batched || (rank_a > 1 && rank_b > 1) ? "..." : "") + (rank_a == 1 ? "" : "i") +
                          (rank_b == 1 ? "" : "j");
  return result(context.network().addEinsum(inputs, 2, (left + "," + right + "->" + out).c_str()), "einsum");
}

Values import_mat_mul_integer(Context& context, Node& node) {
  return {integer_product(context, node, centred(context, node, 0, 2, true), centred(context, node, 1, 3, false))};
}

/// Inputs a, its scale and zero point, b, its scale and zero point, scale and zero point of the result.
Values import_q_linear_mat_mul(Context& context, Node& node) {
  ITensor& product =
      integer_product(context, node, centred(context, node, 0, 2, true), centred(context, node, 3, 5, false));
  const auto scale = [&](int32_t index, bool rows) -> ITensor& {
    ITensor& s = as_float(context, to_tensor(context, node.input(index)));
    return rows && rank_of(s) == 1 && dims_of(s)[0] != 1 ? unsqueeze(context, s, {1}) : s;
  };
  ITensor& factor = binary(context, scale(1, true), scale(4, false), E::kPROD);
  ITensor& real = binary(context, as_float(context, product), factor, E::kPROD);
  const DataType type = node.input(7).type();
  return {
      quantized(context, real, scale(6, true), &to_tensor(context, node.input(7)), quantized_range(node, type), type)};
}

/// A tensor of one element as a scalar.
ITensor& as_one(Context& context, ITensor& x) { return rank_of(x) == 0 ? x : reshape(context, x, Extents{}); }

/// The weights that belong to one tap: int32 [G, K / G, C / G].
ITensor& tap_weights(Context& context, ITensor& kernel, Extents const& at, int64_t groups) {
  const Extents dims = dims_of(kernel);
  Extents start{0, 0}, size{dims[0], dims[1]};
  start.insert(start.end(), at.begin(), at.end());
  size.insert(size.end(), at.size(), 1);
  ITensor& part = slice(context, kernel, start, size, Extents(dims.size(), 1));
  return reshape(context, part, Extents{groups, dims[0] / groups, dims[1]});
}

/// x [N, C, ..] and kernel [K, C / G, ..], both int32 without zero points -> int32 [N, K, ..].
ITensor& integer_convolution(Context& context, Node& node, ITensor& x, ITensor& kernel) {
  const Extents spatial = spatial_dims(node, x), dims = dims_of(kernel);
  node.require(dims.size() == spatial.size() + 2 && all_known(dims), ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("known weights of rank ", spatial.size() + 2, " are needed, not ", node.input_types()));
  Window window = read_window(node, spatial.size(), dims.from(2));
  const int64_t groups = node.attributes.integer("group", 1);
  node.require(groups >= 1 && dims[0] % groups == 0 && dims_of(x)[1] == dims[1] * groups, ErrorCode::kINVALID_NODE,
               text("group ", groups, " does not divide the channels of ", node.input_types()));
  window.resolve_padding(node, spatial);
  const Extents out = window.outputs(spatial, false);
  ITensor* sum = nullptr;
  for (Tap const& tap : window_taps(context, node, x, window, out, 0)) {
    ITensor* const inputs[] = {&split_dim(context, *tap.values, 1, {groups, dims[1]}),
                               &tap_weights(context, kernel, tap.at, groups)};
    ITensor& product = result(context.network().addEinsum(inputs, 2, "ngc...,gkc->ngk..."), "einsum");
    sum = sum ? &binary(context, *sum, product, E::kSUM) : &product;
  }
  return fold_dims(context, *sum, 1, 3);
}

/// A vector along the channels of the result, or one element.
ITensor& along_channels(Context& context, ITensor& vector, int32_t rank) {
  if (rank_of(vector) == 0 || dims_of(vector)[0] == 1)
    return reshape(context, vector, Extents(static_cast<size_t>(rank), 1));
  std::vector<int64_t> axes;
  for (int32_t axis = 1; axis + 1 < rank; ++axis) axes.push_back(axis);
  return unsqueeze(context, vector, axes);
}

/// A kernel without its zero point, which may be one per map.
ITensor& centred_kernel(Context& context, Node const& node, int32_t operand, int32_t zero_input) {
  ITensor& kernel = integers(context, to_tensor(context, node.input(operand)), DataType::kINT32);
  if (is_zero(node.input(zero_input))) return kernel;
  ITensor& zero = integers(context, to_tensor(context, node.input(zero_input)), DataType::kINT32);
  Extents shape(static_cast<size_t>(rank_of(kernel)), 1);
  shape[0] = -1;
  return binary(context, kernel, reshape(context, zero, shape), E::kSUB);
}

Values import_conv_integer(Context& context, Node& node) {
  ITensor& x = integers(context, to_tensor(context, node.input(0)), DataType::kINT32);
  ITensor* own = &x;
  if (!is_zero(node.input(2)))
    own = &binary(context, x, as_one(context, integers(context, to_tensor(context, node.input(2)), DataType::kINT32)),
                  E::kSUB);
  return {integer_convolution(context, node, *own, centred_kernel(context, node, 1, 3))};
}

/// Inputs x, its scale and zero point, w, its scale and zero point, scale and zero point of the result, int32 bias.
Values import_q_linear_conv(Context& context, Node& node) {
  ITensor& x = integers(context, to_tensor(context, node.input(0)), DataType::kINT32);
  ITensor& zero = as_one(context, integers(context, to_tensor(context, node.input(2)), DataType::kINT32));
  ITensor* sum =
      &integer_convolution(context, node, binary(context, x, zero, E::kSUB), centred_kernel(context, node, 3, 5));
  const int32_t rank = rank_of(x);
  if (node.has_input(8))
    sum = &binary(context, *sum, along_channels(context, to_tensor(context, node.input(8)), rank), E::kSUM);
  ITensor& in_scale = as_float(context, as_one(context, to_tensor(context, node.input(1))));
  ITensor& factor = binary(context, as_float(context, along_channels(context, to_tensor(context, node.input(4)), rank)),
                           in_scale, E::kPROD);
  ITensor& real = binary(context, as_float(context, *sum), factor, E::kPROD);
  const DataType type = node.input(7).type();
  return {quantized(context, real, as_float(context, as_one(context, to_tensor(context, node.input(6)))),
                    &as_one(context, to_tensor(context, node.input(7))), quantized_range(node, type), type)};
}

constexpr OpRow kRows[] = {
    OpRow::from("MatMulInteger", 10, {2, 4}, {1, 1}, import_mat_mul_integer),
    OpRow::from("QLinearMatMul", 10, {8, 8}, {1, 1}, import_q_linear_mat_mul),
    OpRow::from("ConvInteger", 10, {2, 4}, {1, 1}, import_conv_integer),
    OpRow::from("QLinearConv", 10, {8, 9}, {1, 1}, import_q_linear_conv),
};

}  // namespace

OpRows integer_products_rows() { return kRows; }

}  // namespace rondo::onnx
