#include "api/running/engine.h"

#include <algorithm>
#include <cstring>

#include "api/running/context.h"
#include "api/running/dims_convert.h"
#include "api/running/engine_config.h"
#include "api/running/host_memory.h"
#include "api/running/inspector.h"
#include "api/running/layer_list.h"
#include "plan/aliases.h"
#include "plan/plan_file.h"

namespace rondo::api {

namespace {

const std::vector<int64_t>& choose(const plan::Profile::Input& input, OptProfileSelector select, bool values) {
  switch (select) {
    case OptProfileSelector::kMIN:
      return values ? input.value_min : input.min;
    case OptProfileSelector::kMAX:
      return values ? input.value_max : input.max;
    default:
      return values ? input.value_opt : input.opt;
  }
}

bool valid(OptProfileSelector select) {
  return static_cast<int32_t>(select) >= 0 && static_cast<int32_t>(select) < EnumMax<OptProfileSelector>();
}

}  // namespace

CudaEngine::CudaEngine(std::shared_ptr<const runtime::Engine> core, const EngineSettings& settings, ILogger* logger,
                       IErrorRecorder* recorder)
    : core_(std::move(core)),
      settings_(settings),
      sink_(logger, recorder),
      tensors_(static_cast<int32_t>(std::count_if(program().bindings.begin(), program().bindings.end(),
                                                  [](const plan::Binding& b) { return !b.is_hidden; }))) {
  for (size_t p = 0; p < program().profiles.size(); ++p) {
    for (size_t t = 0; t < static_cast<size_t>(tensors_); ++t) {
      binding_names_.push_back(program().bindings[t].name + (p == 0 ? "" : text(" [profile ", p, "]")));
      const auto* input = profile_input(static_cast<int32_t>(t), static_cast<int32_t>(p));
      for (int32_t s = 0; s < EnumMax<OptProfileSelector>(); ++s) {
        auto& narrow = narrow_values_.emplace_back();
        if (input == nullptr) continue;
        for (const int64_t v : choose(*input, static_cast<OptProfileSelector>(s), true))
          narrow.push_back(static_cast<int32_t>(v));
      }
    }
  }
}

int32_t CudaEngine::require_tensor(char const* name) const {
  const uint32_t index = name == nullptr ? plan::kNone : core_->find_binding(name);
  if (index < static_cast<uint32_t>(tensors_)) return static_cast<int32_t>(index);
  std::string all;
  for (const auto& b : program().bindings) {
    if (!b.is_hidden) all += (all.empty() ? "'" : ", '") + b.name + "'";
  }
  if (name == nullptr) fail(Code::kInvalidArgument, "the tensor name is null; the engine has ", all);
  fail(Code::kInvalidArgument, "the engine has no tensor named '", name, "'; it has ", all);
}

int32_t CudaEngine::find(char const* name) const noexcept {
  return guarded(sink_, "ICudaEngine", int32_t{-1}, [&] { return require_tensor(name); });
}

const plan::Profile::Input* CudaEngine::profile_input(int32_t tensor, int32_t profile) const noexcept {
  if (profile < 0 || profile >= getNbOptimizationProfiles() || tensor < 0) return nullptr;
  const auto& inputs = program().profiles[static_cast<size_t>(profile)].inputs;
  const bool input = binding(tensor).is_input && static_cast<size_t>(tensor) < inputs.size();
  return input ? &inputs[static_cast<size_t>(tensor)] : nullptr;
}

char const* CudaEngine::getIOTensorName(int32_t index) const noexcept {
  return index >= 0 && index < tensors_ ? binding(index).name.c_str() : nullptr;
}

Dims CudaEngine::getTensorShape(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  return t < 0 ? kNoDims : to_dims(binding(t).dims);
}

DataType CudaEngine::getTensorDataType(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  return t < 0 ? DataType::kFLOAT : static_cast<DataType>(binding(t).dtype);
}

TensorLocation CudaEngine::getTensorLocation(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  return t >= 0 && binding(t).is_shape ? TensorLocation::kHOST : TensorLocation::kDEVICE;
}

TensorIOMode CudaEngine::getTensorIOMode(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  if (t < 0) return TensorIOMode::kNONE;
  return binding(t).is_input ? TensorIOMode::kINPUT : TensorIOMode::kOUTPUT;
}

char const* CudaEngine::getAliasedInputTensor(char const* tensorName) const noexcept {
  return guarded<char const*>(sink_, "ICudaEngine::getAliasedInputTensor", nullptr, [&]() -> char const* {
    const int32_t t = find(tensorName);
    for (const plan::Alias& alias : plan::aliases(program())) {
      if (t >= 0 && alias.output == static_cast<uint32_t>(t))
        return binding(static_cast<int32_t>(alias.input)).name.c_str();
    }
    return nullptr;
  });
}

bool CudaEngine::isDebugTensor(char const* name) const noexcept {
  const auto& bindings = program().bindings;
  return name != nullptr && std::any_of(bindings.begin(), bindings.end(),
                                        [&](const plan::Binding& b) { return b.is_debug && b.name == name; });
}

bool CudaEngine::isShapeInferenceIO(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  return t >= 0 && binding(t).is_shape;
}

int32_t CudaEngine::getTensorBytesPerComponent(char const* tensorName) const noexcept {
  const int32_t t = find(tensorName);
  return t < 0 ? -1 : static_cast<int32_t>(dtype_bytes(binding(t).dtype));
}

int32_t CudaEngine::getTensorBytesPerComponent(char const* tensorName, int32_t) const noexcept {
  return getTensorBytesPerComponent(tensorName);
}

int32_t CudaEngine::getTensorComponentsPerElement(char const* tensorName) const noexcept {
  return find(tensorName) < 0 ? -1 : 1;
}

int32_t CudaEngine::getTensorComponentsPerElement(char const* tensorName, int32_t) const noexcept {
  return getTensorComponentsPerElement(tensorName);
}

char const* CudaEngine::getTensorFormatDesc(char const* tensorName) const noexcept {
  return find(tensorName) < 0 ? nullptr : "Row-major linear format (kLINEAR)";
}

char const* CudaEngine::getTensorFormatDesc(char const* tensorName, int32_t) const noexcept {
  return getTensorFormatDesc(tensorName);
}

Dims CudaEngine::getProfileShape(char const* tensorName, int32_t profileIndex,
                                 OptProfileSelector select) const noexcept {
  const auto* input = profile_input(find(tensorName), profileIndex);
  return input == nullptr || !valid(select) ? kNoDims : to_dims(choose(*input, select, false));
}

int64_t const* CudaEngine::getProfileTensorValuesV2(char const* tensorName, int32_t profileIndex,
                                                    OptProfileSelector select) const noexcept {
  const auto* input = profile_input(find(tensorName), profileIndex);
  if (input == nullptr || !valid(select)) return nullptr;
  const auto& values = choose(*input, select, true);
  return values.empty() ? nullptr : values.data();
}

int32_t const* CudaEngine::getProfileTensorValues(char const* tensorName, int32_t profileIndex,
                                                  OptProfileSelector select) const noexcept {
  const int32_t t = find(tensorName);
  if (profile_input(t, profileIndex) == nullptr || !valid(select)) return nullptr;
  const auto& values = narrow_values_[static_cast<size_t>(
      (profileIndex * tensors_ + t) * EnumMax<OptProfileSelector>() + static_cast<int32_t>(select))];
  return values.empty() ? nullptr : values.data();
}

int32_t CudaEngine::getNbLayers() const noexcept {
  return guarded(sink_, "ICudaEngine::getNbLayers", 0,
                 [&] { return static_cast<int32_t>(layers_of(program()).size()); });
}

ProfilingVerbosity CudaEngine::getProfilingVerbosity() const noexcept {
  return program().layer_info.empty() ? ProfilingVerbosity::kLAYER_NAMES_ONLY : ProfilingVerbosity::kDETAILED;
}

IHostMemory* CudaEngine::serialize() const noexcept {
  return guarded(sink_, "ICudaEngine::serialize", static_cast<IHostMemory*>(nullptr),
                 [&]() -> IHostMemory* { return new SerializedEngine(plan::write_plan(program())); });
}

IHostMemory* CudaEngine::serializeWithConfig(ISerializationConfig& config) const noexcept {
  const bool stripped = guarded(sink_, "ICudaEngine::serializeWithConfig", [&] {
    if (config.getFlag(SerializationFlag::kEXCLUDE_WEIGHTS)) {
      fail(Code::kUnsupportedState,
           "serializeWithConfig: plans of this version carry their weights; clear kEXCLUDE_WEIGHTS");
    }
  });
  return stripped ? serialize() : nullptr;
}

ISerializationConfig* CudaEngine::createSerializationConfig() noexcept {
  return guarded<ISerializationConfig*>(sink_, "ICudaEngine::createSerializationConfig", nullptr,
                                        [] { return new SerializationConfig; });
}

IRuntimeConfig* CudaEngine::createRuntimeConfig() noexcept {
  return guarded<IRuntimeConfig*>(sink_, "ICudaEngine::createRuntimeConfig", nullptr, [] { return new RuntimeConfig; });
}

IExecutionContext* CudaEngine::createExecutionContext(IRuntimeConfig* runtimeConfig) noexcept {
  return createExecutionContext(runtimeConfig == nullptr ? ExecutionContextAllocationStrategy::kSTATIC
                                                         : runtimeConfig->getExecutionContextAllocationStrategy());
}

int64_t CudaEngine::getEngineStat(EngineStat stat) const noexcept {
  return stat == EngineStat::kTOTAL_WEIGHTS_SIZE ? static_cast<int64_t>(program().weight_bytes().size()) : 0;
}

bool CudaEngine::setWeightStreamingBudgetV2(int64_t gpuMemoryBudget) noexcept {
  return guarded(sink_, "ICudaEngine::setWeightStreamingBudgetV2", [&] {
    if (gpuMemoryBudget < 0)
      fail(Code::kInvalidArgument, "setWeightStreamingBudgetV2: ", gpuMemoryBudget, " bytes is below 0");
    streaming_budget_ = gpuMemoryBudget;
  });
}

IExecutionContext* CudaEngine::createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept {
  return guarded(sink_, "ICudaEngine::createExecutionContext", static_cast<IExecutionContext*>(nullptr),
                 [&]() -> IExecutionContext* {
                   return new ExecutionContext(*this, strategy != ExecutionContextAllocationStrategy::kUSER_MANAGED);
                 });
}

IExecutionContext* CudaEngine::createExecutionContextWithoutDeviceMemory() noexcept {
  return createExecutionContext(ExecutionContextAllocationStrategy::kUSER_MANAGED);
}

IEngineInspector* CudaEngine::createEngineInspector() const noexcept {
  return guarded(sink_, "ICudaEngine::createEngineInspector", static_cast<IEngineInspector*>(nullptr),
                 [&]() -> IEngineInspector* { return new EngineInspector(*this); });
}

}  // namespace rondo::api
