#pragma once

#include <cstdint>
#include <vector>

#include "ops/primitive/windows.h"

namespace rondo::ops {

/// PaddingMode of the public API.
enum class PaddingRule : int64_t {
  kExplicitRoundDown,
  kExplicitRoundUp,
  kSameUpper,
  kSameLower,
  kCaffeRoundDown,
  kCaffeRoundUp,
};
constexpr int64_t kPaddingRules = 6;

/// The parameters of a windowed layer, one entry per spatial axis: attributes `kernel` (the window), `strides`, `dilations`
/// (1 if absent), `pre`, `post`, all ints, and `mode`.
struct WindowParameters {
  std::vector<int64_t> window, strides, dilations, pre, post;
  PaddingRule rule = PaddingRule::kExplicitRoundDown;

  size_t axes() const { return window.size(); }
  int64_t span(size_t axis) const { return window_span(window[axis], dilations[axis]); }
};
WindowParameters window_parameters(const ir::Attrs& attrs);

/// What a layer does along one axis: the padding it uses and the extent of its result. `post` is the padding that the last
/// window reaches, so that results = (extent + pre + post - span) / stride + 1 exactly.
struct WindowAxis {
  ir::Dim pre, post, results;
};

/// Windows walk over the input. Pooling and convolution read the rules of Caffe differently.
WindowAxis convolution_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent);
WindowAxis pooling_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent);
/// Windows walk over the result, from which the padding is cut: results = (extent - 1) stride + span - pre - post.
WindowAxis deconvolution_axis(ir::DimPool& dims, const WindowParameters& p, size_t axis, ir::Dim extent);

/// Checks what convolution, deconvolution and pooling share, by the constraints' numbers: `rank` two or three windows over an input
/// of that many dimensions and two, `lists` one entry per axis of every list, `positive` windows, strides, dilations >= 1 and
/// paddings >= 0, `mode` a PaddingMode.
WindowParameters check_windows(const InferInput& in, int rank, int lists, int positive, int mode);
/// The windows of a convolution or pooling fit into the padded input.
void check_window_fits(const InferInput& in, int constraint, const WindowParameters& p);

/// Shape of the weights of a convolution, [K, C/G, kernel..], or of a deconvolution (`outer_is_input`), [C, K/G, kernel..]. What
/// stands for C is the number that a constant count of weights leaves, else what x says.
ir::Dims kernel_shape(ir::DimPool& dims, const ir::Attrs& attrs, const ir::TensorType& x, const ir::TensorType& w,
                      bool outer_is_input);
/// Checks channels, weights and bias of either against that shape, by the constraints' numbers. Weights have it, or are 1-D with as
/// many elements.
void check_channels(const InferInput& in, int groups_rule, int kernel_rule, int bias_rule, bool outer_is_input);

}  // namespace rondo::ops
