// Chains from graph to bits: with chains and without them, as they pay and in blocks of five rows on three threads, a
// network gives the same bits for every length of one plan. 600 rows are enough for a chain to pay.
#include <gtest/gtest.h>

#include <random>

#include "ops/tensor.h"
#include "passes/equivalence.h"
#include "passes/net.h"
#include "plan/plan_file.h"
#include "schedule/schedule.h"
#include "support/alike_runs.h"

namespace rondo {
namespace {

using ir::ValueId;
using passes::Net;
using Ints = Net::Ints;

std::shared_ptr<const runtime::Engine> engine_of(const ir::Graph& graph, const std::string& disabled, size_t chains) {
  const passes::PassOptions options = passes::without(disabled);
  ir::Graph form = graph;
  for (size_t i = 0; i < form.dims().symbol_count(); ++i) {
    form.dims().set_range(form.dims().symbol_dim(i), {1, 64, 600});
  }
  passes::run_pipeline(form, options);
  const auto file = plan::write_plan(schedule::make_program(form, options));
  auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(file.data(), file.size()));
  EXPECT_EQ(engine->program().chains.size(), chains) << plan::to_string(engine->program());
  return engine;
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
    const auto expected = test::run_alike(apart, inputs, 2);
    EXPECT_EQ(passes::difference(expected, test::run_alike(chained, inputs, 3), 0), "");
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
  expect_same_bits(encoder(DType::kFloat32), 4,
                   {{{600, 48}}, {{200, 48}}, {{97, 48}}, {{16, 48}}, {{2, 48}}, {{1, 48}}});
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
