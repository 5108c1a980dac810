#include "support/alike_runs.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "runtime/context.h"

namespace rondo::test {
namespace {

using Memory = std::vector<std::byte>;
constexpr std::byte kUntouched{0xa5};
constexpr size_t kMargin = 64;  ///< bytes behind each tensor that must stay as they are

size_t byte_count(DType dtype, const std::vector<int64_t>& dims) {
  return static_cast<size_t>(volume_or_fail(dims, "tensor")) * dtype_bytes(dtype);
}

struct Outputs {
  std::vector<std::vector<int64_t>> dims;
  std::vector<Memory> bytes;
};

void require_margin(const Memory& memory) {
  if (std::all_of(memory.end() - kMargin, memory.end(), [](std::byte b) { return b == kUntouched; })) return;
  fail(Code::kFailedExecution, "something was written behind the end of a tensor");
}

Outputs run_once(const std::shared_ptr<const runtime::Engine>& engine, const std::vector<ops::Tensor>& inputs,
                 int threads, runtime::TeamPolicy policy) {
  runtime::ContextOptions options;
  options.threads = threads;
  options.policy = policy;
  runtime::Context context(engine, options);
  const auto& bindings = engine->program().bindings;
  std::vector<Memory> memory(bindings.size());
  for (uint32_t b = 0; b < inputs.size(); ++b) {
    context.set_dims(b, inputs[b].dims);
    memory[b].assign(byte_count(inputs[b].dtype, inputs[b].dims) + kMargin, kUntouched);
    ops::to_bytes(inputs[b], memory[b].data());
    context.set_address(b, memory[b].data());
  }
  context.bind();
  for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b) {
    std::vector<int64_t> dims = context.dims(b);
    const bool known = std::all_of(dims.begin(), dims.end(), [](int64_t extent) { return extent >= 0; });
    if (!known) dims = context.largest_dims(b);
    memory[b].assign(byte_count(bindings[b].dtype, dims) + kMargin, kUntouched);
    context.set_address(b, memory[b].data());
  }
  context.run();
  for (const Memory& bytes : memory) require_margin(bytes);
  const std::vector<Memory> first = memory;
  context.run();  // starts from dirty memory, which must not show
  if (memory != first) fail(Code::kFailedExecution, "the second run of one context differs from its first");
  Outputs outputs;
  for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b)
    outputs.dims.push_back(context.dims(b));
  outputs.bytes.assign(memory.begin() + static_cast<std::ptrdiff_t>(inputs.size()), memory.end());
  return outputs;
}

}  // namespace

std::vector<ops::Tensor> run_alike(const std::shared_ptr<const runtime::Engine>& engine,
                                   const std::vector<ops::Tensor>& inputs, int threads) {
  const Outputs alone = run_once(engine, inputs, 1, runtime::TeamPolicy::kPaying);
  if (run_once(engine, inputs, threads, runtime::TeamPolicy::kMixed).bytes != alone.bytes) {
    fail(Code::kFailedExecution, threads, " threads give other bits than one");
  }
  std::vector<ops::Tensor> outputs;
  for (size_t i = 0; i < alone.bytes.size(); ++i) {
    const DType dtype = engine->program().bindings[inputs.size() + i].dtype;
    outputs.push_back(ops::from_bytes(dtype, alone.dims[i], alone.bytes[i].data()));
  }
  return outputs;
}

}  // namespace rondo::test
