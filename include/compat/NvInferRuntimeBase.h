/// TensorRT's name for the value types, the logger and the allocators.
#pragma once

#include <cuda_runtime_api.h>

#include "NvInferVersion.h"
#include "rondo/logger.h"
#include "rondo/memory.h"
#include "rondo/types.h"

/// A using-directive and no alias, so that programs that reopen nvinfer1 still compile.
namespace nvinfer1 {
using namespace ::rondo;
}  // namespace nvinfer1
