#include <gtest/gtest.h>

#include "ops/test_graph.h"

// fully_connected, scale, softmax, identity

namespace rondo::ops {
namespace {

using ir::OpKind;
using Dims = std::vector<int64_t>;

TEST(FullyConnected, FlattensTheLastThreeDimensions) {
  for (const Dims& lead : {Dims{}, Dims{2}, Dims{1, 2}, Dims{-1}}) {
    TestGraph g;
    Dims dims = lead;
    dims.insert(dims.end(), {1, 2, 1});
    const auto x = g.input("x", DType::kFloat32, dims);
    const auto kernel = g.constant(DType::kFloat32, {6}, {1, 2, 3, 4, 5, 6});
    const auto bias = g.constant(DType::kFloat32, {3}, {10, 20, 30});
    g.output(g.add(OpKind::k_fully_connected, {{"outputs", int64_t{3}}}, {x, kernel, bias}));
    Dims real = dims, out = lead;
    for (Dims* d : {&real, &out}) {
      if (!d->empty() && (*d)[0] < 0) (*d)[0] = 2;
    }
    out.insert(out.end(), {3, 1, 1});
    const bool one = lead.empty();
    expect_output(g, {f32(real, one ? std::vector<double>{1, 1} : std::vector<double>{1, 1, 2, 0})},
                  f32(out, one ? std::vector<double>{13, 27, 41} : std::vector<double>{13, 27, 41, 12, 26, 40}));
  }
}

TEST(FullyConnected, Refusals) {
  const auto message = [](const Dims& x, int64_t kernel, int64_t bias) {
    TestGraph g;
    const auto v = g.input("x", DType::kFloat32, x);
    return error_of([&] {
      g.add(OpKind::k_fully_connected, {{"outputs", int64_t{3}}}, {v, g.filled({kernel}, 1), g.filled({bias}, 1)},
            "fc");
    });
  };
  EXPECT_NE(message({2, 3}, 18, 3).find("(fully_connected C1)"), std::string::npos);
  EXPECT_NE(message({1, 2, 3}, 17, 3).find("(fully_connected C2)"), std::string::npos);
  EXPECT_NE(message({1, 2, 3}, 18, 4).find("(fully_connected C3)"), std::string::npos);
}

struct ScaleCase {
  int64_t mode, axis;
  std::vector<double> shift, scale, power, y;
};

TEST(Scale, ThreeModes) {
  const ScaleCase cases[] = {
      {0, 1, {1}, {2}, {1}, {3, 5, 7, 9}},
      {1, 1, {0, 1}, {2, 3}, {1}, {2, 4, 10, 13}},
      {2, 1, {0, 1, 2, 3}, {1}, {2}, {1, 9, 25, 49}},
      {2, 2, {0, 1}, {1, 2}, {1, 2}, {1, 25, 3, 81}},
      {0, 1, {0}, {1}, {1}, {1, 2, 3, 4}},
  };
  for (const ScaleCase& c : cases) {
    TestGraph g;
    const auto x = g.input("x", DType::kFloat32, {1, 2, 2, 1});
    const auto weights = [&](const std::vector<double>& v) {
      return g.constant(DType::kFloat32, {static_cast<int64_t>(v.size())}, v);
    };
    g.output(g.add(OpKind::k_scale, {{"mode", c.mode}, {"channel_axis", c.axis}},
                   {x, weights(c.shift), weights(c.scale), weights(c.power)}));
    expect_output(g, {f32({1, 2, 2, 1}, {1, 2, 3, 4})}, f32({1, 2, 2, 1}, c.y));
  }
}

TEST(Scale, TrivialPartsVanishAndWrongCountsAreRefused) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, 2, 2, 1});
  const auto zero = g.filled({1}, 0), one = g.filled({2}, 1), three = g.filled({3}, 2);
  g.output(g.add(OpKind::k_scale, {{"mode", int64_t{1}}, {"channel_axis", int64_t{1}}}, {x, zero, one, one}));
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_scale, {{"mode", int64_t{1}}, {"channel_axis", int64_t{1}}}, {x, zero, three, one});
            }).find("(scale C1)"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_scale, {{"mode", int64_t{1}}, {"channel_axis", int64_t{4}}}, {x, zero, one, one});
            }).find("(scale C2)"),
            std::string::npos);
  expand_all(g.graph);
  EXPECT_EQ(g.graph.region(g.graph.main()).results[0], x);
}

TEST(Softmax, RowsAndColumns) {
  for (int64_t axis : {0, 1}) {
    TestGraph g;
    g.output(g.add(OpKind::k_softmax, {{"axis", axis}}, {g.input("x", DType::kFloat32, {3, 3})}));
    const double a = 0.09003057317038046, b = 0.24472847105479767, c = 0.6652409557748219;
    const double p = 0.002355633, q = 0.047314155, r = 0.950330212;  // 1, e^3, e^6 over their sum
    const std::vector<double> rows{a, b, c, a, b, c, a, b, c}, columns{p, p, p, q, q, q, r, r, r};
    Tensor y = f32({3, 3}, axis == 1 ? rows : columns);
    expect_output(g, {f32({3, 3}, {-4, -3, -2, -1, 0, 1, 2, 3, 4})}, y, 1e-9);
    expect_near(g.run_expanded({f32({3, 3}, {1004, 1005, 1006, 1004, 1005, 1006, 1004, 1005, 1006})})[0],
                axis == 1 ? f32({3, 3}, rows) : f32({3, 3}, std::vector<double>(9, 1.0 / 3)), 1e-9);
  }
}

TEST(Softmax, Refusals) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {3, 3}), i = g.input("i", DType::kInt32, {3});
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_softmax, {{"axis", int64_t{2}}}, {x});
            }).find("(softmax C1)"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_softmax, {{"axis", int64_t{0}}}, {i});
            }).find("(softmax C2)"),
            std::string::npos);
}

TEST(Identity, VanishesAndKeepsContents) {
  TestGraph g;
  const auto shape = g.add(OpKind::k_shape, {{"to", int64_t{3}}}, {g.input("x", DType::kFloat32, {-1, 4})});
  const auto same = g.add(OpKind::k_identity, {}, {shape});
  EXPECT_EQ(g.contents_text(same), "x.0, 4");
  g.output(same);
  expect_output(g, {f32({2, 4}, std::vector<double>(8, 0))}, tensor(DType::kInt32, {2}, {2, 4}));
}

}  // namespace
}  // namespace rondo::ops
