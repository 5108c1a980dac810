#include "api/running/debug/debug_tensors.h"

#include "api/running/dims_convert.h"
#include "base/checked.h"
#include "base/error.h"

namespace rondo::api {

DebugTensors::DebugTensors(const plan::Program& program) : program_(program) {
  for (uint32_t b = 0; b < program.bindings.size(); ++b) {
    if (program.bindings[b].is_debug) on_.emplace(program.bindings[b].name, false);
    if (program.bindings[b].is_hidden) hidden_.push_back(b);
  }
}

void DebugTensors::set_state(const char* name, bool on) {
  const auto found = name == nullptr ? on_.end() : on_.find(name);
  if (found != on_.end()) {
    found->second = on;
    return;
  }
  std::string all;
  for (const auto& [known, state] : on_) all += (all.empty() ? "'" : ", '") + known + "'";
  fail(Code::kInvalidArgument, "setTensorDebugState: '", name == nullptr ? "" : name, "' is no debug tensor; ",
       all.empty() ? "the engine has none, mark tensors with INetworkDefinition::markDebug before the build"
                   : "those of the engine are " + all);
}

void DebugTensors::set_all(bool on) {
  for (auto& [name, state] : on_) state = on;
}

bool DebugTensors::state(const char* name) const {
  const auto found = name == nullptr ? on_.end() : on_.find(name);
  return found != on_.end() && found->second;
}

void* DebugTensors::memory(uint32_t binding, size_t bytes) {
  Bytes& own = memory_[binding];
  if (own.size() < bytes + runtime::kDeviceAlignment) own = Bytes(bytes + runtime::kDeviceAlignment);
  const auto address = reinterpret_cast<uintptr_t>(own.data());
  return own.data() + (runtime::kDeviceAlignment - address % runtime::kDeviceAlignment) % runtime::kDeviceAlignment;
}

void DebugTensors::place(runtime::Context& core) {
  core.bind();
  for (const uint32_t b : hidden_) {
    if (core.is_placed_by_run(b)) continue;
    const plan::Binding& binding = program_.bindings[b];
    const int64_t volume = volume_or_fail(core.dims(b), binding.name.c_str());
    core.set_address(b, memory(b, static_cast<size_t>(volume) * dtype_bytes(binding.dtype)));
  }
}

void DebugTensors::report(IDebugListener& listener, const runtime::Context& core, cudaStream_t stream) const {
  for (uint32_t b = 0; b < program_.bindings.size(); ++b) {
    const plan::Binding& binding = program_.bindings[b];
    if (!binding.is_debug || !state(binding.name.c_str())) continue;
    bool taken = false;
    try {
      taken =
          listener.processDebugTensor(core.address(b), TensorLocation::kDEVICE, static_cast<DataType>(binding.dtype),
                                      to_dims(core.dims(b)), binding.name.c_str(), stream);
    } catch (...) {
      fail(Code::kFailedExecution, "the debug listener threw when it was shown '", binding.name, "'");
    }
    if (!taken) fail(Code::kFailedExecution, "the debug listener refused '", binding.name, "'");
  }
}

}  // namespace rondo::api
