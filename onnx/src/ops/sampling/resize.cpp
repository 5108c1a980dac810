// Resize, Upsample.
//
// Resizing is separable: along each dimension an output element is a weighted sum of input elements whose places and
// weights follow from the extents. The network's resize layer covers the common forms, also for extents that come at
// run time. Every other form, and any scale that does not give a whole extent, becomes one product with a matrix of
// weights per dimension, computed here in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "layers/extents.h"
#include "ops/op_table.h"
#include "ops/sampling/resize_weights.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

constexpr char const* kModes[] = {"nearest", "linear", "cubic"};
constexpr char const* kTransforms[] = {"half_pixel",         "asymmetric",         "align_corners",
                                       "pytorch_half_pixel", "tf_crop_and_resize", "half_pixel_symmetric"};
constexpr char const* kRounding[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
constexpr char const* kPolicies[] = {"stretch", "not_larger", "not_smaller"};

bool is_float(DataType type) { return type == DataType::kFLOAT || type == DataType::kHALF || type == DataType::kBF16; }

/// What to do along every dimension.
struct Plan {
  ResizeForm form;
  std::vector<ResizeAxis> axes;  ///< one per dimension; extents -1 where unknown
  double beyond = 0;             ///< tf_crop_and_resize: the value outside of the input
  bool exact = true;             ///< every output extent is input times scale
};

ResizeForm read_form(Node& node) {
  ResizeForm form;
  form.mode = static_cast<ResizeForm::Mode>(node.attributes.choice("mode", "nearest", kModes));
  form.transform = ResizeForm::Transform::kAsymmetric;
  if (node.opset() < 11) {
    form.rounding = ResizeForm::Rounding::kFloor;
    return form;
  }
  form.transform = static_cast<ResizeForm::Transform>(
      node.attributes.choice("coordinate_transformation_mode", "half_pixel", kTransforms));
  form.rounding =
      static_cast<ResizeForm::Rounding>(node.attributes.choice("nearest_mode", "round_prefer_floor", kRounding));
  form.cubic = node.attributes.real("cubic_coeff_a", -0.75F);
  form.exclude_outside = node.attributes.flag("exclude_outside", false);
  form.antialias = node.opset() >= 18 && node.attributes.flag("antialias", false);
  node.require(!form.antialias || form.mode != ResizeForm::Mode::kNearest, ErrorCode::kUNSUPPORTED_NODE_ATTR,
               "attribute 'antialias' is not defined for mode 'nearest'");
  return form;
}

/// The dimensions that scales, sizes and roi speak of.
std::vector<int64_t> read_axes(Node& node, int32_t rank) {
  std::vector<int64_t> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  if (node.opset() < 18) return axes;
  if (auto given = node.attributes.optional_integers("axes")) {
    axes = *given;
    for (int64_t& axis : axes) axis = node.axis(axis, rank, "axes");
  }
  return axes;
}

/// Input index as numbers; empty if it is left out or has no elements.
std::vector<double> numbers(Node const& node, int32_t index, char const* what) {
  if (!node.has_input(index) || node.input(index).dims() == Extents{0}) return {};
  return node.constant(index, what)->to_reals();
}

/// Output extents and scales of given sizes, which a policy may change so that all scales are equal.
void apply_sizes(Node const& node, Plan& plan, std::vector<int64_t> const& axes, std::vector<double> const& sizes,
                 size_t policy) {
  double common = policy == 1 ? std::numeric_limits<double>::infinity() : 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = plan.axes[static_cast<size_t>(axes[i])];
    node.require(axis.in > 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "a dimension that is resized to a given size must have a known extent above 0");
    axis.out = static_cast<int64_t>(sizes[i]);
    axis.scale = sizes[i] / static_cast<double>(axis.in);
    common = policy == 1 ? std::min(common, axis.scale) : std::max(common, axis.scale);
  }
  if (policy == 0) return;
  for (int64_t at : axes) {
    ResizeAxis& axis = plan.axes[static_cast<size_t>(at)];
    axis.scale = common;
    axis.out = static_cast<int64_t>(std::floor(common * static_cast<double>(axis.in) + 0.5));
    plan.exact &= static_cast<double>(axis.out) == common * static_cast<double>(axis.in);
  }
}

