// reason: one class implements one interface with both generations of accessors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/running/error_sink.h"
#include "api/running/plugins/plugin_set.h"
#include "rondo/engine.h"
#include "runtime/engine.h"

namespace rondo::api {

/// What an engine takes over from its runtime.
struct EngineSettings {
  IGpuAllocator* allocator = nullptr;
  int32_t max_threads = 0;
  std::shared_ptr<const PluginSet> plugins;
};

/// ICudaEngine: names, shapes and profiles of a loaded program; makes contexts.
class CudaEngine final : public ICudaEngine {
 public:
  CudaEngine(std::shared_ptr<const runtime::Engine> core, const EngineSettings& settings, ILogger* logger,
             IErrorRecorder* recorder);

  const std::shared_ptr<const runtime::Engine>& core() const { return core_; }
  const plan::Program& program() const { return core_->program(); }
  const EngineSettings& settings() const { return settings_; }
  ErrorSink& sink() const { return sink_; }
  /// Tensor index of a name. Errors kInvalidArgument naming the tensors there are
  int32_t require_tensor(char const* name) const;
  /// Tensor index of a binding index. Errors kInvalidArgument out of range
  int32_t require_binding(int32_t bindingIndex) const;
  /// The same for queries: -1 and a report instead of an Error.
  int32_t find(char const* name) const noexcept;
  int32_t tensor_of(int32_t bindingIndex) const noexcept;

  int32_t getNbIOTensors() const noexcept override { return tensors_; }
  char const* getIOTensorName(int32_t index) const noexcept override;
  Dims getTensorShape(char const* tensorName) const noexcept override;
  DataType getTensorDataType(char const* tensorName) const noexcept override;
  TensorLocation getTensorLocation(char const* tensorName) const noexcept override;
  TensorIOMode getTensorIOMode(char const* tensorName) const noexcept override;
  bool isShapeInferenceIO(char const* tensorName) const noexcept override;
  int32_t getTensorBytesPerComponent(char const* tensorName) const noexcept override;
  int32_t getTensorBytesPerComponent(char const* tensorName, int32_t) const noexcept override;
  int32_t getTensorComponentsPerElement(char const* tensorName) const noexcept override;
  int32_t getTensorComponentsPerElement(char const* tensorName, int32_t) const noexcept override;
  TensorFormat getTensorFormat(char const*) const noexcept override { return TensorFormat::kLINEAR; }
  TensorFormat getTensorFormat(char const*, int32_t) const noexcept override { return TensorFormat::kLINEAR; }
  char const* getTensorFormatDesc(char const* tensorName) const noexcept override;
  char const* getTensorFormatDesc(char const* tensorName, int32_t) const noexcept override;
  int32_t getTensorVectorizedDim(char const*) const noexcept override { return -1; }
  int32_t getTensorVectorizedDim(char const*, int32_t) const noexcept override { return -1; }
  Dims getProfileShape(char const* tensorName, int32_t profileIndex, OptProfileSelector select) const noexcept override;
  int32_t const* getProfileTensorValues(char const* tensorName, int32_t profileIndex,
                                        OptProfileSelector select) const noexcept override;
  int64_t const* getProfileTensorValuesV2(char const* tensorName, int32_t profileIndex,
                                          OptProfileSelector select) const noexcept override;

  int32_t getNbBindings() const noexcept override { return static_cast<int32_t>(binding_names_.size()); }
  int32_t getBindingIndex(char const* name) const noexcept override;
  char const* getBindingName(int32_t bindingIndex) const noexcept override;
  bool bindingIsInput(int32_t bindingIndex) const noexcept override;
  Dims getBindingDimensions(int32_t bindingIndex) const noexcept override;
  DataType getBindingDataType(int32_t bindingIndex) const noexcept override;
  TensorLocation getLocation(int32_t bindingIndex) const noexcept override;
  int32_t getBindingBytesPerComponent(int32_t bindingIndex) const noexcept override;
  int32_t getBindingComponentsPerElement(int32_t bindingIndex) const noexcept override;
  TensorFormat getBindingFormat(int32_t) const noexcept override { return TensorFormat::kLINEAR; }
  char const* getBindingFormatDesc(int32_t bindingIndex) const noexcept override;
  int32_t getBindingVectorizedDim(int32_t) const noexcept override { return -1; }
  Dims getProfileDimensions(int32_t bindingIndex, int32_t profileIndex,
                            OptProfileSelector select) const noexcept override;
  int32_t const* getProfileShapeValues(int32_t profileIndex, int32_t inputIndex,
                                       OptProfileSelector select) const noexcept override;
  bool isShapeBinding(int32_t bindingIndex) const noexcept override;
  bool isExecutionBinding(int32_t bindingIndex) const noexcept override;
  int32_t getMaxBatchSize() const noexcept override { return 1; }
  bool hasImplicitBatchDimension() const noexcept override { return false; }

