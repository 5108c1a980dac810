/// TensorRT's name for what plugins and runtime share: registry, creators, fields, IPluginV2 and its derivations.
#pragma once

#include "NvInferRuntimeBase.h"
#include "rondo/plugin.h"
