#include "runtime/context.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/error.h"

namespace rondo::runtime {

using plan::Storage;

namespace {

constexpr int64_t kMostValues = 64;

int64_t load_value(const void* from, DType dtype, int64_t i) {
  const auto read = [&](auto value) {
    std::memcpy(&value, static_cast<const std::byte*>(from) + static_cast<size_t>(i) * sizeof value, sizeof value);
    return static_cast<int64_t>(value);
  };
  switch (dtype) {
    case DType::kInt32:
      return read(int32_t{});
    case DType::kInt64:
      return read(int64_t{});
    case DType::kInt8:
      return read(int8_t{});
    default:
      return read(uint8_t{});
  }
}

void store_value(std::byte* to, DType dtype, size_t i, int64_t value) {
  const auto write = [&](auto narrow) { std::memcpy(to + i * sizeof narrow, &narrow, sizeof narrow); };
  switch (dtype) {
    case DType::kInt32:
      write(static_cast<int32_t>(value));
      break;
    case DType::kInt64:
      write(value);
      break;
    default:
      write(static_cast<int8_t>(value));
      break;
  }
}

}  // namespace

Context::Context(std::shared_ptr<const Engine> engine, const ContextOptions& options)
    : engine_(std::move(engine)),
      options_(options),
      shapes_(initial_shapes(program())),
      value_counts_(program().bindings.size()),
      addresses_(program().bindings.size()),
      value_storage_(program().bindings.size()),
      buffer_addresses_(program().buffers.size()) {
  for (const plan::Symbol& symbol : program().symbols) {
    if (symbol.source != plan::Symbol::Source::kInputValue) continue;
    value_counts_[symbol.input] = std::max<int64_t>(value_counts_[symbol.input], int64_t{symbol.index} + 1);
    const DType dtype = program().bindings[symbol.input].dtype;
    if (!is_integer(dtype) && dtype != DType::kBool) {
      fail(Code::kInvalidArgument, "shapes depend on the values of input '", program().bindings[symbol.input].name,
           "', a ", dtype_name(dtype), "; only integers can decide shapes");
    }
  }
  if (!options_.owns_memory) return;
  own_memory_ =
      DeviceMemory(options_.allocator != nullptr ? *options_.allocator : host_allocator(), engine_->arena_bytes());
  device_memory_ = own_memory_.data();
  device_memory_bytes_ = own_memory_.size();
}

void Context::select_profile(int profile) {
  if (profile < 0 || static_cast<size_t>(profile) >= program().profiles.size()) {
    fail(Code::kInvalidArgument, "profile ", profile, " does not exist; the engine has ", program().profiles.size());
  }
  profile_ = profile;
  shapes_ = initial_shapes(program());
  for (auto& storage : value_storage_) storage.clear();
  unbind();
}

int Context::threads() const { return options_.threads > 0 ? options_.threads : default_thread_count(); }

void Context::set_threads(int threads) {
  if (threads < 0)
    fail(Code::kInvalidArgument, "the number of threads is ", threads, "; it must be at least 0 (0: all)");
  options_.threads = threads;
  unbind();
  pieces_.reset();
  team_.reset();
}

void Context::set_allocator(Allocator* allocator) {
  options_.allocator = allocator;
  unbind();
  pieces_.reset();
}

void Context::set_dims(uint32_t binding, std::span<const int64_t> dims) {
  check_dims(program(), profile_, binding, dims);
  InputShape& shape = shapes_[binding];
  if (shape.has_dims && std::equal(dims.begin(), dims.end(), shape.dims.begin(), shape.dims.end())) return;
  shape.has_dims = true;
  shape.dims.assign(dims.begin(), dims.end());
  shape.has_values = false;
  shape.values.clear();
  value_storage_[binding].clear();
  unbind();
}

void Context::set_values(uint32_t binding, std::span<const int64_t> values) {
  check_values(program(), profile_, binding, values);
  InputShape& shape = shapes_[binding];
  const auto& info = program().bindings[binding];
  auto& storage = value_storage_[binding];
  storage.assign(std::max<size_t>(values.size() * dtype_bytes(info.dtype), 1), std::byte{});
  for (size_t i = 0; i < values.size(); ++i) store_value(storage.data(), info.dtype, i, values[i]);
  rebased_ = false;
  if (shape.has_values && std::equal(values.begin(), values.end(), shape.values.begin(), shape.values.end())) return;
  shape.has_values = true;
  shape.values.assign(values.begin(), values.end());
  unbind();
}

void Context::forget_values(uint32_t binding) {
  if (value_storage_[binding].empty()) return;
  value_storage_[binding].clear();
  rebased_ = false;
}

void Context::unbind() {
  executor_.reset();
  pieces_bound_ = has_run_ = false;
}

std::vector<int64_t> Context::dims(uint32_t binding) const {
  if (has_run_ && !program().bindings[binding].is_input) return pieces_->output_dims(binding);
  return binding_dims(program(), shapes_, evaluate(program(), shapes_), binding);
}

std::vector<uint32_t> Context::missing() const {
  std::vector<uint32_t> out;
  for (const uint32_t b : missing_inputs(program(), shapes_)) {
    if (!shapes_[b].has_dims || addresses_[b] == nullptr) out.push_back(b);
  }
  return out;
}

void Context::set_device_memory(void* memory, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(memory) % 64 != 0) {
    fail(Code::kInvalidArgument, "device memory is not aligned; it must be aligned to ", kDeviceAlignment, " bytes");
  }
  device_memory_ = memory;
  device_memory_bytes_ = bytes;
  rebased_ = false;
}

