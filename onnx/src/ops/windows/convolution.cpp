// Convolutions. The layers take two or three spatial dimensions; with one, a dimension of extent 1 is put in front of
// it and taken out again. A transposed convolution may give more than kernel and strides reach (output_padding,
// output_shape): what lies beyond is zero, or the bias.
#include <algorithm>

#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

struct Operands {
  ITensor* x;
  Value kernel;  ///< two spatial dimensions or more
  Value bias;
  bool widened;  ///< a dimension was put in
};

Extents kernel_dims(Node const& node, Value const& kernel, size_t spatial_rank) {
  const Extents dims = kernel.dims();
  node.require(dims.size() == spatial_rank + 2, ErrorCode::kINVALID_NODE,
               text("weights of rank ", spatial_rank + 2, " are needed, not ", type_text(kernel)));
  for (int64_t d : dims) {
    node.require(d > 0, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                 text("weights with known extents above 0 are needed, not ", type_text(kernel)));
  }
  return dims;
}

Value widen(Context& context, Value const& kernel) {
  if (!kernel.is_constant()) return unsqueeze(context, *kernel.tensor(), {2});
  Extents dims = kernel.constant()->dims();
  dims.insert(dims.begin() + 2, 1);
  return kernel.constant()->reshaped(dims);
}

Operands operands(Context& context, Node& node, Window& window) {
  Operands o{&to_tensor(context, node.input(0)), node.input(1), node.input(2), window.rank() == 1};
  if (!o.widened) return o;
  window.make_two_dimensional();
  o.x = &unsqueeze(context, *o.x, {2});
  o.kernel = widen(context, o.kernel);
  return o;
}

Weights weights_of(Context& context, Value const& value, DataType type) {
  return value.is_constant() ? context.keep(value.constant()) : Weights{type, nullptr, 0};
}

template <typename Layer>
void set_tensors(Context& context, Layer& layer, Operands const& o) {
  if (o.kernel.is_tensor()) layer.setInput(1, to_tensor(context, o.kernel));
  if (o.bias.is_tensor()) layer.setInput(2, to_tensor(context, o.bias));
}

ITensor& narrowed(Context& context, ITensor& y, bool widened) { return widened ? squeeze(context, y, {2}) : y; }

Values import_conv(Context& context, Node& node) {
  const Extents spatial = spatial_dims(node, to_tensor(context, node.input(0)));
  const Extents dims = kernel_dims(node, node.input(1), spatial.size());
  Window window = read_window(node, spatial.size(), dims.from(2));
  const int64_t groups = node.groups("group", node.attributes.integer("group", 1), dims[0]);
  const Operands o = operands(context, node, window);
  const DataType type = o.x->getType();
  IConvolutionLayer& layer =
      added(context.network().addConvolutionNd(*o.x, dims[0], to_dims(window.kernel),
                                               weights_of(context, o.kernel, type), weights_of(context, o.bias, type)),
            "convolution");
  layer.setNbGroups(groups);
  layer.setDilationNd(to_dims(window.dilations));
  set_window(layer, window);
  set_tensors(context, layer, o);
  return {narrowed(context, result(&layer, "convolution"), o.widened)};
}

/// Padding of a transposed convolution, negative where the output goes beyond what the kernel reaches.
void resolve_transposed(Node& node, Window& window, Extents const& spatial) {
  const size_t rank = window.rank();
  const Extents extra = node.attributes.integers("output_padding", Extents(rank, 0));
  const auto shape = node.attributes.optional_integers("output_shape");
  node.require(extra.size() == rank && (!shape || shape->size() >= rank), ErrorCode::kINVALID_NODE,
               text("output_padding and output_shape need ", rank, " entries"));
  for (size_t i = 0; i < rank; ++i) {
    if (shape || window.is_same()) {
      node.require(!shape || spatial[i] >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                   "output_shape with an extent that comes at run time is not supported");
      const int64_t wanted =
          shape ? (*shape)[shape->size() - rank + i] - window.strides[i] * (spatial[i] - 1) : window.strides[i];
      const int64_t total = extra[i] + window.span(i) - wanted;
      const int64_t half = std::max<int64_t>(total, 0) / 2;
      window.before[i] = window.mode == Window::Auto::kSameUpper ? half : std::max<int64_t>(total, 0) - half;
      window.after[i] = total - window.before[i];
    }
    window.after[i] -= extra[i];
  }
  window.mode = Window::Auto::kExplicit;
}

/// Appends zeros to the spatial dimensions.
ITensor& append_zeros(Context& context, ITensor& x, Extents const& counts) {
  Extents before(static_cast<size_t>(rank_of(x)), 0), after = before;
  std::copy(counts.begin(), counts.end(), after.begin() + 2);
  return pad_with(context, x, before, after, 0);
}

Values import_conv_transpose(Context& context, Node& node) {
  const Extents spatial = spatial_dims(node, to_tensor(context, node.input(0)));
  const Extents dims = kernel_dims(node, node.input(1), spatial.size());
  Window window = read_window(node, spatial.size(), dims.from(2));
  const int64_t groups = node.groups("group", node.attributes.integer("group", 1), dims[0]);
  resolve_transposed(node, window, spatial);
  Operands o = operands(context, node, window);
  Extents missing(window.rank(), 0);
  for (size_t i = 0; i < window.rank(); ++i) {
    missing[i] = std::max<int64_t>(-window.after[i], 0);
    window.after[i] = std::max<int64_t>(window.after[i], 0);
  }
  const bool reaches = std::all_of(missing.begin(), missing.end(), [](int64_t m) { return m == 0; });
  const Value bias = reaches ? Value() : std::exchange(o.bias, Value());
  const DataType type = o.x->getType();
  IDeconvolutionLayer& layer = added(
      context.network().addDeconvolutionNd(*o.x, dims[1] * groups, to_dims(window.kernel),
                                           weights_of(context, o.kernel, type), weights_of(context, o.bias, type)),
      "deconvolution");
  layer.setNbGroups(groups);
  layer.setDilationNd(to_dims(window.dilations));
  set_window(layer, window);
  set_tensors(context, layer, o);
  ITensor* y = &result(&layer, "deconvolution");
  if (!reaches) y = &append_zeros(context, *y, missing);
  if (!bias.absent()) {
    Extents axes(window.rank());
    for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int64_t>(i) + 1;
    y = &binary(context, *y, unsqueeze(context, to_tensor(context, bias), axes), ElementWiseOperation::kSUM);
  }
  return {narrowed(context, *y, o.widened)};
}

constexpr OpRow kRows[] = {
    OpRow::from("Conv", 1, {2, 3}, {1, 1}, import_conv),
    OpRow::from("ConvTranspose", 1, {2, 3}, {1, 1}, import_conv_transpose),
};

}  // namespace

OpRows convolution_rows() { return kRows; }

}  // namespace rondo::onnx
