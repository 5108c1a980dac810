// The host-memory CUDA runtime: the calls that TensorRT programs make, and the mistakes they make.

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

TEST(ShimMemory, BlocksAreAlignedZeroAndLonger) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{255}, size_t{256}, size_t{100000}}) {
    char* block = nullptr;
    ASSERT_EQ(cudaMalloc(&block, size), cudaSuccess);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 256, 0u);
    for (size_t i = 0; i <= size; ++i) ASSERT_EQ(block[i], 0) << i << " of " << size;
    EXPECT_EQ(cudaFree(block), cudaSuccess);
  }
}

TEST(ShimMemory, CopiesInAllDirections) {
  const std::vector<float> source = {1, 2, 3};
  std::vector<float> back(3);
  void *a = nullptr, *b = nullptr;
  ASSERT_EQ(cudaMallocAsync(&a, 12, nullptr), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&b, 12), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(a, source.data(), 12, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(b, a, 12, cudaMemcpyDeviceToDevice), cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(back.data(), b, 12, cudaMemcpyDeviceToHost, nullptr), cudaSuccess);
  EXPECT_EQ(back, source);
  EXPECT_EQ(cudaMemset(b, 0, 12), cudaSuccess);
  EXPECT_EQ(static_cast<float*>(b)[2], 0.0f);
  EXPECT_EQ(cudaFreeAsync(a, nullptr), cudaSuccess);
  EXPECT_EQ(cudaFree(b), cudaSuccess);
}

TEST(ShimMemory, MistakesAreErrorsAndNoCrash) {
  char* block = nullptr;
  char local[8] = {};
  ASSERT_EQ(cudaMalloc(&block, 16), cudaSuccess);
  EXPECT_EQ(cudaMalloc(static_cast<void**>(nullptr), 16), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(block, nullptr, 8, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(nullptr, local, 8, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(nullptr, nullptr, 0, cudaMemcpyDefault), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(block, local, 8, static_cast<cudaMemcpyKind>(9)), cudaErrorInvalidMemcpyDirection);
  EXPECT_EQ(cudaMemset(block, 1, 1 << 20), cudaErrorInvalidValue) << "leaves the block";
  EXPECT_EQ(cudaMemset(nullptr, 1, 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(local), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(block + 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFreeHost(block), cudaErrorInvalidValue) << "device memory";
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
  EXPECT_EQ(cudaFree(block), cudaSuccess);
  EXPECT_EQ(cudaFree(block), cudaErrorInvalidValue) << "freed twice";
  void* huge = local;
  EXPECT_EQ(cudaMalloc(&huge, SIZE_MAX - 100), cudaErrorMemoryAllocation);
  EXPECT_EQ(huge, nullptr);
}

TEST(ShimMemory, PointersTellWhatTheyAre) {
  void *device = nullptr, *host = nullptr;
  int local = 0;
  ASSERT_EQ(cudaMalloc(&device, 64), cudaSuccess);
  ASSERT_EQ(cudaHostAlloc(&host, 64, cudaHostAllocWriteCombined), cudaSuccess);
  cudaPointerAttributes attributes;
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, static_cast<char*>(device) + 5), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, host), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeHost);
  EXPECT_EQ(cudaPointerGetAttributes(&attributes, &local), cudaSuccess);
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
  EXPECT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(cudaFreeHost(host), cudaSuccess);
}

TEST(ShimMemory, ThreadsAllocateTogether) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) {
        void* block = nullptr;
        ASSERT_EQ(cudaMalloc(&block, 64 + i), cudaSuccess);
        ASSERT_EQ(cudaMemset(block, i, 64), cudaSuccess);
        ASSERT_EQ(cudaFree(block), cudaSuccess);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ShimStreams, LiveFromCreateToDestroy) {
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  int calls = 0;
  EXPECT_EQ(cudaLaunchHostFunc(
                stream, [](void* data) { ++*static_cast<int*>(data); }, &calls),
            cudaSuccess);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamSynchronize(nullptr), cudaSuccess);
  EXPECT_EQ(cudaStreamCreate(nullptr), cudaErrorInvalidValue);
}

TEST(ShimEvents, MeasureTimeBetweenRecords) {
  cudaEvent_t start = nullptr, end = nullptr;
  float ms = -1;
  ASSERT_EQ(cudaEventCreate(&start), cudaSuccess);
  ASSERT_EQ(cudaEventCreateWithFlags(&end, cudaEventDefault), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&ms, start, end), cudaErrorInvalidResourceHandle) << "not recorded";
  EXPECT_EQ(cudaEventRecord(start), cudaSuccess);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(cudaEventRecord(end, nullptr), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(end), cudaSuccess);
  EXPECT_EQ(cudaEventQuery(end), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(nullptr, end), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&ms, start, end), cudaSuccess);
  EXPECT_GE(ms, 4.0f);
  EXPECT_EQ(cudaEventDestroy(start), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(start), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventDestroy(end), cudaSuccess);
}

TEST(ShimDevice, ThereIsOne) {
  int value = -1;
  EXPECT_EQ(cudaGetDeviceCount(&value), cudaSuccess);
  EXPECT_EQ(value, 1);
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetDevice(&value), cudaSuccess);
  EXPECT_EQ(value, 0);
  cudaDeviceProp prop;
  ASSERT_EQ(cudaGetDeviceProperties(&prop, 0), cudaSuccess);
  EXPECT_STREQ(prop.name, "Rondo host CPU");
  EXPECT_GE(prop.multiProcessorCount, 1);
  EXPECT_EQ(cudaDeviceGetAttribute(&value, cudaDevAttrComputeCapabilityMajor, 0), cudaSuccess);
  EXPECT_EQ(value, prop.major);
  EXPECT_EQ(cudaDeviceGetAttribute(&value, static_cast<cudaDeviceAttr>(9999), 0), cudaErrorInvalidValue);
  size_t free = 0, total = 0;
  EXPECT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  EXPECT_LE(free, total);
  EXPECT_EQ(total, prop.totalGlobalMem);
  EXPECT_EQ(cudaRuntimeGetVersion(&value), cudaSuccess);
  EXPECT_EQ(value, CUDART_VERSION);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
}

TEST(ShimErrors, NamesAndTheLastOne) {
  EXPECT_STREQ(cudaGetErrorName(cudaErrorInvalidValue), "cudaErrorInvalidValue");
  EXPECT_STREQ(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory");
  EXPECT_STREQ(cudaGetErrorString(static_cast<cudaError_t>(12345)), "unrecognized error code");
  cudaGetLastError();
  EXPECT_EQ(cudaSetDevice(7), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