/// Follows shape tensors that live at an address: their elements may differ from run to run.
void Context::read_shape_tensors() {
  for (uint32_t b = 0; b < value_counts_.size(); ++b) {
    InputShape& shape = shapes_[b];
    if (value_counts_[b] == 0 || addresses_[b] == nullptr || !shape.has_dims || !value_storage_[b].empty()) continue;
    const int64_t volume = volume_or_fail(shape.dims, program().bindings[b].name.c_str());
    const int64_t count = std::min(volume, kMostValues);
    int64_t values[kMostValues];
    for (int64_t i = 0; i < count; ++i) values[i] = load_value(addresses_[b], program().bindings[b].dtype, i);
    if (shape.has_values && std::equal(values, values + count, shape.values.begin(), shape.values.end())) continue;
    check_values(program(), profile_, b, {values, static_cast<size_t>(count)});
    shape.has_values = true;
    shape.values.assign(values, values + count);
    unbind();
  }
}

bool Context::is_placed_by_run(uint32_t binding) const {
  if (program().reads.empty() || program().bindings[binding].is_input) return false;
  const std::vector<int64_t> dims = binding_dims(program(), shapes_, evaluate(program(), shapes_), binding);
  return std::any_of(dims.begin(), dims.end(), [](int64_t extent) { return extent < 0; });
}

std::vector<int64_t> Context::largest_dims(uint32_t binding) const {
  return runtime::largest_dims(program(), profile_, shapes_, binding);
}

/// Outputs stay where the user has put them.
class Context::AddressPlacer final : public OutputPlacer {
 public:
  explicit AddressPlacer(Context& context) : context_(context) {}

  void* place(uint32_t binding, std::span<const int64_t> dims, size_t bytes) override {
    if (context_.options_.placer != nullptr && context_.is_placed_by_run(binding)) {
      return context_.options_.placer->place(binding, dims, bytes);
    }
    void* address = context_.addresses_[binding];
    if (address == nullptr && bytes > 0) {
      fail(Code::kInvalidState, "output '", context_.program().bindings[binding].name,
           "' has no address; set it by setTensorAddress, or give it an allocator by setOutputAllocator");
    }
    return address;
  }

 private:
  Context& context_;
};

void Context::bind_pieces() {
  if (pieces_bound_) return;
  if (pieces_ == nullptr) {
    pieces_ = std::make_unique<PiecewiseExecutor>(
        PiecewiseExecutor::Options{program(), engine_->packed(), engine_->isa(), threads(), options_.policy,
                                   options_.allocator, options_.plugins.get()});
  }
  std::vector<std::vector<int64_t>> dims;
  for (const InputShape& shape : shapes_) dims.push_back(shape.dims);
  pieces_->bind(shapes_, std::move(dims));
  if (threads() > 1 && team_ == nullptr) team_ = std::make_unique<ThreadTeam>(threads());
  pieces_bound_ = true;
}

void Context::run_pieces(int64_t* step_ns) {
  for (uint32_t b = 0; b < program().bindings.size(); ++b) {
    const plan::Binding& binding = program().bindings[b];
    const bool given = !binding.is_input || addresses_[b] != nullptr || !value_storage_[b].empty();
    if (given || volume_or_fail(shapes_[b].dims, binding.name.c_str()) == 0) continue;
    fail(Code::kInvalidState, "input '", binding.name, "' has no address; set it by setTensorAddress");
  }
  require_arena(engine_->arena_bytes());
  for (size_t i = 0; i < buffer_addresses_.size(); ++i) buffer_addresses_[i] = buffer_address(program().buffers[i]);
  AddressPlacer placer(*this);
  has_run_ = false;
  finish(pieces_->run(buffer_addresses_, placer, team_.get(), step_ns));
  has_run_ = true;
}

