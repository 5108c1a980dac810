/// TensorRT's name for Dims of a fixed rank.
#pragma once

#include "NvInferRuntimeBase.h"
#include "rondo/legacy_dims.h"
