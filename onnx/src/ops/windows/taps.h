/// Windows written as sums over their elements: what the window layers do not offer (dilated pooling, indices, integers).
#pragma once

#include "ops/windows/window.h"

namespace rondo::onnx {

/// x with `value` around it; one entry per dimension, none negative.
ITensor& pad_with(Context& context, ITensor& x, Extents const& before, Extents const& after, double value);

/// The elements of x that meet one kernel element: x [N, C, padded..] -> [N, C, out..].
struct Tap {
  Extents at;       ///< place in the kernel
  ITensor* values;  ///< what it meets
};

/// Every tap of a window in row-major order, over x padded with `value`. Spatial extents of x must be known, padding explicit.
/// Errors    kUNSUPPORTED_NODE_DYNAMIC if an extent is not known; kUNSUPPORTED_NODE_SHAPE if the kernel has more than 1024 elements
std::vector<Tap> window_taps(Context& context, Node const& node, ITensor& x, Window const& window, Extents const& out,
                             double value);

}  // namespace rondo::onnx
