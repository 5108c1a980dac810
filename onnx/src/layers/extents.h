/// Words that compute with extents which may come at run time.
#pragma once

#include "layers/build.h"

namespace rondo::onnx {

/// Cuts one dimension into several; one of the parts may be -1.
ITensor& split_dim(Context& context, ITensor& x, int64_t axis, Extents const& parts);

/// 0, 1, .. along a dimension of x: int64 [1.., extent, 1..] of x's rank.
ITensor& iota(Context& context, ITensor& x, int64_t axis);

/// Whether all extents are known.
bool all_known(Extents const& dims);

}  // namespace rondo::onnx
