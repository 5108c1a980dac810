// reason: one C header under the name and with the contents that CUDA programs expect.
/// A host-memory stand-in for the CUDA runtime API: programs written for a GPU compile and run on machines with none.
///
/// Device memory is host memory, zero-filled, aligned to 256 bytes and a little longer than asked for. Streams and events
/// are real objects, but all work is complete when the call that starts it returns, so every ordering promise holds.
/// Nothing crashes on a wrong pointer that the shim can recognise: the call returns cudaErrorInvalidValue.
/// Put this folder on the include path only where no CUDA toolkit is.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
#define RONDO_SHIM_DEFAULT(value) = value
extern "C" {
#else
#define RONDO_SHIM_DEFAULT(value)
#endif
#define RONDO_SHIM_API __attribute__((visibility("default")))

#define CUDART_VERSION 11080
#define CUDART_CB
#define __host__
#define __device__
#define __global__

/// The queue behind a stream handle.
typedef struct CUstream_st* cudaStream_t;
/// The marker behind an event handle.
typedef struct CUevent_st* cudaEvent_t;

/// Result of every call; integers are CUDA's.
typedef enum cudaError {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInitializationError = 3,
  cudaErrorInvalidMemcpyDirection = 21,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorNotSupported = 801,
  cudaErrorUnknown = 999
} cudaError_t;

/// Direction of a copy. All directions copy host memory.
typedef enum cudaMemcpyKind {
  cudaMemcpyHostToHost = 0,
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4
} cudaMemcpyKind;

#define cudaStreamDefault 0x00
#define cudaStreamNonBlocking 0x01
#define cudaStreamLegacy ((cudaStream_t)0x1)
#define cudaStreamPerThread ((cudaStream_t)0x2)
#define cudaEventDefault 0x00
#define cudaEventBlockingSync 0x01
#define cudaEventDisableTiming 0x02
#define cudaEventRecordDefault 0x00
#define cudaEventWaitDefault 0x00
#define cudaHostAllocDefault 0x00
#define cudaHostAllocPortable 0x01
#define cudaHostAllocMapped 0x02
#define cudaHostAllocWriteCombined 0x04
#define cudaDeviceScheduleAuto 0x00
#define cudaDeviceScheduleSpin 0x01
#define cudaDeviceScheduleYield 0x02
#define cudaDeviceScheduleBlockingSync 0x04
#define cudaMemAttachGlobal 0x01

/// Attributes that cudaDeviceGetAttribute knows; integers are CUDA's.
typedef enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1,
  cudaDevAttrMaxSharedMemoryPerBlock = 8,
  cudaDevAttrWarpSize = 10,
  cudaDevAttrClockRate = 13,
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrIntegrated = 18,
  cudaDevAttrMemoryClockRate = 36,
  cudaDevAttrGlobalMemoryBusWidth = 37,
  cudaDevAttrL2CacheSize = 38,
  cudaDevAttrMaxThreadsPerMultiProcessor = 39,
  cudaDevAttrUnifiedAddressing = 41,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76,
  cudaDevAttrMaxSharedMemoryPerMultiprocessor = 81,
  cudaDevAttrManagedMemory = 83,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
} cudaDeviceAttr;

/// What cudaGetDeviceProperties tells: name "Rondo host CPU", one multiprocessor per CPU of the process, all memory of
/// the machine, compute capability 8.0 so that programs that ask for a minimum go on. Sizes in bytes, clocks in kHz.
struct cudaDeviceProp {
  char name[256];
  unsigned char uuid[16];
  size_t totalGlobalMem;
  size_t sharedMemPerBlock;
  int regsPerBlock;
  int warpSize;
  size_t memPitch;
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
  int clockRate;
  size_t totalConstMem;
  int major;
  int minor;
  size_t textureAlignment;
  int deviceOverlap;
  int multiProcessorCount;
  int kernelExecTimeoutEnabled;
  int integrated;
  int canMapHostMemory;
  int computeMode;
  int concurrentKernels;
  int ECCEnabled;
  int pciBusID;
  int pciDeviceID;
  int pciDomainID;
  int tccDriver;
  int asyncEngineCount;
  int unifiedAddressing;
  int memoryClockRate;
  int memoryBusWidth;
  int l2CacheSize;
  int persistingL2CacheMaxSize;
  int maxThreadsPerMultiProcessor;
  size_t sharedMemPerMultiprocessor;
  int regsPerMultiprocessor;
  int managedMemory;
  size_t sharedMemPerBlockOptin;
};
typedef struct cudaDeviceProp cudaDeviceProp;

/// What a pointer is.
typedef enum cudaMemoryType {
  cudaMemoryTypeUnregistered = 0,
  cudaMemoryTypeHost = 1,
  cudaMemoryTypeDevice = 2,
  cudaMemoryTypeManaged = 3
} cudaMemoryType;
struct cudaPointerAttributes {
  cudaMemoryType type;
  int device;
  void* devicePointer;
  void* hostPointer;
};
typedef struct cudaPointerAttributes cudaPointerAttributes;

