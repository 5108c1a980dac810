// Elements in another order, and masks that follow from places.
#include <algorithm>
#include <numeric>

#include "layers/extents.h"
#include "ops/op_table.h"
#include "ops/windows/taps.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

void require_image(Node const& node, ITensor& x) {
  node.require(rank_of(x) == 4, ErrorCode::kINVALID_NODE,
               text("an input of rank 4 is needed, not ", node.input_types()));
}

int64_t block_size(Node& node) {
  const int64_t block = node.attributes.integer("blocksize");
  node.require(block >= 1 && block <= 1 << 15, ErrorCode::kINVALID_NODE, text("attribute 'blocksize' is ", block));
  return block;
}

Values import_depth_to_space(Context& context, Node& node) {
  static constexpr char const* kModes[] = {"DCR", "CRD"};
  ITensor& x = to_tensor(context, node.input(0));
  require_image(node, x);
  const int64_t block = block_size(node);
  const bool columns_first = node.opset() >= 11 && node.attributes.choice("mode", "DCR", kModes) == 1;
  // [N, b, b, C, H, W] or [N, C, b, b, H, W] -> [N, C, H, b, W, b]
  ITensor& split = split_dim(context, x, 1, columns_first ? Extents{-1, block, block} : Extents{block, block, -1});
  ITensor& turned = transpose(context, split, columns_first ? Extents{0, 1, 4, 2, 5, 3} : Extents{0, 3, 4, 1, 5, 2});
  return {fold_dims(context, fold_dims(context, turned, 4, 6), 2, 4)};
}

Values import_space_to_depth(Context& context, Node& node) {
  static constexpr char const* kModes[] = {"DCR", "CRD"};
  ITensor& x = to_tensor(context, node.input(0));
  require_image(node, x);
  const int64_t block = block_size(node);
  const bool columns_first = node.attributes.has("mode") && node.attributes.choice("mode", "DCR", kModes) == 1;
  ITensor& split = split_dim(context, split_dim(context, x, 3, {-1, block}), 2, {-1, block});
  // [N, C, H, b, W, b] -> [N, b, b, C, H, W] or [N, C, b, b, H, W]
  ITensor& turned = transpose(context, split, columns_first ? Extents{0, 1, 3, 5, 2, 4} : Extents{0, 3, 5, 1, 2, 4});
  return {fold_dims(context, turned, 1, 4)};
}

/// column - row, int64, for the last two dimensions.
ITensor& diagonal_of(Context& context, ITensor& x) {
  const int64_t rank = rank_of(x);
  return binary(context, iota(context, x, rank - 1), iota(context, x, rank - 2), E::kSUB);
}

Values import_trilu(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  node.require(rank >= 2, ErrorCode::kINVALID_NODE,
               text("an input of rank 2 or more is needed, not ", node.input_types()));
  ITensor& k = node.has_input(1) ? reshape(context, integers(context, to_tensor(context, node.input(1))),
                                           Extents(static_cast<size_t>(rank), 1))
                                 : scalar(context, DataType::kINT64, 0, rank);
  const bool upper = node.attributes.flag("upper", true);
  ITensor& leaves = binary(context, diagonal_of(context, x), k, upper ? E::kLESS : E::kGREATER);
  return {select(context, leaves, scalar(context, x.getType(), 0, rank), x)};
}

Values import_eye_like(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  node.require(rank_of(x) == 2, ErrorCode::kINVALID_NODE,
               text("an input of rank 2 is needed, not ", node.input_types()));
  const auto k = static_cast<double>(node.attributes.integer("k", 0));
  const auto asked = node.attributes.optional_integer("dtype");
  const DataType type = asked ? tensor_type(static_cast<int32_t>(*asked), "attribute 'dtype'") : x.getType();
  return {cast(context, binary(context, diagonal_of(context, x), k, E::kEQUAL), type)};
}

Values import_cum_sum(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const std::vector<int64_t> axis = node.constant_ints(1, "axis");
  node.require(axis.size() == 1, ErrorCode::kINVALID_NODE, "axis needs one element");
  ITensor& place = context.constant_tensor(int_scalar(node.axis(axis[0], rank_of(x))));
  return {result(
      context.network().addCumulative(x, place, CumulativeOperation::kSUM, node.attributes.flag("exclusive", false),
                                      node.attributes.flag("reverse", false)),
      "cumulative")};
}

