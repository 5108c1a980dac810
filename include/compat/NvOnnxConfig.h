/// TensorRT's name for the settings that early ONNX programs carried.
#pragma once

#include "NvInfer.h"
#include "rondo/onnx_config.h"

namespace nvonnxparser {
using namespace ::rondo::onnx;
}  // namespace nvonnxparser
