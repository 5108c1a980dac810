// reason: one interface with both generations of accessors side by side; splitting it would split one class.
/// ICudaEngine: a loaded plan. The name is TensorRT's; the engine runs on whatever device the plan is for.
#pragma once

#include "rondo/context.h"
#include "rondo/engine_config.h"
#include "rondo/inspector.h"
#include "rondo/memory.h"
#include "rondo/profile.h"

namespace rondo {

/// A loaded plan: weights and programs, shared by its contexts.
///
/// Tensors have names (second generation) and binding indices (first generation). With n inputs and outputs, binding
/// k n + i is tensor i under profile k; its name carries the suffix ` [profile k]` for k > 0. Inputs come first, in the order of
/// addInput, then outputs in the order of markOutput.
/// Memory    owned by the user: `delete`, or destroy(), after its contexts and inspectors. Independent of the runtime and
///           builder that made it
/// Threads   all methods are safe together, but setErrorRecorder
class ICudaEngine : public INoCopy {
 public:
  ~ICudaEngine() noexcept override = default;

  /// Number of inputs and outputs.
  virtual int32_t getNbIOTensors() const noexcept = 0;

  /// Name of tensor index; null out of range.
  virtual char const* getIOTensorName(int32_t index) const noexcept = 0;

  /// Shape of a tensor in the network, -1 where it is dynamic. An unknown name gives rank -1, here and below.
  virtual Dims getTensorShape(char const* tensorName) const noexcept = 0;

  /// Element type; kFLOAT for an unknown name.
  virtual DataType getTensorDataType(char const* tensorName) const noexcept = 0;

  /// Where the bytes must lie; kHOST for shape tensors.
  virtual TensorLocation getTensorLocation(char const* tensorName) const noexcept = 0;

  /// Input, output, or neither for an unknown name.
  virtual TensorIOMode getTensorIOMode(char const* tensorName) const noexcept = 0;

  /// Whether the value of an input decides shapes, or an output delivers one.
  virtual bool isShapeInferenceIO(char const* tensorName) const noexcept = 0;

  /// Layout: bytes of one component, components per element, the name of the format, the vectorized dimension. Rondo's
  /// formats are linear: size of the type, 1, kLINEAR, -1. An unknown name gives -1. The profile makes no difference.
  virtual int32_t getTensorBytesPerComponent(char const* tensorName) const noexcept = 0;
  virtual int32_t getTensorBytesPerComponent(char const* tensorName, int32_t profileIndex) const noexcept = 0;
  virtual int32_t getTensorComponentsPerElement(char const* tensorName) const noexcept = 0;
  virtual int32_t getTensorComponentsPerElement(char const* tensorName, int32_t profileIndex) const noexcept = 0;
  virtual TensorFormat getTensorFormat(char const* tensorName) const noexcept = 0;
  virtual TensorFormat getTensorFormat(char const* tensorName, int32_t profileIndex) const noexcept = 0;
  virtual char const* getTensorFormatDesc(char const* tensorName) const noexcept = 0;
  virtual char const* getTensorFormatDesc(char const* tensorName, int32_t profileIndex) const noexcept = 0;
  virtual int32_t getTensorVectorizedDim(char const* tensorName) const noexcept = 0;
  virtual int32_t getTensorVectorizedDim(char const* tensorName, int32_t profileIndex) const noexcept = 0;

  /// Shape of an input in a profile; rank -1 for what is no input or no profile.
  virtual Dims getProfileShape(char const* tensorName, int32_t profileIndex,
                               OptProfileSelector select) const noexcept = 0;

  /// Values of a shape tensor in a profile; null for what is none.
  virtual int32_t const* getProfileTensorValues(char const* tensorName, int32_t profileIndex,
                                                OptProfileSelector select) const noexcept = 0;
  virtual int64_t const* getProfileTensorValuesV2(char const* tensorName, int32_t profileIndex,
                                                  OptProfileSelector select) const noexcept = 0;

  /// Number of bindings: tensors times profiles. This and all binding methods: deprecated in 8.5, gone in 10.
  RONDO_DEPRECATED virtual int32_t getNbBindings() const noexcept = 0;

  /// Index of a name, suffix included; -1 if there is none.
  RONDO_DEPRECATED virtual int32_t getBindingIndex(char const* name) const noexcept = 0;

  /// Name of a binding; null out of range.
  RONDO_DEPRECATED virtual char const* getBindingName(int32_t bindingIndex) const noexcept = 0;

