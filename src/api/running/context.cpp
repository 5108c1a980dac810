#include "api/running/context.h"

#include <algorithm>

#include "api/running/dims_convert.h"
#include "api/running/engine_config.h"
#include "api/running/events.h"
#include "base/checked.h"
#include "runtime/shape_binding.h"

namespace rondo::api {

namespace {

runtime::ContextOptions options_for(const CudaEngine& engine, bool owns_memory, AllocatorAdapter* allocator,
                                    runtime::OutputPlacer* placer) {
  runtime::ContextOptions options;
  options.threads = engine.settings().max_threads;
  options.owns_memory = owns_memory;
  options.allocator = allocator;
  options.placer = placer;
  options.plugins = attach(engine.settings().plugins, engine.settings().allocator, engine.sink().recorder());
  return options;
}

}  // namespace

ExecutionContext::ExecutionContext(CudaEngine& engine, bool owns_memory)
    : engine_(engine),
      sink_(engine.sink().logger(), engine.sink().recorder()),
      allocator_(engine.settings().allocator == nullptr
                     ? nullptr
                     : std::make_unique<AllocatorAdapter>(engine.settings().allocator)),
      core_(engine.core(), options_for(engine, owns_memory, allocator_.get(), this)),
      output_allocators_(engine.program().bindings.size()),
      owns_memory_(owns_memory),
      step_ns_(engine.program().steps.size()),
      max_threads_(engine.settings().max_threads),
      debug_(engine.program()) {}

std::vector<int64_t> ExecutionContext::dims_of(int32_t tensor) const {
  return core_.dims(static_cast<uint32_t>(tensor));
}

void ExecutionContext::set_shape(int32_t tensor, const Dims& dims) {
  core_.set_dims(static_cast<uint32_t>(tensor), from_dims(dims));
}

bool ExecutionContext::setInputShape(char const* tensorName, Dims const& dims) noexcept {
  return exclusive("IExecutionContext::setInputShape", [&] { set_shape(engine_.require_tensor(tensorName), dims); });
}

Dims ExecutionContext::getTensorShape(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  return guarded(sink_, "IExecutionContext::getTensorShape", kNoDims,
                 [&] { return t < 0 ? kNoDims : to_dims(dims_of(t)); });
}

Dims ExecutionContext::getTensorStrides(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  return guarded(sink_, "IExecutionContext::getTensorStrides", kNoDims,
                 [&] { return t < 0 ? kNoDims : to_strides(dims_of(t)); });
}

bool ExecutionContext::set_address(const char* where, char const* tensorName, void* data, bool as_input,
                                   bool as_output) noexcept {
  return exclusive(where, [&] {
    const int32_t t = engine_.require_tensor(tensorName);
    const plan::Binding& b = binding(t);
    if (b.is_input ? !as_input : !as_output) {
      fail(Code::kInvalidArgument, where, ": tensor '", b.name, "' is an ", b.is_input ? "input" : "output",
           "; use setTensorAddress");
    }
    const bool may_be_empty = std::any_of(b.dims.begin(), b.dims.end(), [](int64_t d) { return d <= 0; });
    if (data == nullptr && b.is_input && !may_be_empty) {
      fail(Code::kInvalidArgument, where, ": the address of input '", b.name, "' is null; the input holds elements");
    }
    core_.forget_values(static_cast<uint32_t>(t));
    core_.set_address(static_cast<uint32_t>(t), data);
  });
}

bool ExecutionContext::setTensorAddress(char const* tensorName, void* data) noexcept {
  return set_address("IExecutionContext::setTensorAddress", tensorName, data, true, true);
}

bool ExecutionContext::setInputTensorAddress(char const* tensorName, void const* data) noexcept {
  return set_address("IExecutionContext::setInputTensorAddress", tensorName, const_cast<void*>(data), true, false);
}

bool ExecutionContext::setOutputTensorAddress(char const* tensorName, void* data) noexcept {
  return set_address("IExecutionContext::setOutputTensorAddress", tensorName, data, false, true);
}

void const* ExecutionContext::getTensorAddress(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  return t < 0 ? nullptr : core_.address(static_cast<uint32_t>(t));
}

void* ExecutionContext::getOutputTensorAddress(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  return t < 0 || binding(t).is_input ? nullptr : core_.address(static_cast<uint32_t>(t));
}

int32_t ExecutionContext::inferShapes(int32_t nbMaxNames, char const** tensorNames) noexcept {
  int32_t missing = -1;
  exclusive("IExecutionContext::inferShapes", [&] {
    if (nbMaxNames < 0 || (nbMaxNames > 0 && tensorNames == nullptr)) {
      fail(Code::kInvalidArgument, "inferShapes: room for ", nbMaxNames, " names",
           nbMaxNames > 0 ? " at a null address" : "");
    }
    const std::vector<uint32_t> names = core_.missing();
    if (names.empty()) core_.bind();
    for (int32_t i = 0; i < nbMaxNames && static_cast<size_t>(i) < names.size(); ++i) {
      tensorNames[i] = engine_.program().bindings[names[static_cast<size_t>(i)]].name.c_str();
    }
    missing = static_cast<int32_t>(names.size());
  });
  return missing;
}

void ExecutionContext::allocate_outputs() {
  core_.bind();
  for (size_t t = 0; t < output_allocators_.size(); ++t) {
    const auto index = static_cast<uint32_t>(t);
    if (output_allocators_[t] == nullptr || core_.is_placed_by_run(index)) continue;
    const plan::Binding& b = engine_.program().bindings[t];
    const std::vector<int64_t> dims = dims_of(static_cast<int32_t>(t));
    const auto bytes = static_cast<uint64_t>(volume_or_fail(dims, b.name.c_str())) * dtype_bytes(b.dtype);
    core_.set_address(index, allocate_output(index, dims, bytes));
  }
}

void* ExecutionContext::allocate_output(uint32_t index, std::span<const int64_t> dims, uint64_t bytes) {
  IOutputAllocator& allocator = *output_allocators_[index];
  const std::string& name = engine_.program().bindings[index].name;
  void* memory = nullptr;
  try {
    memory = allocator.reallocateOutputAsync(name.c_str(), core_.address(index), std::max<uint64_t>(bytes, 1),
                                             runtime::kDeviceAlignment, stream_);
  } catch (...) {
    fail(Code::kFailedAllocation, "the output allocator of '", name, "' threw instead of giving ", bytes, " bytes");
  }
  if (memory == nullptr) {
    fail(Code::kFailedAllocation, "the output allocator of '", name, "' gave no memory for ", bytes, " bytes");
  }
  if (reinterpret_cast<uintptr_t>(memory) % alignof(std::max_align_t) != 0) {
    fail(Code::kFailedAllocation, "the output allocator of '", name, "' gave a misaligned address; ",
         runtime::kDeviceAlignment, " bytes are asked for");
  }
  try {
    allocator.notifyShape(name.c_str(), to_dims(dims));
  } catch (...) {
    fail(Code::kFailedExecution, "the output allocator of '", name, "' threw from notifyShape");
  }
  return memory;
}

/// An output whose extents the run has just told.
void* ExecutionContext::place(uint32_t index, std::span<const int64_t> dims, size_t bytes) {
  if (binding(static_cast<int32_t>(index)).is_hidden) {
    void* memory = debug_.memory(index, bytes);
    core_.set_address(index, memory);
    return memory;
  }
  if (output_allocators_[index] != nullptr) {
    void* memory = allocate_output(index, dims, bytes);
    core_.set_address(index, memory);
    return memory;
  }
  void* memory = core_.address(index);
  if (memory == nullptr && bytes > 0) {
    fail(Code::kInvalidState, "output '", engine_.program().bindings[index].name, "' ", runtime::dims_text(dims),
         " has no address and no allocator; set one by setTensorAddress or setOutputAllocator");
  }
  return memory;
}

void ExecutionContext::run_once() {
  if (has_output_allocators_) allocate_outputs();
  if (debug_.has_hidden()) debug_.place(core_);
  core_.set_stream(stream_);
  if (profiler_ == nullptr) {
    core_.run();
  } else {
    std::fill(step_ns_.begin(), step_ns_.end(), 0);
    core_.run_timed(step_ns_);
    if (emits_profile_) report_layers();
  }
  if (debug_listener_ != nullptr) debug_.report(*debug_listener_, core_, stream_);
}

bool ExecutionContext::enqueueV3(cudaStream_t stream) noexcept {
  return exclusive("IExecutionContext::enqueueV3", [&] {
    stream_ = stream;
    run_once();
    stream_ = nullptr;
    if (input_consumed_ != nullptr) record_event(input_consumed_, stream);
  });
}

bool ExecutionContext::setOptimizationProfileAsync(int32_t profileIndex, cudaStream_t) noexcept {
  return exclusive("IExecutionContext::setOptimizationProfile", [&] { core_.select_profile(profileIndex); });
}

bool ExecutionContext::setInputConsumedEvent(cudaEvent_t event) noexcept {
  input_consumed_ = event;
  return true;
}

bool ExecutionContext::setOutputAllocator(char const* tensorName, IOutputAllocator* outputAllocator) noexcept {
  return exclusive("IExecutionContext::setOutputAllocator", [&] {
    const int32_t t = engine_.require_tensor(tensorName);
    if (binding(t).is_input)
      fail(Code::kInvalidArgument, "setOutputAllocator: tensor '", tensorName,
           "' is an input; only outputs are allocated");
    output_allocators_[static_cast<size_t>(t)] = outputAllocator;
    const auto none = std::count(output_allocators_.begin(), output_allocators_.end(), nullptr);
    has_output_allocators_ = static_cast<size_t>(none) < output_allocators_.size();
  });
}

IOutputAllocator* ExecutionContext::getOutputAllocator(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  return t < 0 ? nullptr : output_allocators_[static_cast<size_t>(t)];
}

int64_t ExecutionContext::getMaxOutputSize(char const* tensorName) const noexcept {
  const int32_t t = engine_.find(tensorName);
  if (t < 0) return -1;
  return guarded(sink_, "IExecutionContext::getMaxOutputSize", int64_t{-1}, [&] {
    const int64_t volume = volume_or_fail(core_.largest_dims(static_cast<uint32_t>(t)), tensorName);
    return mul_or_fail(volume, static_cast<int64_t>(dtype_bytes(binding(t).dtype)), tensorName);
  });
}

bool ExecutionContext::setTemporaryStorageAllocator(IGpuAllocator* allocator) noexcept {
  return exclusive("IExecutionContext::setTemporaryStorageAllocator", [&] {
    auto adapter = allocator == nullptr ? nullptr : std::make_unique<AllocatorAdapter>(allocator);
    core_.set_allocator(adapter == nullptr ? allocator_.get() : adapter.get());
    temporary_ = std::move(adapter);
    temporary_allocator_ = allocator;
  });
}

void ExecutionContext::setDeviceMemory(void* memory) noexcept {
  setDeviceMemoryV2(memory, engine_.getDeviceMemorySizeV2());
}

void ExecutionContext::setDeviceMemoryV2(void* memory, int64_t size) noexcept {
  exclusive("IExecutionContext::setDeviceMemory", [&] {
    if (owns_memory_) {
      fail(Code::kInvalidState,
           "setDeviceMemory: the context has memory of its own; make it by createExecutionContextWithoutDeviceMemory");
    }
    if (size < 0) fail(Code::kInvalidArgument, "setDeviceMemory: the size is ", size);
    core_.set_device_memory(memory, memory == nullptr ? 0 : static_cast<size_t>(size));
  });
}

void ExecutionContext::setProfiler(IProfiler* profiler) noexcept {
  exclusive("IExecutionContext::setProfiler", [&] { profiler_ = profiler; });
}

void ExecutionContext::setErrorRecorder(IErrorRecorder* recorder) noexcept {
  exclusive("IExecutionContext::setErrorRecorder", [&] { sink_.set_recorder(recorder); });
}

std::size_t ExecutionContext::updateDeviceMemorySizeForShapes() noexcept {
  std::size_t bytes = 0;
  exclusive("IExecutionContext::updateDeviceMemorySizeForShapes", [&] { bytes = core_.arena_bytes_for_shapes(); });
  return bytes;
}

void ExecutionContext::report_layers() const {
  const plan::Program& program = engine_.program();
  for (size_t s = 0; s < program.steps.size(); ++s) {
    if (!program.steps[s].origin.empty())
      profiler_->reportLayerTime(program.steps[s].origin.c_str(), static_cast<float>(step_ns_[s]) * 1e-6F);
  }
}

bool ExecutionContext::reportToProfiler() const noexcept {
  return guarded(sink_, "IExecutionContext::reportToProfiler", [&] {
    if (profiler_ == nullptr)
      fail(Code::kInvalidState, "reportToProfiler: no profiler is attached; call setProfiler before the run");
    report_layers();
  });
}

bool ExecutionContext::setMaxThreads(int32_t maxThreads) noexcept {
  return exclusive("IExecutionContext::setMaxThreads", [&] {
    core_.set_threads(maxThreads == 0 ? engine_.settings().max_threads : maxThreads);
    max_threads_ = maxThreads;
  });
}

void ExecutionContext::setName(char const* name) noexcept {
  exclusive("IExecutionContext::setName", [&] { name_ = name == nullptr ? "" : name; });
}

bool ExecutionContext::setNvtxVerbosity(ProfilingVerbosity verbosity) noexcept {
  nvtx_verbosity_ = verbosity;
  return true;
}

bool ExecutionContext::setDebugListener(IDebugListener* listener) noexcept {
  return exclusive("IExecutionContext::setDebugListener", [&] { debug_listener_ = listener; });
}

bool ExecutionContext::setTensorDebugState(char const* name, bool flag) noexcept {
  return exclusive("IExecutionContext::setTensorDebugState", [&] { debug_.set_state(name, flag); });
}

bool ExecutionContext::setAllTensorsDebugState(bool flag) noexcept {
  return exclusive("IExecutionContext::setAllTensorsDebugState", [&] { debug_.set_all(flag); });
}

IRuntimeConfig* ExecutionContext::getRuntimeConfig() const noexcept {
  return guarded<IRuntimeConfig*>(sink_, "IExecutionContext::getRuntimeConfig", nullptr,
                                  [] { return new RuntimeConfig; });
}

}  // namespace rondo::api
