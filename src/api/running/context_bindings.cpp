// The first generation of calls: arrays of addresses in binding order, shapes by binding index.
#include <algorithm>

#include "api/running/context.h"
#include "api/running/dims_convert.h"
#include "api/running/events.h"
#include "base/checked.h"

namespace rondo::api {

namespace {

constexpr char kImplicitBatch[] =
    "runs with an implicit batch size do not exist here, networks have an explicit batch; use executeV2 or enqueueV2";

int64_t load_integer(const void* from, DType dtype, int64_t i) {
  return dtype == DType::kInt64 ? static_cast<const int64_t*>(from)[i] : static_cast<const int32_t*>(from)[i];
}

}  // namespace

void ExecutionContext::take_bindings(void* const* bindings) {
  if (bindings == nullptr) fail(Code::kInvalidArgument, "the array of bindings is null; pass one address per binding");
  const auto tensors = static_cast<uint32_t>(engine_.getNbIOTensors());
  void* const* own = bindings + static_cast<size_t>(core_.profile()) * tensors;
  for (uint32_t t = 0; t < tensors; ++t) {
    if (own[t] != nullptr || output_allocators_[t] == nullptr) core_.set_address(t, own[t]);
  }
}

bool ExecutionContext::executeV2(void* const* bindings) noexcept {
  return exclusive("IExecutionContext::executeV2", [&] {
    take_bindings(bindings);
    run_once();
  });
}

bool ExecutionContext::enqueueV2(void* const* bindings, cudaStream_t stream, cudaEvent_t* inputConsumed) noexcept {
  return exclusive("IExecutionContext::enqueueV2", [&] {
    take_bindings(bindings);
    run_once();
    if (inputConsumed != nullptr) record_event(*inputConsumed, stream);
    if (input_consumed_ != nullptr) record_event(input_consumed_, stream);
  });
}

bool ExecutionContext::execute(int32_t, void* const*) noexcept {
  return guarded(sink_, "IExecutionContext::execute",
                 [&] { fail(Code::kUnsupportedState, "execute: ", kImplicitBatch); });
}

bool ExecutionContext::enqueue(int32_t, void* const*, cudaStream_t, cudaEvent_t*) noexcept {
  return guarded(sink_, "IExecutionContext::enqueue",
                 [&] { fail(Code::kUnsupportedState, "enqueue: ", kImplicitBatch); });
}

/// Tensor of a binding index that must belong to the profile in use.
int32_t ExecutionContext::input_of_profile(int32_t bindingIndex) const {
  const int32_t t = engine_.require_binding(bindingIndex);
  const int32_t profile = bindingIndex / engine_.getNbIOTensors();
  if (profile != core_.profile()) {
    fail(Code::kInvalidArgument, "binding ", bindingIndex, " belongs to profile ", profile,
         ", the context uses profile ", core_.profile(), "; use binding ",
         core_.profile() * engine_.getNbIOTensors() + t, " or call setOptimizationProfile");
  }
  return t;
}

bool ExecutionContext::setBindingDimensions(int32_t bindingIndex, Dims const& dimensions) noexcept {
  return exclusive("IExecutionContext::setBindingDimensions",
                   [&] { set_shape(input_of_profile(bindingIndex), dimensions); });
}

Dims ExecutionContext::getBindingDimensions(int32_t bindingIndex) const noexcept {
  const int32_t t = engine_.tensor_of(bindingIndex);
  return t < 0 ? kNoDims : getTensorShape(binding(t).name.c_str());
}

Dims ExecutionContext::getStrides(int32_t bindingIndex) const noexcept {
  const int32_t t = engine_.tensor_of(bindingIndex);
  return t < 0 ? kNoDims : getTensorStrides(binding(t).name.c_str());
}

bool ExecutionContext::setInputShapeBinding(int32_t bindingIndex, int32_t const* data) noexcept {
  return exclusive("IExecutionContext::setInputShapeBinding", [&] {
    const int32_t t = input_of_profile(bindingIndex);
    const plan::Binding& b = binding(t);
    if (data == nullptr) fail(Code::kInvalidArgument, "setInputShapeBinding: the values of '", b.name, "' are null");
    if (!b.is_input || !b.is_shape)
      fail(Code::kInvalidArgument, "setInputShapeBinding: '", b.name, "' is no input that decides shapes");
    const int64_t volume = volume_or_fail(dims_of(t), b.name.c_str());
    core_.set_values(static_cast<uint32_t>(t), std::vector<int64_t>(data, data + volume));
  });
}

bool ExecutionContext::getShapeBinding(int32_t bindingIndex, int32_t* data) const noexcept {
  return guarded(sink_, "IExecutionContext::getShapeBinding", [&] {
    const int32_t t = engine_.require_binding(bindingIndex);
    if (data == nullptr) fail(Code::kInvalidArgument, "getShapeBinding: the destination is null");
    const plan::Binding& b = binding(t);
    if (!b.is_shape) fail(Code::kInvalidArgument, "getShapeBinding: '", b.name, "' is no shape tensor");
    const auto& values = core_.values(static_cast<uint32_t>(t));
    const void* memory = core_.address(static_cast<uint32_t>(t));
    if (values.empty() && memory == nullptr)
      fail(Code::kInvalidState, "getShapeBinding: '", b.name, "' has neither values nor an address");
    if (!values.empty()) {
      std::transform(values.begin(), values.end(), data, [](int64_t v) { return static_cast<int32_t>(v); });
      return;
    }
    const int64_t volume = volume_or_fail(dims_of(t), b.name.c_str());
    for (int64_t i = 0; i < volume; ++i) data[i] = static_cast<int32_t>(load_integer(memory, b.dtype, i));
  });
}

bool ExecutionContext::allInputDimensionsSpecified() const noexcept {
  for (int32_t t = 0; t < engine_.getNbIOTensors(); ++t) {
    if (!binding(t).is_input) continue;
    const Dims dims = getTensorShape(binding(t).name.c_str());
    if (std::any_of(dims.d, dims.d + std::max(dims.nbDims, 0), [](int64_t d) { return d < 0; })) return false;
  }
  return true;
}

bool ExecutionContext::allInputShapesSpecified() const noexcept {
  return guarded(sink_, "IExecutionContext::allInputShapesSpecified", false, [&] { return core_.missing().empty(); });
}

bool ExecutionContext::setOptimizationProfile(int32_t profileIndex) noexcept {
  return setOptimizationProfileAsync(profileIndex, nullptr);
}

}  // namespace rondo::api
