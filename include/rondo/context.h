// reason: one interface with both generations of calls side by side; splitting it would split one class.
/// IExecutionContext: runs an engine, with its own shapes, addresses and temporary memory.
#pragma once

#include "rondo/engine_config.h"
#include "rondo/inspector.h"
#include "rondo/memory.h"
#include "rondo/tuning/debug.h"

namespace rondo {

class ICudaEngine;

/// One line of execution of an engine.
///
/// Second generation: setInputShape for dynamic inputs, setTensorAddress for every tensor, enqueueV3. First generation:
/// setBindingDimensions, executeV2 or enqueueV2 with an array of addresses in binding order, of which only those of the
/// profile in use are read. From the second run of the same shapes on, a run allocates nothing and takes no lock.
///
/// On the CPU a run is complete when the call returns, whatever the stream, so the order of a stream holds by itself; a
/// stream is not looked into, and null or any handle will do.
/// Memory    owned by the user: `delete`, or destroy(), before its engine
/// Threads   one thread at a time; contexts of one engine are independent. While a call runs, or prepares a run, those of
///           another thread, or of a callback inside of it, that would change or run the context are refused with
///           kINVALID_STATE, "the context is in use by another thread", and change nothing; only calls that read get through
class IExecutionContext : public INoCopy {
 public:
  ~IExecutionContext() noexcept override = default;

  /// Sets the shape of an input.
  /// Errors    kINVALID_ARGUMENT, false, for an unknown name, an output, a wrong rank or an extent outside the profile
  virtual bool setInputShape(char const* tensorName, Dims const& dims) noexcept = 0;

  /// Returns the shape for the next run; -1 where it depends on shapes not set yet, rank -1 for an unknown name.
  virtual Dims getTensorShape(char const* tensorName) const noexcept = 0;

  /// Returns the strides of a tensor in elements.
  virtual Dims getTensorStrides(char const* tensorName) const noexcept = 0;

  /// Sets the address of a tensor: device memory aligned to 256 bytes, or host memory for kHOST tensors.
  /// Memory    referenced; must be valid during the runs and large enough for the tensor
  /// Errors    kINVALID_ARGUMENT, false, for an unknown name, or null for an input that holds elements
  virtual bool setTensorAddress(char const* tensorName, void* data) noexcept = 0;
  virtual bool setInputTensorAddress(char const* tensorName, void const* data) noexcept = 0;
  virtual bool setOutputTensorAddress(char const* tensorName, void* data) noexcept = 0;

  /// Returns an address set before, or null.
  virtual void const* getTensorAddress(char const* tensorName) const noexcept = 0;
  virtual void* getOutputTensorAddress(char const* tensorName) const noexcept = 0;

  /// Returns how many inputs still lack a shape, or an address if their value decides shapes; writes up to nbMaxNames of
  /// their names. -1 and a message if the shapes contradict the network.
  virtual int32_t inferShapes(int32_t nbMaxNames, char const** tensorNames) noexcept = 0;

  /// Runs with the addresses set before.
  /// Errors    false: kINVALID_STATE if a shape or address is missing, kFAILED_COMPUTATION if data breaks a rule
  virtual bool enqueueV3(cudaStream_t stream) noexcept = 0;

  /// Runs with addresses in binding order, waiting for the end.
  virtual bool executeV2(void* const* bindings) noexcept = 0;

  /// Runs with addresses in binding order (gone in 10). *inputConsumed, unless null, is recorded when inputs are read.
  RONDO_DEPRECATED virtual bool enqueueV2(void* const* bindings, cudaStream_t stream,
                                          cudaEvent_t* inputConsumed) noexcept = 0;

  /// Refused, false: runs with an implicit batch (gone in 10). The message names executeV2 and enqueueV2.
  RONDO_DEPRECATED virtual bool execute(int32_t batchSize, void* const* bindings) noexcept = 0;
  RONDO_DEPRECATED virtual bool enqueue(int32_t batchSize, void* const* bindings, cudaStream_t stream,
                                        cudaEvent_t* inputConsumed) noexcept = 0;