  /// The accessors above, by index. Out of range they return false, rank -1, kFLOAT, kDEVICE, -1, kLINEAR or null.
  RONDO_DEPRECATED virtual bool bindingIsInput(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual Dims getBindingDimensions(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual DataType getBindingDataType(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual TensorLocation getLocation(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getBindingBytesPerComponent(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getBindingComponentsPerElement(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual TensorFormat getBindingFormat(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual char const* getBindingFormatDesc(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getBindingVectorizedDim(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual Dims getProfileDimensions(int32_t bindingIndex, int32_t profileIndex,
                                                     OptProfileSelector select) const noexcept = 0;
  RONDO_DEPRECATED virtual int32_t const* getProfileShapeValues(int32_t profileIndex, int32_t inputIndex,
                                                                OptProfileSelector select) const noexcept = 0;
  RONDO_DEPRECATED virtual bool isShapeBinding(int32_t bindingIndex) const noexcept = 0;
  RONDO_DEPRECATED virtual bool isExecutionBinding(int32_t bindingIndex) const noexcept = 0;

  /// 1: there is no implicit batch.
  RONDO_DEPRECATED virtual int32_t getMaxBatchSize() const noexcept = 0;
  RONDO_DEPRECATED virtual bool hasImplicitBatchDimension() const noexcept = 0;

  /// Number of layers after optimization, as the inspector and the profiler count them.
  virtual int32_t getNbLayers() const noexcept = 0;

  /// Name of the network.
  virtual char const* getName() const noexcept = 0;

  /// Number of profiles, at least 1.
  virtual int32_t getNbOptimizationProfiles() const noexcept = 0;

  /// Returns the plan again, byte for byte; the result is the user's.
  virtual IHostMemory* serialize() const noexcept = 0;

  /// The same with settings; the result is the user's.
  /// Errors    kUNSUPPORTED_STATE, null, for kEXCLUDE_WEIGHTS
  virtual IHostMemory* serializeWithConfig(ISerializationConfig& config) const noexcept = 0;
  virtual ISerializationConfig* createSerializationConfig() noexcept = 0;

  /// Makes settings for the next call; the result is the user's.
  virtual IRuntimeConfig* createRuntimeConfig() noexcept = 0;
  virtual IExecutionContext* createExecutionContext(IRuntimeConfig* runtimeConfig) noexcept = 0;

  /// Returns a figure of the engine in bytes.
  /// Weights count once, as they stand in the plan.
  virtual int64_t getEngineStat(EngineStat stat) const noexcept = 0;

  /// Streaming of weights from host memory: there is nothing to stream on the CPU, so sizes are 0 and a budget is accepted without effect.
  virtual int64_t getStreamableWeightsSize() const noexcept = 0;
  virtual bool setWeightStreamingBudgetV2(int64_t gpuMemoryBudget) noexcept = 0;
  virtual int64_t getWeightStreamingBudgetV2() const noexcept = 0;
  virtual int64_t getWeightStreamingAutomaticBudget() const noexcept = 0;
  virtual int64_t getWeightStreamingScratchMemorySize() const noexcept = 0;
  RONDO_DEPRECATED virtual bool setWeightStreamingBudget(int64_t gpuMemoryBudget) noexcept = 0;
  RONDO_DEPRECATED virtual int64_t getWeightStreamingBudget() const noexcept = 0;
  RONDO_DEPRECATED virtual int64_t getMinimumWeightStreamingBudget() const noexcept = 0;

  /// Tells whether a tensor can be reported to an IDebugListener.
  /// False for all names: fused layers keep no tensors between them.
  virtual bool isDebugTensor(char const* name) const noexcept = 0;

  /// Makes a context; the result is the user's.
  /// Errors    kFAILED_ALLOCATION, null
  virtual IExecutionContext* createExecutionContext(
      ExecutionContextAllocationStrategy strategy = ExecutionContextAllocationStrategy::kSTATIC) noexcept = 0;

  /// Same as createExecutionContext(kUSER_MANAGED).
  RONDO_DEPRECATED virtual IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept = 0;

  /// Bytes of temporary memory of a context, for the largest profile or for one. 256-byte alignment is needed.
  RONDO_DEPRECATED virtual std::size_t getDeviceMemorySize() const noexcept = 0;
  RONDO_DEPRECATED virtual std::size_t getDeviceMemorySizeForProfile(int32_t profileIndex) const noexcept = 0;
  virtual int64_t getDeviceMemorySizeV2() const noexcept = 0;
  virtual int64_t getDeviceMemorySizeForProfileV2(int32_t profileIndex) const noexcept = 0;

  /// Makes an inspector; the result is the user's.
  virtual IEngineInspector* createEngineInspector() const noexcept = 0;

  /// What the plan was built with.
  virtual bool isRefittable() const noexcept = 0;
  virtual EngineCapability getEngineCapability() const noexcept = 0;
  virtual ProfilingVerbosity getProfilingVerbosity() const noexcept = 0;
  virtual TacticSources getTacticSources() const noexcept = 0;
  virtual HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept = 0;

  /// The input that output tensorName updates in place (IKVCacheUpdateLayer): give both one address. Null for all other names. With
  /// two addresses the input is copied first and stays as it is.
  virtual char const* getAliasedInputTensor(char const* tensorName) const noexcept = 0;

  /// Streams besides the given one that a run uses: 0 on the CPU.
  virtual int32_t getNbAuxStreams() const noexcept = 0;

  /// Attaches a recorder, null to detach. Contexts made later start with it.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

}  // namespace rondo
