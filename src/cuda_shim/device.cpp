// The one device of the shim: the CPUs and the memory that this process may use, described in a GPU's words.

#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "cuda_shim/status.h"

namespace {

using rondo::cuda_shim::done;

int cpu_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
}

int l2_bytes() {
  const long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return size > 0 ? static_cast<int>(size) : 1 << 20;
}

cudaDeviceProp describe() {
  cudaDeviceProp prop{};
  size_t free = 0;
  std::strcpy(prop.name, "Rondo host CPU");
  cudaMemGetInfo(&free, &prop.totalGlobalMem);
  prop.sharedMemPerBlock = prop.sharedMemPerBlockOptin = 48 << 10;
  prop.sharedMemPerMultiprocessor = 64 << 10;
  prop.regsPerBlock = prop.regsPerMultiprocessor = 65536;
  prop.warpSize = 32;
  prop.memPitch = 0x7fffffff;
  prop.maxThreadsPerBlock = prop.maxThreadsPerMultiProcessor = 1024;
  std::fill_n(prop.maxThreadsDim, 3, 1024);
  std::fill_n(prop.maxGridSize, 3, 0x7fffffff);
  prop.clockRate = prop.memoryClockRate = 1000000;
  prop.memoryBusWidth = 64;
  prop.totalConstMem = 64 << 10;
  prop.major = 8;
  prop.minor = 0;
  prop.textureAlignment = 512;
  prop.multiProcessorCount = cpu_count();
  prop.integrated = prop.canMapHostMemory = prop.unifiedAddressing = prop.managedMemory = 1;
  prop.concurrentKernels = 1;
  prop.l2CacheSize = l2_bytes();
  return prop;
}

cudaError_t known(int device) { return done(device == 0 ? cudaSuccess : cudaErrorInvalidDevice); }

template <class T>
cudaError_t give(T* result, T value) {
  if (result == nullptr) return done(cudaErrorInvalidValue);
  *result = value;
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaGetDeviceCount(int* count) { return give(count, 1); }
cudaError_t cudaGetDevice(int* device) { return give(device, 0); }
cudaError_t cudaSetDevice(int device) { return known(device); }
cudaError_t cudaSetDeviceFlags(unsigned int) { return cudaSuccess; }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* prop, int device) {
  return device == 0 ? give(prop, describe()) : known(device);
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attr, int device) {
  if (device != 0) return known(device);
  const cudaDeviceProp prop = describe();
  switch (attr) {
    case cudaDevAttrMaxThreadsPerBlock:
      return give(value, prop.maxThreadsPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return give(value, static_cast<int>(prop.sharedMemPerBlock));
    case cudaDevAttrWarpSize:
      return give(value, prop.warpSize);
    case cudaDevAttrClockRate:
      return give(value, prop.clockRate);
    case cudaDevAttrMultiProcessorCount:
      return give(value, prop.multiProcessorCount);
    case cudaDevAttrIntegrated:
      return give(value, prop.integrated);
    case cudaDevAttrMemoryClockRate:
      return give(value, prop.memoryClockRate);
    case cudaDevAttrGlobalMemoryBusWidth:
      return give(value, prop.memoryBusWidth);
    case cudaDevAttrL2CacheSize:
      return give(value, prop.l2CacheSize);
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return give(value, prop.maxThreadsPerMultiProcessor);
    case cudaDevAttrUnifiedAddressing:
      return give(value, prop.unifiedAddressing);
    case cudaDevAttrComputeCapabilityMajor:
      return give(value, prop.major);
    case cudaDevAttrComputeCapabilityMinor:
      return give(value, prop.minor);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return give(value, static_cast<int>(prop.sharedMemPerMultiprocessor));
    case cudaDevAttrManagedMemory:
      return give(value, prop.managedMemory);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return give(value, static_cast<int>(prop.sharedMemPerBlockOptin));
  }
  return done(cudaErrorInvalidValue);
}

cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
cudaError_t cudaDeviceReset() { return cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int* runtimeVersion) { return give(runtimeVersion, CUDART_VERSION); }
cudaError_t cudaDriverGetVersion(int* driverVersion) { return give(driverVersion, CUDART_VERSION); }
