/// Scatters that fold their updates into the data instead of replacing it.
#pragma once

#include "layers/build.h"

namespace rondo::onnx {

/// The values of attribute `reduction`, in the order of the format.
enum class ScatterFold { kNone, kAdd, kMultiply, kMax, kMin };

/// ScatterElements and ScatterND with a fold. Indices are int64, none negative.
/// Errors    kUNSUPPORTED_NODE_DYNAMIC unless extents are known; kUNSUPPORTED_NODE_SHAPE if updates times data exceed 2^26 elements
ITensor& fold_elements(Context& context, Node const& node, ITensor& data, ITensor& indices, ITensor& updates,
                       int64_t axis, ScatterFold fold);
ITensor& fold_slices(Context& context, Node const& node, ITensor& data, ITensor& indices, ITensor& updates,
                     ScatterFold fold);

}  // namespace rondo::onnx
