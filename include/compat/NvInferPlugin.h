/// TensorRT's name for the library's own plugins: initLibNvInferPlugins.
#pragma once

#include "NvInfer.h"
#include "rondo/plugin.h"