void Context::bind() {
  read_shape_tensors();
  if (executor_ != nullptr) return;
  const std::vector<uint32_t> absent = missing_inputs(program(), shapes_);
  if (!absent.empty()) {
    const auto& input = program().bindings[absent[0]];
    const bool lacks_dims = !shapes_[absent[0]].has_dims;
    fail(Code::kInvalidState, "input '", input.name, "' ",
         lacks_dims ? "has no shape; set it by setInputShape or setBindingDimensions before the run"
                    : "decides shapes and has no values; set its address to host memory, or call setInputShapeBinding");
  }
  if (!program().reads.empty()) return bind_pieces();
  Evaluation evaluation = evaluate(program(), shapes_);
  check_shapes(program(), shapes_, evaluation);
  std::vector<std::vector<int64_t>> dims;
  for (uint32_t b = 0; b < program().bindings.size(); ++b)
    dims.push_back(binding_dims(program(), shapes_, evaluation, b));
  executor_ = std::make_unique<Executor>(Executor::Inputs{program(),
                                                          std::move(evaluation.values),
                                                          std::move(dims),
                                                          engine_->packed(),
                                                          engine_->isa(),
                                                          threads(),
                                                          options_.policy,
                                                          {},
                                                          options_.plugins.get()});
  if (executor_->threads() > 1 && team_ == nullptr) team_ = std::make_unique<ThreadTeam>(threads());
  rebased_ = false;
}

std::byte* Context::buffer_address(const plan::Buffer& buffer) {
  std::byte* address = nullptr;
  switch (buffer.storage) {
    case Storage::kInput:
    case Storage::kOutput:
      address = static_cast<std::byte*>(addresses_[buffer.index]);
      if (!value_storage_[buffer.index].empty()) address = value_storage_[buffer.index].data();
      break;
    case Storage::kConstant:
      address = const_cast<std::byte*>(engine_->constant(buffer.index));
      break;
    case Storage::kArena:
      address = device_memory_ == nullptr ? nullptr : static_cast<std::byte*>(device_memory_) + buffer.offset;
      break;
    case Storage::kDynamic:
    case Storage::kLocal:
      break;
  }
  return address != nullptr ? address : nowhere_;
}

void Context::require_addresses() const {
  const auto buffers = executor_->buffers();
  for (size_t i = 0; i < buffers.size(); ++i) {
    const plan::Buffer& buffer = program().buffers[i];
    const bool is_binding = buffer.storage == Storage::kInput || buffer.storage == Storage::kOutput;
    if (buffers[i].bytes == 0 || !is_binding) continue;
    if (addresses_[buffer.index] != nullptr || !value_storage_[buffer.index].empty()) continue;
    const auto& binding = program().bindings[buffer.index];
    fail(Code::kInvalidState, binding.is_input ? "input '" : "output '", binding.name,
         "' has no address; set it by setTensorAddress, or pass it in the bindings");
  }
  require_arena(bound_arena_bytes());
}

void Context::require_arena(size_t bytes) const {
  if (device_memory_bytes_ >= bytes) return;
  fail(Code::kInvalidState, "the context has ", device_memory_bytes_, " bytes of device memory and needs ", bytes,
       "; call setDeviceMemory before the run");
}

void Context::rebase() {
  require_addresses();
  for (size_t i = 0; i < buffer_addresses_.size(); ++i) buffer_addresses_[i] = buffer_address(program().buffers[i]);
  executor_->rebase(buffer_addresses_);
  rebased_ = true;
}

void Context::finish(uint32_t stopped_at) const {
  if (stopped_at == plan::kNone) return;
  const plan::Step& step = program().steps[stopped_at];
  const bool is_plugin = step.kind == plan::StepKind::kKernel &&
                         program().kernels[step.index].id == plan::KernelId::k_plugin && options_.plugins != nullptr;
  if (is_plugin) {
    const auto index = static_cast<size_t>(program().kernels[step.index].attrs[0]);
    const std::string why = options_.plugins->slots[index].instance->take_failure();
    if (!why.empty()) fail(Code::kFailedExecution, "'", step.origin, "': ", why);
  }
  fail(Code::kFailedComputation, "'", program().steps[stopped_at].origin,
       "': a loop went on for more iterations than the tensor it walks has entries; the run was stopped, its outputs "
       "are undefined");
}

void Context::run() {
  bind();
  if (pieces_bound_) return run_pieces(nullptr);
  if (!rebased_) rebase();
  finish(executor_->run(team_.get()));
}

void Context::run_timed(std::span<int64_t> step_ns) {
  bind();
  if (pieces_bound_) return run_pieces(step_ns.data());
  if (!rebased_) rebase();
  finish(executor_->run_timed(team_.get(), step_ns));
}

size_t Context::bound_arena_bytes() const {
  size_t bytes = 0;
  for (size_t i = 0; i < executor_->buffers().size(); ++i) {
    const plan::Buffer& buffer = program().buffers[i];
    if (buffer.storage != Storage::kArena) continue;
    bytes = std::max(bytes, static_cast<size_t>(buffer.offset) + static_cast<size_t>(executor_->buffers()[i].bytes));
  }
  return bytes;
}

size_t Context::arena_bytes_for_shapes() {
  bind();
  return pieces_bound_ ? engine_->arena_bytes() : bound_arena_bytes();
}

}  // namespace rondo::runtime
