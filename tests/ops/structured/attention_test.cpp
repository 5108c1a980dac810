#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Ints = std::vector<int64_t>;

ir::Attrs attributes(int64_t norm, int64_t causal, bool mask = false, bool scale = false) {
  return {{"norm", norm}, {"causal", causal}, {"has_mask", int64_t{mask}}, {"has_scale", int64_t{scale}}};
}

struct Network {
  TestGraph g;
  std::vector<Tensor> inputs;
  std::mt19937 random{3};

  ir::ValueId input(DType dtype, const Ints& dims, bool open = false) {
    Tensor x = tensor(dtype, dims, {});
    for (int64_t i = 0; i < x.volume(); ++i) {
      const double v = std::uniform_real_distribution<double>(-1, 1)(random);
      x.data.push_back(dtype == DType::kBool ? i % 3 != 1 : round_to(dtype, v));
    }
    inputs.push_back(x);
    return g.input("x" + std::to_string(inputs.size()), dtype, open ? Ints(dims.size(), -1) : dims);
  }
  void check(double tolerance = 1e-6) {
    const auto structured = g.run(inputs), expanded = g.run_expanded(inputs);
    expect_near(expanded[0], structured[0], tolerance);
  }
};

TEST(Attention, WeighsValuesBySoftmax) {
  TestGraph g;
  const auto q = g.input("q", DType::kFloat32, {1, 1, 1, 1}), k = g.input("k", DType::kFloat32, {1, 1, 2, 1}),
             v = g.input("v", DType::kFloat32, {1, 1, 2, 2});
  g.output(g.add(ir::OpKind::k_attention, attributes(1, 0), {q, k, v}));
  const double a = 3.0 / 4;  // exp(ln 3) : exp(0)
  expect_output(g, {f32({1, 1, 1, 1}, {std::log(3.0)}), f32({1, 1, 2, 1}, {1, 0}), f32({1, 1, 2, 2}, {4, 0, 0, 8})},
                f32({1, 1, 1, 2}, {4 * a, 8 * (1 - a)}), 1e-6);
}

TEST(Attention, GroupedHeadsMasksAndOrders) {
  for (const Ints& heads : {Ints{4, 4}, Ints{4, 2}, Ints{4, 1}}) {
    for (int64_t causal : {0, 1, 2}) {
      for (int64_t norm : {0, 1}) {
        Network n;
        // Aligned at the lower right more queries than keys leave the first ones nothing to see.
        const Ints steps = causal == 2 ? Ints{2, 5} : Ints{3, 4};
        const auto q = n.input(DType::kFloat32, {2, heads[0], steps[0], 3}),
                   k = n.input(DType::kFloat32, {2, heads[1], steps[1], 3}),
                   v = n.input(DType::kFloat32, {2, heads[1], steps[1], 2});
        n.g.output(n.g.add(ir::OpKind::k_attention, attributes(norm, causal), {q, k, v}));
        n.check();
      }
    }
  }
  for (DType dtype : {DType::kBool, DType::kFloat32}) {
    for (const Ints& mask : {Ints{2, 4, 3, 4}, Ints{1, 1, 3, 4}, Ints{2, 1, 1, 4}}) {
      Network n;
      const auto q = n.input(DType::kFloat32, {2, 4, 3, 3}), k = n.input(DType::kFloat32, {2, 2, 4, 3}),
                 v = n.input(DType::kFloat32, {2, 2, 4, 3}), m = n.input(dtype, mask);
      n.g.output(n.g.add(ir::OpKind::k_attention, attributes(1, 0, true), {q, k, v, m}));
      n.check();
    }
  }
}

TEST(Attention, OpenExtentsAndHalf) {
  for (int64_t causal : {0, 1, 2}) {
    Network n;
    const auto q = n.input(DType::kFloat16, {2, 2, 3, 4}, true), k = n.input(DType::kFloat16, {2, 2, 3, 4}, true),
               v = n.input(DType::kFloat16, {2, 2, 3, 4}, true);
    n.g.output(n.g.add(ir::OpKind::k_attention, attributes(1, causal), {q, k, v}));
    n.check();
  }
}

