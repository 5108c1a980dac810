/// Moving the elements of constants.
#pragma once

#include "model/host_tensor.h"

namespace rondo::onnx {

/// Dimension i of the result is dimension order[i] of x. A matrix is not copied before its elements are asked for.
HostTensorPtr transposed(HostTensorPtr const& x, std::vector<int64_t> const& order);

/// The same, copied at once.
HostTensorPtr rearranged(HostTensor const& x, std::vector<int64_t> const& order);

}  // namespace rondo::onnx