/// y_i is the product of what a triangular mask leaves of x: select(j <= i, x_j, 1), multiplied over j.
Values import_cum_prod(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const std::vector<int64_t> axes = node.constant_ints(1, "axis");
  node.require(axes.size() == 1, ErrorCode::kINVALID_NODE, "axis needs one element");
  const int64_t axis = node.axis(axes[0], rank);
  const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
  node.require(extent >= 0 && extent <= 4096, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("running products need an axis of known extent up to 4096, not ", extent));
  const bool exclusive = node.attributes.flag("exclusive", false), reverse = node.attributes.flag("reverse", false);
  ITensor& wide = unsqueeze(context, x, {axis});  // [.., 1, j, ..]
  std::vector<int64_t> keep;
  for (int64_t i = 0; i < extent; ++i) {
    for (int64_t j = 0; j < extent; ++j)
      keep.push_back(reverse ? j > i || (j == i && !exclusive) : j < i || (j == i && !exclusive));
  }
  Extents dims(static_cast<size_t>(rank) + 1, 1);
  dims[static_cast<size_t>(axis)] = dims[static_cast<size_t>(axis) + 1] = extent;
  ITensor& mask = context.constant_tensor(host_tensor_of(DataType::kBOOL, dims, std::span<int64_t const>(keep)));
  ITensor& factors = select(context, mask, wide, scalar(context, x.getType(), 1, rank + 1));
  return {reduce(context, factors, ReduceOperation::kPROD, {axis + 1}, false)};
}

/// The adjoint of taking windows apart: a transposed convolution whose kernels are one at one element each.
/// Elements of the kernel that Col2Im becomes; bound by memory.
constexpr int64_t kMostOnes = int64_t{1} << 22;

Values import_col2im(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Extents image = node.constant_ints(1, "image_shape"), block = node.constant_ints(2, "block_shape");
  const size_t rank = image.size();
  node.require(rank >= 1 && rank <= 3 && block.size() == rank && rank_of(x) == 3, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("image_shape and block_shape of one to three dimensions are needed with an input of rank 3, not ",
                    node.input_types()));
  require_moderate(node, image, "image_shape");
  Window window = read_window(node, rank, block);
  const Extents dims = dims_of(x);
  const int64_t taps = window.volume();
  node.require(dims[1] > 0 && dims[1] % taps == 0, ErrorCode::kINVALID_NODE,
               text("extent ", dims[1], " is not a multiple of the block's ", taps, " elements"));
  node.require(dims[1] <= kMostOnes / taps, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("extent ", dims[1], " times a block of ", taps, " elements is above ", kMostOnes));
  Extents places(rank), after(rank);
  for (size_t i = 0; i < rank; ++i) {
    places[i] = (image[i] + window.before[i] + window.after[i] - window.span(i)) / window.strides[i] + 1;
    after[i] = image[i] - ((places[i] - 1) * window.strides[i] + window.span(i) - window.before[i]);
    window.after[i] = std::max<int64_t>(-after[i], 0);
    after[i] = std::max<int64_t>(after[i], 0);
  }
  ITensor* wide = &split_dim(context, x, 2, places);
  std::vector<double> ones(static_cast<size_t>(dims[1] * taps));
  for (int64_t c = 0; c < dims[1]; ++c) ones[static_cast<size_t>(c * taps + c % taps)] = 1;
  const Weights kernel = context.keep(host_tensor_of(x.getType(), {dims[1] * taps}, std::span<double const>(ones)));
  const bool widened = rank == 1;
  if (widened) {
    window.make_two_dimensional();
    wide = &unsqueeze(context, *wide, {2});
  }
  IDeconvolutionLayer& layer = added(context.network().addDeconvolutionNd(*wide, dims[1] / taps, to_dims(window.kernel),
                                                                          kernel, Weights{x.getType(), nullptr, 0}),
                                     "deconvolution");
  layer.setNbGroups(dims[1] / taps);
  layer.setDilationNd(to_dims(window.dilations));
  set_window(layer, window);
  ITensor& y = widened ? squeeze(context, result(&layer, "deconvolution"), {2}) : result(&layer, "deconvolution");
  after.insert(after.begin(), 2, 0);
  return {pad_with(context, y, Extents(after.size(), 0), after, 0)};
}

constexpr OpRow kRows[] = {
    OpRow::from("DepthToSpace", 1, {1, 1}, {1, 1}, import_depth_to_space),
    OpRow::from("SpaceToDepth", 1, {1, 1}, {1, 1}, import_space_to_depth),
    OpRow::from("Trilu", 14, {1, 2}, {1, 1}, import_trilu),
    OpRow::from("EyeLike", 9, {1, 1}, {1, 1}, import_eye_like),
    OpRow::from("CumSum", 11, {2, 2}, {1, 1}, import_cum_sum),
    OpRow::from("CumProd", 26, {2, 2}, {1, 1}, import_cum_prod),
    OpRow::from("Col2Im", 18, {3, 3}, {1, 1}, import_col2im),
};

}  // namespace

OpRows rearrange_rows() { return kRows; }

}  // namespace rondo::onnx
