/// CUDA's driver API, as far as programs include it for a version and handle types beside the runtime API.
#pragma once

#include "cuda_runtime_api.h"

#define CUDA_VERSION CUDART_VERSION

typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;
