#pragma once

#include "rondo/platform.h"

namespace rondo::api {

/// Records an event of the CUDA runtime, or of the host-memory shim of it, that the program has linked. Without either an event cannot
/// have been made, and the call does nothing. The event counts as reached at once: a run on the CPU ends before its call returns.
void record_event(cudaEvent_t event, cudaStream_t stream) noexcept;

}  // namespace rondo::api
