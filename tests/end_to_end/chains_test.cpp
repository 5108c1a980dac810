// Chains from graph to bits: a network with its chains, without them, in blocks of every policy and on several threads
// gives the same bits, for every length of one plan and for data that decide lengths.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "ops/tensor.h"
#include "passes/equivalence.h"
#include "passes/net.h"
#include "plan/plan_file.h"
#include "runtime/context.h"
#include "schedule/schedule.h"

namespace rondo {
namespace {

using ir::ValueId;
using passes::Net;
using Ints = Net::Ints;
using Bits = std::vector<std::vector<uint8_t>>;

std::shared_ptr<const runtime::Engine> engine_of(const ir::Graph& graph, const std::string& disabled, size_t chains) {
  const passes::PassOptions options = passes::without(disabled);
  ir::Graph form = graph;
  for (size_t i = 0; i < form.dims().symbol_count(); ++i) {
    form.dims().set_range(form.dims().symbol_dim(i), {1, 64, 200});
  }
  passes::run_pipeline(form, options);
  const auto file = plan::write_plan(schedule::make_program(form, options));
  auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(file.data(), file.size()));
  EXPECT_EQ(engine->program().chains.size(), chains) << plan::to_string(engine->program());
  return engine;
}

Bits run(const std::shared_ptr<const runtime::Engine>& engine, const std::vector<ops::Tensor>& inputs, int threads,
         runtime::TeamPolicy policy) {
  runtime::ContextOptions options;
  options.threads = threads;
  options.policy = policy;
  runtime::Context context(engine, options);
  const auto& bindings = engine->program().bindings;
  Bits memory(bindings.size());
  for (uint32_t b = 0; b < inputs.size(); ++b) {
    memory[b].resize(inputs[b].data.size() * dtype_bytes(inputs[b].dtype) + 1);
    ops::to_bytes(inputs[b], memory[b].data());
    context.set_dims(b, inputs[b].dims);
    context.set_address(b, memory[b].data());
  }
  context.bind();
  for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b) {
    size_t bytes = dtype_bytes(bindings[b].dtype);
    for (const int64_t extent : context.dims(b)) bytes *= static_cast<size_t>(extent);
    memory[b].resize(bytes + 1);
    context.set_address(b, memory[b].data());
  }
  context.run();
  return {memory.begin() + static_cast<ptrdiff_t>(inputs.size()), memory.end()};
}

ops::Tensor random_input(const Ints& dims, uint32_t seed) {
  std::mt19937 random(seed);
  int64_t count = 1;
  for (const int64_t d : dims) count *= d;
  std::vector<double> values(static_cast<size_t>(count));
  for (double& v : values) v = std::uniform_int_distribution<int>(-512, 512)(random) / 256.0;
  return {DType::kFloat32, dims, std::move(values)};
}

void expect_same_bits(const ir::Graph& graph, size_t chains, const std::vector<std::vector<Ints>>& feeds) {
  const auto chained = engine_of(graph, "", chains), apart = engine_of(graph, "chain_stages", 0);
  for (const std::vector<Ints>& shapes : feeds) {
    std::vector<ops::Tensor> inputs;
    for (const Ints& dims : shapes) inputs.push_back(random_input(dims, static_cast<uint32_t>(inputs.size() + 1)));
    const Bits expected = run(apart, inputs, 1, runtime::TeamPolicy::kPaying);
    for (const int threads : {1, 2, 3}) {
      for (const auto policy : {runtime::TeamPolicy::kPaying, runtime::TeamPolicy::kAll, runtime::TeamPolicy::kMixed}) {
        EXPECT_EQ(run(chained, inputs, threads, policy), expected) << threads << " threads";
      }
    }
  }
}

ValueId softmax(Net& net, ValueId x) {
  return net.op(ir::OpKind::k_softmax, {{"axis", int64_t{net.graph.type(x).rank() - 1}}}, {x});
}

/// Heads are columns of one product, as encoders have them; lengths are dynamic.
ir::Graph encoder(DType product) {
  Net net;
  const ir::Attrs attrs =
      product == DType::kFloat32 ? ir::Attrs{} : ir::Attrs{{"product", static_cast<int64_t>(product)}};
  const auto times = [&](ValueId a, ValueId b) { return net.op(ir::OpKind::k_matmul, attrs, {a, b}); };
  const ValueId x = net.input("x", {-1, 48});
  const auto heads = [&](int64_t head) {
    const ValueId q = times(x, net.weights({48, 16})), k = times(x, net.weights({48, 16}));
    const ValueId v = times(x, net.weights({48, 16}));
    const ValueId scores = net.mul(times(q, net.transpose(k, {1, 0})), net.filled({1, 1}, 0.25 + 0.05 * head));
    return times(softmax(net, scores), v);
  };
  const ValueId joined = net.concat({heads(0), heads(1), heads(2)}, 1);
  const ValueId sum = net.add(times(joined, net.weights({48, 48})), x);
  net.output(softmax(net, sum), "y");
  return net.graph;
}

TEST(ChainsEndToEnd, EveryLengthOfAnEncoderHasTheBitsOfItsStages) {
  expect_same_bits(encoder(DType::kFloat32), 4, {{{200, 48}}, {{97, 48}}, {{16, 48}}, {{2, 48}}, {{1, 48}}});
}

TEST(ChainsEndToEnd, SoDoProductsIn16Bits) {
  expect_same_bits(encoder(DType::kBFloat16), 4, {{{200, 48}}, {{33, 48}}});
}

TEST(ChainsEndToEnd, BatchesOfHeadsAndALargeBatch) {
  Net net;
  const ValueId q = net.input("q", {-1, 3, -1, 8}), k = net.input("k", {-1, 3, 70, 8}),
                v = net.input("v", {-1, 3, 70, 8});
  net.output(net.matmul(softmax(net, net.matrix_multiply(q, 0, k, 1)), v), "y");
  expect_same_bits(net.graph, 1,
                   {{{2, 3, 150, 8}, {2, 3, 70, 8}, {2, 3, 70, 8}},
                    {{1, 3, 64, 8}, {1, 3, 70, 8}, {1, 3, 70, 8}},
                    {{40, 3, 1, 8}, {40, 3, 70, 8}, {40, 3, 70, 8}}});
}

}  // namespace
}  // namespace rondo
