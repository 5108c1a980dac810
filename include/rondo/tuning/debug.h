/// IDebugListener: receives the values of tensors that were marked for debugging (10.0 on).
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Receives debug tensors. Layers are fused here, so no tensor between them is kept: IExecutionContext::setTensorDebugState refuses every
/// name, and a listener is stored and never called. Mark a tensor as an output to see its value.
/// Memory    referenced by the context
class IDebugListener {
 public:
  IDebugListener() = default;
  virtual ~IDebugListener() = default;

  /// Receives one value after it was computed; false reports a failure. addr is valid during the call.
  virtual bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape,
                                  char const* name, cudaStream_t stream) = 0;
};

}  // namespace rondo
