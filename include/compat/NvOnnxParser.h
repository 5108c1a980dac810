/// TensorRT's name for the ONNX parser.
#pragma once

#include "NvInfer.h"
#include "rondo/onnx_parser.h"

/// A using-directive and no alias, so that programs that reopen nvonnxparser still compile.
namespace nvonnxparser {
using namespace ::rondo::onnx;
}  // namespace nvonnxparser
