/// TensorRT's name for the running half: IRuntime, ICudaEngine, IExecutionContext.
#pragma once

#include "NvInferRuntimeCommon.h"
#include "rondo/runtime.h"