void apply_scales(Node const& node, Plan& plan, std::vector<int64_t> const& axes, std::vector<double> const& scales) {
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = plan.axes[static_cast<size_t>(axes[i])];
    axis.scale = scales[i];
    node.require(axis.scale > 0 && std::isfinite(axis.scale), ErrorCode::kINVALID_NODE,
                 text("scale ", axis.scale, " is not above 0"));
    if (axis.in < 0) {
      plan.exact &= axis.scale == std::floor(axis.scale);
      axis.out = -1;
      continue;
    }
    const double extent = axis.scale * static_cast<double>(axis.in);
    node.require(extent < 1e12, ErrorCode::kINVALID_NODE,
                 text("scale ", axis.scale, " makes extent ", axis.in, " too large"));
    // The scale is a float32: 3 elements by 2/3 are 2, though the product is a little less.
    const double nearest = std::round(extent);
    axis.out = static_cast<int64_t>(std::abs(extent - nearest) < 1e-6 * nearest ? nearest : std::floor(extent));
    plan.exact &= static_cast<double>(axis.out) == extent;
  }
}

void apply_roi(Node const& node, Plan& plan, std::vector<int64_t> const& axes) {
  const std::vector<double> roi = numbers(node, 1, "roi");
  node.require(roi.size() == 2 * axes.size(), ErrorCode::kINVALID_NODE,
               text("roi needs ", 2 * axes.size(), " numbers"));
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = plan.axes[static_cast<size_t>(axes[i])];
    axis.roi_start = roi[i];
    axis.roi_end = roi[i + axes.size()];
  }
}

Plan read_plan(Node& node, Extents const& dims) {
  Plan plan;
  plan.form = read_form(node);
  for (int64_t d : dims) plan.axes.push_back({d, d, 1, 0, 1});
  const std::vector<int64_t> axes = read_axes(node, static_cast<int32_t>(dims.size()));
  const size_t policy =
      node.opset() >= 18 ? node.attributes.choice("keep_aspect_ratio_policy", "stretch", kPolicies) : 0;
  if (node.opset() >= 11) plan.beyond = node.attributes.real("extrapolation_value", 0);
  const std::vector<double> scales = numbers(node, node.opset() >= 11 ? 2 : 1, "scales");
  const std::vector<double> sizes = node.opset() >= 11 ? numbers(node, 3, "sizes") : std::vector<double>();
  node.require(scales.empty() != sizes.empty(), ErrorCode::kINVALID_NODE, "one of scales and sizes must be given");
  node.require((scales.empty() ? sizes : scales).size() == axes.size(), ErrorCode::kINVALID_NODE,
               text("scales or sizes need ", axes.size(), " numbers"));
  scales.empty() ? apply_sizes(node, plan, axes, sizes, policy) : apply_scales(node, plan, axes, scales);
  if (plan.form.transform == ResizeForm::Transform::kCropAndResize) apply_roi(node, plan, axes);
  return plan;
}

/// How many of the last dimensions the layer interpolates in.
size_t layer_dims(ResizeForm::Mode mode) {
  return mode == ResizeForm::Mode::kNearest ? 8 : mode == ResizeForm::Mode::kLinear ? 3 : 2;
}

bool fits_layer(Plan const& plan, DataType type) {
  const bool known_transform = plan.form.transform <= ResizeForm::Transform::kPytorchHalfPixel;
  if (!plan.exact || plan.form.antialias || !known_transform) return false;
  if (plan.form.mode != ResizeForm::Mode::kNearest && !is_float(type)) return false;
  if (plan.form.exclude_outside && plan.form.mode != ResizeForm::Mode::kCubic) return false;
  for (size_t i = 0; i + layer_dims(plan.form.mode) < plan.axes.size(); ++i) {
    if (plan.axes[i].scale != 1) return false;
  }
  return true;
}