/// Function that a stream calls on the host.
typedef void(CUDART_CB* cudaHostFn_t)(void* userData);

// Memory. A size of 0 gives a valid pointer. Freeing null succeeds; freeing an unknown pointer is
// cudaErrorInvalidValue, as is a copy or fill that leaves a block of the shim.
RONDO_SHIM_API cudaError_t cudaMalloc(void** devPtr, size_t size);
RONDO_SHIM_API cudaError_t cudaFree(void* devPtr);
RONDO_SHIM_API cudaError_t cudaMallocAsync(void** devPtr, size_t size, cudaStream_t stream);
RONDO_SHIM_API cudaError_t cudaFreeAsync(void* devPtr, cudaStream_t stream);
RONDO_SHIM_API cudaError_t cudaMallocHost(void** ptr, size_t size);
RONDO_SHIM_API cudaError_t cudaHostAlloc(void** ptr, size_t size, unsigned int flags);
RONDO_SHIM_API cudaError_t cudaFreeHost(void* ptr);
RONDO_SHIM_API cudaError_t cudaMallocManaged(void** devPtr, size_t size, unsigned int flags);
RONDO_SHIM_API cudaError_t cudaMemcpy(void* dst, const void* src, size_t count, cudaMemcpyKind kind);
RONDO_SHIM_API cudaError_t cudaMemcpyAsync(void* dst, const void* src, size_t count, cudaMemcpyKind kind,
                                           cudaStream_t stream RONDO_SHIM_DEFAULT(0));
RONDO_SHIM_API cudaError_t cudaMemset(void* devPtr, int value, size_t count);
RONDO_SHIM_API cudaError_t cudaMemsetAsync(void* devPtr, int value, size_t count,
                                           cudaStream_t stream RONDO_SHIM_DEFAULT(0));
RONDO_SHIM_API cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
RONDO_SHIM_API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* ptr);

// Streams. 0 is the default stream. A destroyed or foreign handle is cudaErrorInvalidResourceHandle.
RONDO_SHIM_API cudaError_t cudaStreamCreate(cudaStream_t* stream);
RONDO_SHIM_API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags);
RONDO_SHIM_API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int priority);
RONDO_SHIM_API cudaError_t cudaStreamDestroy(cudaStream_t stream);
RONDO_SHIM_API cudaError_t cudaStreamSynchronize(cudaStream_t stream);
RONDO_SHIM_API cudaError_t cudaStreamQuery(cudaStream_t stream);
RONDO_SHIM_API cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event,
                                               unsigned int flags RONDO_SHIM_DEFAULT(0));
RONDO_SHIM_API cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t fn, void* userData);

// Events. Time is taken when record is called; elapsed time in ms.
RONDO_SHIM_API cudaError_t cudaEventCreate(cudaEvent_t* event);
RONDO_SHIM_API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags);
RONDO_SHIM_API cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream RONDO_SHIM_DEFAULT(0));
RONDO_SHIM_API cudaError_t cudaEventSynchronize(cudaEvent_t event);
RONDO_SHIM_API cudaError_t cudaEventQuery(cudaEvent_t event);
RONDO_SHIM_API cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end);
RONDO_SHIM_API cudaError_t cudaEventDestroy(cudaEvent_t event);

// Device. There is one, number 0.
RONDO_SHIM_API cudaError_t cudaGetDeviceCount(int* count);
RONDO_SHIM_API cudaError_t cudaGetDevice(int* device);
RONDO_SHIM_API cudaError_t cudaSetDevice(int device);
RONDO_SHIM_API cudaError_t cudaSetDeviceFlags(unsigned int flags);
RONDO_SHIM_API cudaError_t cudaGetDeviceProperties(cudaDeviceProp* prop, int device);
RONDO_SHIM_API cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attr, int device);
RONDO_SHIM_API cudaError_t cudaDeviceSynchronize(void);
RONDO_SHIM_API cudaError_t cudaDeviceReset(void);
RONDO_SHIM_API cudaError_t cudaRuntimeGetVersion(int* runtimeVersion);
RONDO_SHIM_API cudaError_t cudaDriverGetVersion(int* driverVersion);

// Errors. The last error is kept per thread; cudaGetLastError clears it.
RONDO_SHIM_API const char* cudaGetErrorName(cudaError_t error);
RONDO_SHIM_API const char* cudaGetErrorString(cudaError_t error);
RONDO_SHIM_API cudaError_t cudaGetLastError(void);
RONDO_SHIM_API cudaError_t cudaPeekAtLastError(void);

#if defined(__cplusplus)
}
#endif
