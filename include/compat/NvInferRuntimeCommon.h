/// TensorRT's name for what runtime and plugins share.
#pragma once

#include "NvInferRuntimeBase.h"
#include "rondo/plugin.h"