  /// Binding counterparts of setInputShape, getTensorShape and getTensorStrides (gone in 10).
  RONDO_DEPRECATED virtual bool setBindingDimensions(int32_t bindingIndex, Dims const& dimensions) noexcept = 0;
  RONDO_DEPRECATED virtual Dims getBindingDimensions(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual Dims getStrides(int32_t bindingIndex) const noexcept = 0;

  /// Gives the values of an input that is a shape tensor, copied; reads those of a shape tensor back (gone in 10).
  RONDO_DEPRECATED virtual bool setInputShapeBinding(int32_t bindingIndex, int32_t const* data) noexcept = 0;
  RONDO_DEPRECATED virtual bool getShapeBinding(int32_t bindingIndex, int32_t* data) const noexcept = 0;

  /// Tell whether all shapes, and all values that decide shapes, are set.
  virtual bool allInputDimensionsSpecified() const noexcept = 0;
  virtual bool allInputShapesSpecified() const noexcept = 0;

  /// Changes the profile; shapes must be set again. A new context uses profile 0.
  /// Errors    kINVALID_ARGUMENT, false, out of range
  RONDO_DEPRECATED virtual bool setOptimizationProfile(int32_t profileIndex) noexcept = 0;
  virtual bool setOptimizationProfileAsync(int32_t profileIndex, cudaStream_t stream) noexcept = 0;
  virtual int32_t getOptimizationProfile() const noexcept = 0;

  /// Event that is recorded when the inputs may be overwritten; null to detach.
  virtual bool setInputConsumedEvent(cudaEvent_t event) noexcept = 0;
  virtual cudaEvent_t getInputConsumedEvent() const noexcept = 0;

  /// Allocator of an output, asked in every run for the size that run needs, before or in its course; null to detach.
  virtual bool setOutputAllocator(char const* tensorName, IOutputAllocator* outputAllocator) noexcept = 0;
  virtual IOutputAllocator* getOutputAllocator(char const* tensorName) const noexcept = 0;

  /// Returns the upper bound of an output in bytes for the shapes set; -1 for an unknown name.
  virtual int64_t getMaxOutputSize(char const* tensorName) const noexcept = 0;

  /// Allocator of temporary memory that a run asks for; null for the engine's.
  virtual bool setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept = 0;
  virtual IGpuAllocator* getTemporaryStorageAllocator() const noexcept = 0;

  /// Gives temporary memory to a kUSER_MANAGED context: at least getDeviceMemorySize bytes, aligned to 256.
  virtual void setDeviceMemory(void* memory) noexcept = 0;
  virtual void setDeviceMemoryV2(void* memory, int64_t size) noexcept = 0;

  /// Returns the bytes that the shapes set need, at most the size for the profile.
  virtual std::size_t updateDeviceMemorySizeForShapes() noexcept = 0;

  /// Receiver of layer times; null to detach. With setEnqueueEmitsProfile(false) a run only collects and
  /// reportToProfiler hands over; true is the default.
  virtual void setProfiler(IProfiler* profiler) noexcept = 0;
  virtual IProfiler* getProfiler() const noexcept = 0;
  virtual void setEnqueueEmitsProfile(bool enqueueEmitsProfile) noexcept = 0;
  virtual bool getEnqueueEmitsProfile() const noexcept = 0;
  virtual bool reportToProfiler() const noexcept = 0;

  /// Rondo extension. Threads of the CPU team of this context; 0, those of the engine's runtime, by default.
  /// Errors    kINVALID_ARGUMENT, false, if negative
  virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
  virtual int32_t getMaxThreads() const noexcept = 0;

  /// Wait after each layer; stored.
  virtual void setDebugSync(bool sync) noexcept = 0;
  virtual bool getDebugSync() const noexcept = 0;

  /// Names the context; messages use the name.
  virtual void setName(char const* name) noexcept = 0;
  virtual char const* getName() const noexcept = 0;

  /// Returns the engine.
  virtual ICudaEngine const& getEngine() const noexcept = 0;

  /// Attaches a recorder, null to detach.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Settings of GPUs, stored: L2 bytes for persistent use, detail of trace marks, extra streams.
  virtual void setPersistentCacheLimit(std::size_t size) noexcept = 0;
  virtual std::size_t getPersistentCacheLimit() const noexcept = 0;
  virtual bool setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept = 0;
  virtual ProfilingVerbosity getNvtxVerbosity() const noexcept = 0;
  virtual void setAuxStreams(cudaStream_t* auxStreams, int32_t nbStreams) noexcept = 0;

  /// Debug tensors, see rondo/tuning/debug.h: who is told, and which of the marked tensors are shown; none at first.
  /// Memory    the listener is referenced
  /// Errors    kINVALID_ARGUMENT, false, for a tensor that was not marked by INetworkDefinition::markDebug
  virtual bool setDebugListener(IDebugListener* listener) noexcept = 0;
  virtual IDebugListener* getDebugListener() noexcept = 0;
  virtual bool setTensorDebugState(char const* name, bool flag) noexcept = 0;
  virtual bool setAllTensorsDebugState(bool flag) noexcept = 0;
  virtual bool getDebugState(char const* name) const noexcept = 0;

  /// Returns the settings it was made with; the result is the user's.
  virtual IRuntimeConfig* getRuntimeConfig() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

}  // namespace rondo
