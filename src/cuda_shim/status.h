#pragma once

#include <cuda_runtime_api.h>

namespace rondo::cuda_shim {

/// Keeps an error as the thread's last one (a success leaves it) and returns it: `return done(cudaErrorInvalidValue);`
cudaError_t done(cudaError_t error);

/// True for the default streams and every stream that lives.
bool is_stream(cudaStream_t stream);

}  // namespace rondo::cuda_shim