ITensor& by_layer(Context& context, ITensor& x, Plan const& plan) {
  using C = ResizeCoordinateTransformation;
  static constexpr C kCoordinates[] = {C::kHALF_PIXEL, C::kASYMMETRIC, C::kALIGN_CORNERS, C::kHALF_PIXEL};
  static constexpr ResizeRoundMode kRound[] = {ResizeRoundMode::kHALF_DOWN, ResizeRoundMode::kHALF_UP,
                                               ResizeRoundMode::kFLOOR, ResizeRoundMode::kCEIL};
  IResizeLayer& layer = added(context.network().addResize(x), "resize");
  Extents out;
  std::vector<float> scales;
  for (ResizeAxis const& axis : plan.axes) {
    out.push_back(axis.out);
    scales.push_back(static_cast<float>(axis.scale));
  }
  const bool known = std::all_of(out.begin(), out.end(), [](int64_t d) { return d >= 0; });
  if (known) layer.setOutputDimensions(to_dims(out));
  if (!known) layer.setScales(scales.data(), static_cast<int32_t>(scales.size()));
  layer.setResizeMode(static_cast<InterpolationMode>(plan.form.mode));
  layer.setCoordinateTransformation(kCoordinates[static_cast<size_t>(plan.form.transform)]);
  if (plan.form.transform == ResizeForm::Transform::kPytorchHalfPixel)
    layer.setSelectorForSinglePixel(ResizeSelector::kUPPER);
  layer.setNearestRounding(kRound[static_cast<size_t>(plan.form.rounding)]);
  layer.setCubicCoeff(static_cast<float>(plan.form.cubic));
  layer.setExcludeOutside(plan.form.exclude_outside);
  return result(&layer, "resize");
}

/// y = weights x along one dimension.
ITensor& along(Context& context, ITensor& x, size_t axis, AxisWeights const& weights) {
  const Extents dims = dims_of(x);
  const int64_t outer = volume(dims.part(0, axis), "the input");
  const int64_t inner = volume(dims.from(axis + 1), "the input");
  ITensor& flat = reshape(context, x, Extents{outer, dims[axis], inner});
  const int64_t out = static_cast<int64_t>(weights.inside.size());
  ITensor& matrix = context.constant_tensor(
      host_tensor_of(x.getType(), {1, out, dims[axis]}, std::span<double const>(weights.matrix)));
  ITensor& product = matmul(context, matrix, MatrixOperation::kNONE, flat, MatrixOperation::kNONE);
  Extents result_dims = dims;
  result_dims[axis] = out;
  return reshape(context, product, result_dims);
}

/// Each output is one input element, whatever its type.
ITensor& pick(Context& context, Node const& node, ITensor& x, Plan const& plan) {
  ITensor* y = &x;
  for (size_t i = 0; i < plan.axes.size(); ++i) {
    ResizeAxis const& axis = plan.axes[i];
    if (axis.scale == 1 && plan.form.transform != ResizeForm::Transform::kCropAndResize) continue;
    node.require(axis.in > 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "this form of resizing needs known extents");
    const AxisWeights weights = axis_weights(plan.form, axis);
    std::vector<int64_t> indices;
    for (int64_t out = 0; out < axis.out; ++out) {
      const auto row = weights.matrix.begin() + out * axis.in;
      indices.push_back(std::max_element(row, row + axis.in) - row);
    }
    y = &gather(context, *y, ints(context, std::move(indices)), static_cast<int64_t>(i));
  }
  return *y;
}

/// Elements whose coordinate along the axis lies outside of the input take the extrapolation value.
ITensor& extrapolate(Context& context, ITensor& y, size_t axis, std::vector<bool> const& inside, double value) {
  if (std::all_of(inside.begin(), inside.end(), [](bool b) { return b; })) return y;
  const std::vector<int64_t> flags(inside.begin(), inside.end());
  Extents dims(static_cast<size_t>(rank_of(y)), 1);
  dims[axis] = static_cast<int64_t>(flags.size());
  ITensor& keep = context.constant_tensor(host_tensor_of(DataType::kBOOL, dims, std::span<int64_t const>(flags)));
  return select(context, keep, y, scalar(context, y.getType(), value, rank_of(y)));
}

