/// TensorRT's name for the parameter structs of its bundled detection plugins. Rondo bundles none of those: the header brings
/// in what plugin sources that include it go on to use.
#pragma once

#include "NvInferRuntimePlugin.h"

namespace nvinfer1 {
namespace plugin {}  // namespace plugin
}  // namespace nvinfer1
