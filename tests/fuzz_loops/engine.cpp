#include "fuzz_loops/engine.h"

#include <memory>

#include "base/checked.h"
#include "base/error.h"
#include "plan/plan_file.h"
#include "runtime/context.h"
#include "runtime/engine.h"
#include "schedule/schedule.h"

namespace rondo::fuzz {
namespace {

using Bytes = std::vector<std::byte>;

constexpr ir::Range kProfile{0, 3, 64};  ///< what every dynamic extent of the generator's programs lies in

size_t byte_count(DType dtype, const std::vector<int64_t>& dims) {
  return static_cast<size_t>(volume_or_fail(dims, "tensor")) * dtype_bytes(dtype);
}

struct Outputs {
  std::vector<std::vector<int64_t>> dims;
  std::vector<Bytes> bytes;
};

Outputs run_once(const std::shared_ptr<const runtime::Engine>& engine, const std::vector<ops::Tensor>& inputs,
                 int threads, runtime::TeamPolicy policy) {
  runtime::ContextOptions options;
  options.threads = threads;
  options.policy = policy;
  runtime::Context context(engine, options);
  const auto& bindings = engine->program().bindings;
  std::vector<Bytes> memory(bindings.size());
  for (uint32_t b = 0; b < inputs.size(); ++b) {
    context.set_dims(b, inputs[b].dims);
    memory[b].resize(byte_count(inputs[b].dtype, inputs[b].dims) + 64);
    ops::to_bytes(inputs[b], memory[b].data());
    context.set_address(b, memory[b].data());
  }
  context.bind();
  Outputs outputs;
  for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b) {
    outputs.dims.push_back(context.dims(b));
    memory[b].resize(byte_count(bindings[b].dtype, context.dims(b)) + 64, std::byte{0xa5});
    context.set_address(b, memory[b].data());
  }
  context.run();
  const std::vector<Bytes> first = memory;
  context.run();  // a second run on the same shapes starts from dirty memory and must not see it
  if (memory != first) fail(Code::kFailedExecution, "the second run of one context differs from its first");
  outputs.bytes.assign(memory.begin() + static_cast<std::ptrdiff_t>(inputs.size()), memory.end());
  return outputs;
}

}  // namespace

std::vector<ops::Tensor> run_engine(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                    const passes::PassOptions& options) {
  ir::Graph work = graph;
  for (size_t i = 0; i < work.dims().symbol_count(); ++i) work.dims().set_range(work.dims().symbol_dim(i), kProfile);
  passes::run_pipeline(work, options);
  const auto plan = plan::write_plan(schedule::make_program(work, options));
  const auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(plan.data(), plan.size()));
  const Outputs alone = run_once(engine, inputs, 1, runtime::TeamPolicy::kPaying);
  if (run_once(engine, inputs, 3, runtime::TeamPolicy::kMixed).bytes != alone.bytes) {
    fail(Code::kFailedExecution, "three threads give other bits than one");
  }
  std::vector<ops::Tensor> outputs;
  for (size_t i = 0; i < alone.bytes.size(); ++i) {
    const DType dtype = engine->program().bindings[inputs.size() + i].dtype;
    outputs.push_back(ops::from_bytes(dtype, alone.dims[i], alone.bytes[i].data()));
  }
  return outputs;
}

}  // namespace rondo::fuzz
