/// TensorRT's name for the library's own plugins: initLibNvInferPlugins. Link rondo::plugins, or rondo::compat.
#pragma once

#include "NvInfer.h"
#include "NvInferPluginUtils.h"
#include "rondo/plugin.h"