ITensor& interpolate(Context& context, Node const& node, ITensor& x, Plan const& plan) {
  ITensor* y = &cast(context, x, DataType::kFLOAT);
  for (size_t i = 0; i < plan.axes.size(); ++i) {
    ResizeAxis const& axis = plan.axes[i];
    if (axis.scale == 1 && plan.form.transform != ResizeForm::Transform::kCropAndResize) continue;
    node.require(axis.in > 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "this form of resizing needs known extents");
    const Extents dims = dims_of(*y);
    node.require(std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; }),
                 ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 text("this form of resizing needs known extents, not ", dims_text(dims)));
    y = &along(context, *y, i, axis_weights(plan.form, axis));
  }
  if (is_float(x.getType())) return cast(context, *y, x.getType());
  return cast(context, unary(context, *y, UnaryOperation::kROUND), x.getType());
}

ITensor& by_weights(Context& context, Node const& node, ITensor& x, Plan const& plan) {
  const bool nearest = plan.form.mode == ResizeForm::Mode::kNearest;
  ITensor* y = nearest ? &pick(context, node, x, plan) : &interpolate(context, node, x, plan);
  for (size_t i = 0; i < plan.axes.size(); ++i) {
    if (plan.form.transform != ResizeForm::Transform::kCropAndResize) break;
    y = &extrapolate(context, *y, i, axis_weights(plan.form, plan.axes[i]).inside, plan.beyond);
  }
  return *y;
}

Values import_resize(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Plan plan = read_plan(node, dims_of(x));
  return {fits_layer(plan, x.getType()) ? by_layer(context, x, plan) : by_weights(context, node, x, plan)};
}

/// Upsample of versions 7 (scales are an attribute) and 9: Resize 10 under its former name.
Values import_upsample(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  Plan plan;
  plan.form = read_form(node);
  for (int64_t d : dims_of(x)) plan.axes.push_back({d, d, 1, 0, 1});
  std::vector<double> scales;
  if (node.opset() < 9) {
    for (float scale : node.attributes.reals("scales")) scales.push_back(scale);
  } else {
    scales = numbers(node, 1, "scales");
  }
  std::vector<int64_t> axes(plan.axes.size());
  std::iota(axes.begin(), axes.end(), 0);
  node.require(scales.size() == axes.size(), ErrorCode::kINVALID_NODE, text("scales need ", axes.size(), " numbers"));
  apply_scales(node, plan, axes, scales);
  return {fits_layer(plan, x.getType()) ? by_layer(context, x, plan) : by_weights(context, node, x, plan)};
}

Values import_grid_sample(Context& context, Node& node) {
  static constexpr char const* kOldModes[] = {"nearest", "bilinear", "bicubic"};
  static constexpr char const* kPaddings[] = {"zeros", "border", "reflection"};
  static constexpr SampleMode kSampleModes[] = {SampleMode::kFILL, SampleMode::kCLAMP, SampleMode::kREFLECT};
  ITensor& x = to_tensor(context, node.input(0));
  IGridSampleLayer& layer = added(context.network().addGridSample(x, to_tensor(context, node.input(1))), "grid sample");
  const size_t mode = node.opset() >= 20 ? node.attributes.choice("mode", "linear", kModes)
                                         : node.attributes.choice("mode", "bilinear", kOldModes);
  layer.setInterpolationMode(static_cast<InterpolationMode>(mode));
  layer.setAlignCorners(node.attributes.flag("align_corners", false));
  layer.setSampleMode(kSampleModes[node.attributes.choice("padding_mode", "zeros", kPaddings)]);
  return {result(&layer, "grid sample")};
}

constexpr OpRow kRows[] = {
    OpRow::from("Resize", 10, {1, 4}, {1, 1}, import_resize),
    {"Upsample", 7, 9, {1, 2}, {1, 1}, import_upsample},
    OpRow::from("GridSample", 16, {2, 2}, {1, 1}, import_grid_sample),
};

}  // namespace

OpRows resize_rows() { return kRows; }

}  // namespace rondo::onnx