TEST(Attention, QuantizedWeights) {
  Network n;
  const auto q = n.input(DType::kFloat32, {1, 2, 3, 4}), k = n.input(DType::kFloat32, {1, 2, 3, 4}),
             v = n.input(DType::kFloat32, {1, 2, 3, 4});
  const auto scale = n.g.constant(DType::kFloat32, {}, {1.0 / 128});
  n.g.output(n.g.add(ir::OpKind::k_attention, attributes(1, 0, false, true), {q, k, v, scale}));
  n.check();
}

TEST(Attention, AQueryThatSeesNothingIsNanAloneInItsRow) {
  TestGraph g;
  const auto q = g.input("q", DType::kFloat32, {1, 1, 2, 1}), k = g.input("k", DType::kFloat32, {1, 1, 1, 1}),
             v = g.input("v", DType::kFloat32, {1, 1, 1, 1}), m = g.input("m", DType::kBool, {1, 1, 2, 1});
  g.output(g.add(ir::OpKind::k_attention, attributes(1, 0, true), {q, k, v, m}));
  const double nan = std::nan("");
  expect_output(g,
                {f32({1, 1, 2, 1}, {1, 1}), f32({1, 1, 1, 1}, {1}), f32({1, 1, 1, 1}, {7}),
                 tensor(DType::kBool, {1, 1, 2, 1}, {0, 1})},
                f32({1, 1, 2, 1}, {nan, 7}), 1e-6);
}

TEST(RotaryEmbedding, BothPairingsWithAndWithoutIds) {
  for (bool interleaved : {false, true}) {
    for (bool ids : {false, true}) {
      for (int64_t dim : {0, 4}) {
        Network n;
        const int64_t half = dim == 0 ? 3 : dim / 2;
        const Ints cache = ids ? Ints{5, half} : Ints{2, 3, half};
        std::vector<ir::ValueId> operands = {n.input(DType::kFloat32, {2, 2, 3, 6}), n.input(DType::kFloat32, cache),
                                             n.input(DType::kFloat32, cache)};
        if (ids) {
          n.inputs.push_back(tensor(DType::kInt64, {2, 3}, {0, 1, 4, 9, -1, 2}));  // 9 and -1 read zeros
          operands.push_back(n.g.input("ids", DType::kInt64, {2, 3}));
        }
        n.g.output(
            n.g.add(ir::OpKind::k_rotary_embedding, {{"interleaved", int64_t{interleaved}}, {"dim", dim}}, operands));
        n.check();
      }
    }
  }
}

TEST(RotaryEmbedding, QuarterTurn) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 1, 1, 5}), c = g.input("c", DType::kFloat32, {1, 1, 2}),
             s = g.input("s", DType::kFloat32, {1, 1, 2});
  g.output(g.add(ir::OpKind::k_rotary_embedding, {{"interleaved", int64_t{0}}, {"dim", int64_t{4}}}, {x, c, s}));
  expect_output(g, {f32({1, 1, 1, 5}, {1, 2, 3, 4, 5}), f32({1, 1, 2}, {0, 1}), f32({1, 1, 2}, {1, 0})},
                f32({1, 1, 1, 5}, {-3, 2, 1, 4, 5}));
}

TEST(KvCacheUpdate, WritesAtTheIndexOfEachSequenceAndDropsTheRest) {
  TestGraph g;
  const auto cache = g.input("c", DType::kFloat32, {2, 1, 3, 1}), update = g.input("u", DType::kFloat32, {2, 1, 2, 1}),
             at = g.input("i", DType::kInt32, {2});
  g.output(g.add(ir::OpKind::k_kv_cache_update, {}, {cache, update, at}));
  expect_output(
      g,
      {f32({2, 1, 3, 1}, {1, 2, 3, 4, 5, 6}), f32({2, 1, 2, 1}, {10, 20, 30, 40}), tensor(DType::kInt32, {2}, {2, -1})},
      f32({2, 1, 3, 1}, {1, 2, 10, 40, 5, 6}));
}

TEST(Assertion, TellsItsMessage) {
  TestGraph g;
  const auto no = g.constant(DType::kBool, {2}, {1, 0});
  const std::string error = error_of([&] {
    add_inferred_op(g.graph, g.graph.main(), ir::OpKind::k_assertion, {{"message", std::string("sizes fit")}}, {no},
                    "check");
  });
  EXPECT_NE(error.find("sizes fit"), std::string::npos) << error;
  EXPECT_NE(error.find("(assertion C2)"), std::string::npos) << error;
}

}  // namespace
}  // namespace rondo::ops
