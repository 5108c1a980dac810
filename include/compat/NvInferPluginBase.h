/// TensorRT's name for fields, phases and the bases of plugin interfaces (10.11).
#pragma once

#include "NvInferRuntimeBase.h"
#include "rondo/plugin.h"
