/// TensorRT's name for all of the API.
#pragma once

#include "NvInferLegacyDims.h"
#include "NvInferRuntime.h"
#include "rondo/rondo.h"
