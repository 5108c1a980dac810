/// Window: the attributes that convolutions and poolings share.
#pragma once

#include "layers/build.h"

namespace rondo::onnx {

/// Kernel, steps and padding of a sliding window over the spatial dimensions, those behind the first two.
struct Window {
  Extents kernel, strides, dilations, before, after;
  enum class Auto { kExplicit, kSameUpper, kSameLower, kValid } mode = Auto::kExplicit;

  size_t rank() const { return kernel.size(); }
  /// Elements that the kernel spans along a dimension.
  int64_t span(size_t i) const { return 1 + dilations[i] * (kernel[i] - 1); }
  bool is_same() const { return mode == Auto::kSameUpper || mode == Auto::kSameLower; }
  bool dilated() const;
  /// Number of kernel elements.
  int64_t volume() const;

  /// Replaces automatic by explicit padding. Spatial extents must be known for SAME modes.
  /// Errors    kUNSUPPORTED_NODE_DYNAMIC if they are not
  void resolve_padding(Node const& node, Extents const& spatial);

  /// Extents of the output, rounded up or down, with explicit padding. A last window that starts behind the input and the padding in
  /// front of it is left out.
  Extents outputs(Extents const& spatial, bool round_up) const;

  /// Adds a dimension of extent 1 in front, for layers that take two or three.
  void make_two_dimensional();
};

/// Reads auto_pad, dilations, kernel_shape, pads and strides. Without kernel_shape the kernel is `kernel`; if both are there they must
/// agree.
/// Errors    kINVALID_NODE for counts that do not fit the rank, extents below 1, negative padding
Window read_window(Node& node, size_t spatial_rank, std::optional<Extents> const& kernel = {});

/// Extents behind the first two. Errors kUNSUPPORTED_NODE_SHAPE unless there are `least` to `most` of them
Extents spatial_dims(Node const& node, ITensor& x, size_t least = 1, size_t most = 3);

/// Errors kUNSUPPORTED_NODE_SHAPE, naming `name`, above 2^31 - 1: up to there sums of products of two extents fit 64 bits.
void require_moderate(Node const& node, Extents const& extents, char const* name);

/// Hands strides and padding to a convolution, deconvolution or pooling layer. `round_up` is ceil_mode.
template <typename Layer>
void set_window(Layer& layer, Window const& window, bool round_up = false) {
  layer.setStrideNd(to_dims(window.strides));
  if (window.is_same()) {
    layer.setPaddingMode(window.mode == Window::Auto::kSameUpper ? PaddingMode::kSAME_UPPER : PaddingMode::kSAME_LOWER);
    return;
  }
  layer.setPrePadding(to_dims(window.before));
  layer.setPostPadding(to_dims(window.after));
  // Caffe's rule of rounding up is ONNX's: it drops a window that lies in the padding behind altogether.
  if (round_up) layer.setPaddingMode(static_cast<PaddingMode>(5));
}

}  // namespace rondo::onnx
