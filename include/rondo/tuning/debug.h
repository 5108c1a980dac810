/// IDebugListener: receives the values of tensors that were marked for debugging (10.0 on).
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Receives the tensors that INetworkDefinition::markDebug has marked and IExecutionContext::setTensorDebugState has switched on: once
/// each, in order of marking behind inputs and outputs, when a run has ended and before its call returns. Networks are fused, so there
/// is no moment inside a run at which all of them would be whole.
/// Memory    referenced by the context
/// Threads   called on the thread that runs the context, which calls of the same context are refused in
class IDebugListener {
 public:
  IDebugListener() = default;
  virtual ~IDebugListener() = default;

  /// Receives one value; addr is valid during the call. False, or an exception, makes the run fail; its outputs are whole all the same.
  virtual bool processDebugTensor(void const* addr, TensorLocation location, DataType type, Dims const& shape,
                                  char const* name, cudaStream_t stream) = 0;
};

}  // namespace rondo
