// The first generation of accessors: binding index -> tensor, then the same answers.
#include "api/running/dims_convert.h"
#include "api/running/engine.h"

namespace rondo::api {

int32_t CudaEngine::require_binding(int32_t bindingIndex) const {
  if (bindingIndex >= 0 && bindingIndex < getNbBindings()) return bindingIndex % tensors_;
  fail(Code::kInvalidArgument, "binding index ", bindingIndex, " is out of range; the engine has ", getNbBindings(),
       " bindings (", tensors_, " for each of ", getNbOptimizationProfiles(), " profiles)");
}

int32_t CudaEngine::tensor_of(int32_t bindingIndex) const noexcept {
  return guarded(sink_, "ICudaEngine", int32_t{-1}, [&] { return require_binding(bindingIndex); });
}

int32_t CudaEngine::getBindingIndex(char const* name) const noexcept {
  if (name == nullptr) return -1;
  for (size_t i = 0; i < binding_names_.size(); ++i) {
    if (binding_names_[i] == name) return static_cast<int32_t>(i);
  }
  return -1;
}

char const* CudaEngine::getBindingName(int32_t bindingIndex) const noexcept {
  return tensor_of(bindingIndex) < 0 ? nullptr : binding_names_[static_cast<size_t>(bindingIndex)].c_str();
}

bool CudaEngine::bindingIsInput(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t >= 0 && binding(t).is_input;
}

Dims CudaEngine::getBindingDimensions(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t < 0 ? kNoDims : to_dims(binding(t).dims);
}

DataType CudaEngine::getBindingDataType(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t < 0 ? DataType::kFLOAT : static_cast<DataType>(binding(t).dtype);
}

TensorLocation CudaEngine::getLocation(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t >= 0 && binding(t).is_shape ? TensorLocation::kHOST : TensorLocation::kDEVICE;
}

int32_t CudaEngine::getBindingBytesPerComponent(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t < 0 ? -1 : static_cast<int32_t>(dtype_bytes(binding(t).dtype));
}

int32_t CudaEngine::getBindingComponentsPerElement(int32_t bindingIndex) const noexcept {
  return tensor_of(bindingIndex) < 0 ? -1 : 1;
}

char const* CudaEngine::getBindingFormatDesc(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t < 0 ? nullptr : getTensorFormatDesc(binding(t).name.c_str());
}

Dims CudaEngine::getProfileDimensions(int32_t bindingIndex, int32_t profileIndex,
                                      OptProfileSelector select) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t < 0 ? kNoDims : getProfileShape(binding(t).name.c_str(), profileIndex, select);
}

int32_t const* CudaEngine::getProfileShapeValues(int32_t profileIndex, int32_t inputIndex,
                                                 OptProfileSelector select) const noexcept {
  const int32_t t = tensor_of(inputIndex);
  return t < 0 ? nullptr : getProfileTensorValues(binding(t).name.c_str(), profileIndex, select);
}

bool CudaEngine::isShapeBinding(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t >= 0 && binding(t).is_shape;
}

bool CudaEngine::isExecutionBinding(int32_t bindingIndex) const noexcept {
  const int32_t t = tensor_of(bindingIndex);
  return t >= 0 && !(binding(t).is_shape && binding(t).is_input && binding(t).buffer == plan::kNone);
}

}  // namespace rondo::api
