// reason: one class implements one interface with both generations of calls.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "api/running/allocator_adapter.h"
#include "api/running/debug/debug_tensors.h"
#include "api/running/engine.h"
#include "api/running/error_sink.h"
#include "rondo/context.h"
#include "runtime/context.h"

namespace rondo::api {

/// IExecutionContext on a runtime::Context. Calls that change or run it hold `busy_`; a second thread is refused, not queued.
class ExecutionContext final : public IExecutionContext, private runtime::OutputPlacer {
 public:
  /// Errors    Error(kFailedAllocation)
  ExecutionContext(CudaEngine& engine, bool owns_memory);

  bool setInputShape(char const* tensorName, Dims const& dims) noexcept override;
  Dims getTensorShape(char const* tensorName) const noexcept override;
  Dims getTensorStrides(char const* tensorName) const noexcept override;
  bool setTensorAddress(char const* tensorName, void* data) noexcept override;
  bool setInputTensorAddress(char const* tensorName, void const* data) noexcept override;
  bool setOutputTensorAddress(char const* tensorName, void* data) noexcept override;
  void const* getTensorAddress(char const* tensorName) const noexcept override;
  void* getOutputTensorAddress(char const* tensorName) const noexcept override;
  int32_t inferShapes(int32_t nbMaxNames, char const** tensorNames) noexcept override;
  bool enqueueV3(cudaStream_t stream) noexcept override;
  bool executeV2(void* const* bindings) noexcept override;
  bool enqueueV2(void* const* bindings, cudaStream_t stream, cudaEvent_t* inputConsumed) noexcept override;
  bool execute(int32_t batchSize, void* const* bindings) noexcept override;
  bool enqueue(int32_t batchSize, void* const* bindings, cudaStream_t stream,
               cudaEvent_t* inputConsumed) noexcept override;

  bool setBindingDimensions(int32_t bindingIndex, Dims const& dimensions) noexcept override;
  Dims getBindingDimensions(int32_t bindingIndex) const noexcept override;
  Dims getStrides(int32_t bindingIndex) const noexcept override;
  bool setInputShapeBinding(int32_t bindingIndex, int32_t const* data) noexcept override;
  bool getShapeBinding(int32_t bindingIndex, int32_t* data) const noexcept override;
  bool allInputDimensionsSpecified() const noexcept override;
  bool allInputShapesSpecified() const noexcept override;

  bool setOptimizationProfile(int32_t profileIndex) noexcept override;
  bool setOptimizationProfileAsync(int32_t profileIndex, cudaStream_t stream) noexcept override;
  int32_t getOptimizationProfile() const noexcept override { return core_.profile(); }
  bool setInputConsumedEvent(cudaEvent_t event) noexcept override;
  cudaEvent_t getInputConsumedEvent() const noexcept override { return input_consumed_; }
  bool setOutputAllocator(char const* tensorName, IOutputAllocator* outputAllocator) noexcept override;
  IOutputAllocator* getOutputAllocator(char const* tensorName) const noexcept override;
  int64_t getMaxOutputSize(char const* tensorName) const noexcept override;
  bool setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept override;
  IGpuAllocator* getTemporaryStorageAllocator() const noexcept override { return temporary_allocator_; }
  void setDeviceMemory(void* memory) noexcept override;
  void setDeviceMemoryV2(void* memory, int64_t size) noexcept override;
  std::size_t updateDeviceMemorySizeForShapes() noexcept override;

  void setProfiler(IProfiler* profiler) noexcept override;
  IProfiler* getProfiler() const noexcept override { return profiler_; }
  void setEnqueueEmitsProfile(bool enqueueEmitsProfile) noexcept override { emits_profile_ = enqueueEmitsProfile; }
  bool getEnqueueEmitsProfile() const noexcept override { return emits_profile_; }
  bool reportToProfiler() const noexcept override;
  bool setMaxThreads(int32_t maxThreads) noexcept override;
  int32_t getMaxThreads() const noexcept override { return max_threads_; }
  void setDebugSync(bool sync) noexcept override { debug_sync_ = sync; }
  bool getDebugSync() const noexcept override { return debug_sync_; }
  void setName(char const* name) noexcept override;
  char const* getName() const noexcept override { return name_.c_str(); }
  ICudaEngine const& getEngine() const noexcept override { return engine_; }
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override;
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }
  void setPersistentCacheLimit(std::size_t size) noexcept override { persistent_cache_limit_ = size; }
  std::size_t getPersistentCacheLimit() const noexcept override { return persistent_cache_limit_; }
  bool setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept override;
  ProfilingVerbosity getNvtxVerbosity() const noexcept override { return nvtx_verbosity_; }
  void setAuxStreams(cudaStream_t*, int32_t) noexcept override {}
  bool setDebugListener(IDebugListener* listener) noexcept override;
  IDebugListener* getDebugListener() noexcept override { return debug_listener_; }
  bool setTensorDebugState(char const* name, bool flag) noexcept override;
  bool setAllTensorsDebugState(bool flag) noexcept override;
  bool getDebugState(char const* name) const noexcept override { return debug_.state(name); }
  IRuntimeConfig* getRuntimeConfig() const noexcept override;

 private:
  template <class Body>
  bool exclusive(const char* where, Body&& body) noexcept;
  const plan::Binding& binding(int32_t tensor) const { return engine_.program().bindings[static_cast<size_t>(tensor)]; }
  bool set_address(const char* where, char const* tensorName, void* data, bool as_input, bool as_output) noexcept;
  void set_shape(int32_t tensor, const Dims& dims);
  std::vector<int64_t> dims_of(int32_t tensor) const;
  int32_t input_of_profile(int32_t bindingIndex) const;
  void take_bindings(void* const* bindings);
  void allocate_outputs();
  void* allocate_output(uint32_t binding, std::span<const int64_t> dims, uint64_t bytes);
  void* place(uint32_t binding, std::span<const int64_t> dims, size_t bytes) override;
  void run_once();
  void report_layers() const;

  CudaEngine& engine_;
  ErrorSink sink_;
  std::unique_ptr<AllocatorAdapter> allocator_, temporary_;  ///< outlive core_
  runtime::Context core_;
  std::atomic<bool> busy_{false};
  std::vector<IOutputAllocator*> output_allocators_;  ///< by tensor
  bool has_output_allocators_ = false;
  cudaStream_t stream_ = nullptr;  ///< of the run in progress, for output allocators
  bool owns_memory_;
  IProfiler* profiler_ = nullptr;
  bool emits_profile_ = true;
  std::vector<int64_t> step_ns_;  ///< of the last run with a profiler
  std::string name_;
  int32_t max_threads_ = 0;
  IGpuAllocator* temporary_allocator_ = nullptr;
  cudaEvent_t input_consumed_ = nullptr;
  std::size_t persistent_cache_limit_ = 0;
  ProfilingVerbosity nvtx_verbosity_ = ProfilingVerbosity::kLAYER_NAMES_ONLY;
  bool debug_sync_ = false;
  IDebugListener* debug_listener_ = nullptr;
  DebugTensors debug_;
};

/// Runs body while no other call of this context runs; reports and returns false otherwise, or if it throws. The refusal reads
/// nothing that the other call may be writing.
template <class Body>
bool ExecutionContext::exclusive(const char* where, Body&& body) noexcept {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    return guarded(sink_, where, [&] {
      fail(Code::kInvalidState, where,
           ": the context is in use by another thread; give each thread a context of its own");
    });
  }
  const bool done = guarded(sink_, where, std::forward<Body>(body));
  busy_.store(false, std::memory_order_release);
  return done;
}

}  // namespace rondo::api
