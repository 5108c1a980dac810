#include <gtest/gtest.h>

#include <cmath>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

void expect(int64_t type, double alpha, double beta, std::vector<double> x, std::vector<double> y,
            double tolerance = 1e-15) {
  TestGraph g;
  const auto n = static_cast<int64_t>(x.size());
  const auto in = g.input("x", DType::kFloat32, {n});
  g.output(g.add(ir::OpKind::k_activation, {{"type", type}, {"alpha", alpha}, {"beta", beta}}, {in}));
  SCOPED_TRACE(type);
  expect_output(g, {f32({n}, std::move(x))}, f32({n}, std::move(y)), tolerance);
}

TEST(Activation, PiecewiseLinear) {
  expect(0, 0, 0, {-4, 0, 4}, {0, 0, 4});
  expect(3, 0.5, 0, {-4, 0, 4}, {-2, 0, 4});
  expect(8, -1, 2, {-4, 0.5, 4}, {-1, 0.5, 2});
  expect(9, 0.25, 0.5, {-4, 0, 1, 4}, {0, 0.5, 0.75, 1});
  expect(11, 2, 0, {1, 2, 3}, {0, 0, 3});
  expect(6, 0, 0, {-1, 0, 3}, {-0.5, 0, 0.75});
}

TEST(Activation, Exponential) {
  expect(1, 0, 0, {0, std::log(3.0)}, {0.5, 0.75});
  expect(2, 0, 0, {0, 1}, {0, 0.7615941559557649});
  expect(4, 2, 0, {-std::log(2.0), 3}, {-1, 3});
  expect(5, 2, 0.5, {-std::log(2.0), 0, 3}, {-0.5, 0, 1.5});
  expect(7, 2, 0.5, {0, 2000}, {2 * std::log(2.0), 2000});
  expect(10, 2, 0.5, {0, 2}, {0, 2 * 0.7615941559557649});
}

TEST(Activation, Gelu) {  // constants like sqrt(1/2) are stored as f32
  expect(12, 0, 0, {-1, 0, 1}, {-0.15865525393145707, 0, 0.8413447460685429}, 1e-7);
  expect(13, 0, 0, {-1, 0, 1}, {-0.15880800939172324, 0, 0.8411919906082768}, 1e-7);
}

TEST(Activation, ReluOnIntegersAndScalars) {
  TestGraph g;
  g.output(g.add(ir::OpKind::k_activation, {{"type", int64_t{0}}, {"alpha", 0.0}, {"beta", 0.0}},
                 {g.input("x", DType::kInt64, {})}));
  expect_output(g, {tensor(DType::kInt64, {}, {-3})}, tensor(DType::kInt64, {}, {0}));
}

TEST(Activation, Refusals) {
  TestGraph g;
  const auto x = g.input("x", DType::kInt32, {3});
  const auto add = [&](int64_t type) {
    return error_of([&] {
      g.add(ir::OpKind::k_activation, {{"type", type}, {"alpha", 0.0}, {"beta", 0.0}}, {x}, "act");
    });
  };
  EXPECT_NE(add(2).find("activation 'act': operand 0 is i32[3]"), std::string::npos) << add(2);
  EXPECT_NE(add(2).find("(activation C1)"), std::string::npos);
  EXPECT_NE(add(14).find("(activation C2)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