  int32_t getNbLayers() const noexcept override;
  char const* getName() const noexcept override { return program().name.c_str(); }
  int32_t getNbOptimizationProfiles() const noexcept override {
    return static_cast<int32_t>(program().profiles.size());
  }
  IHostMemory* serialize() const noexcept override;
  IHostMemory* serializeWithConfig(ISerializationConfig& config) const noexcept override;
  ISerializationConfig* createSerializationConfig() noexcept override;
  IRuntimeConfig* createRuntimeConfig() noexcept override;
  IExecutionContext* createExecutionContext(IRuntimeConfig* runtimeConfig) noexcept override;
  int64_t getEngineStat(EngineStat stat) const noexcept override;
  int64_t getStreamableWeightsSize() const noexcept override { return 0; }
  bool setWeightStreamingBudgetV2(int64_t gpuMemoryBudget) noexcept override;
  int64_t getWeightStreamingBudgetV2() const noexcept override { return streaming_budget_; }
  int64_t getWeightStreamingAutomaticBudget() const noexcept override { return 0; }
  int64_t getWeightStreamingScratchMemorySize() const noexcept override { return 0; }
  bool setWeightStreamingBudget(int64_t budget) noexcept override {
    return setWeightStreamingBudgetV2(budget < 0 ? 0 : budget);
  }
  int64_t getWeightStreamingBudget() const noexcept override { return streaming_budget_; }
  int64_t getMinimumWeightStreamingBudget() const noexcept override { return 0; }
  bool isDebugTensor(char const* name) const noexcept override;
  IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept override;
  IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept override;
  std::size_t getDeviceMemorySize() const noexcept override { return core_->arena_bytes(); }
  std::size_t getDeviceMemorySizeForProfile(int32_t) const noexcept override { return core_->arena_bytes(); }
  int64_t getDeviceMemorySizeV2() const noexcept override { return static_cast<int64_t>(core_->arena_bytes()); }
  int64_t getDeviceMemorySizeForProfileV2(int32_t) const noexcept override {
    return static_cast<int64_t>(core_->arena_bytes());
  }
  IEngineInspector* createEngineInspector() const noexcept override;
  bool isRefittable() const noexcept override { return false; }
  EngineCapability getEngineCapability() const noexcept override { return EngineCapability::kSTANDARD; }
  ProfilingVerbosity getProfilingVerbosity() const noexcept override;
  TacticSources getTacticSources() const noexcept override { return 0; }
  HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override {
    return HardwareCompatibilityLevel::kNONE;
  }
  int32_t getNbAuxStreams() const noexcept override { return 0; }
  char const* getAliasedInputTensor(char const* tensorName) const noexcept override;
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }

 private:
  const plan::Binding& binding(int32_t tensor) const { return program().bindings[static_cast<size_t>(tensor)]; }
  const plan::Profile::Input* profile_input(int32_t tensor, int32_t profile) const noexcept;

  std::shared_ptr<const runtime::Engine> core_;
  EngineSettings settings_;
  mutable ErrorSink sink_;
  int32_t tensors_ = 0;
  int64_t streaming_budget_ = 0;
  std::vector<std::string> binding_names_;           ///< [profile][tensor]
  std::vector<std::vector<int32_t>> narrow_values_;  ///< [profile][tensor][selector]: shape values in 32 bits
};

}  // namespace rondo::api
