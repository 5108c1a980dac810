#include <gtest/gtest.h>

#include <limits>

#include "ops/test_graph.h"

// pointwise, matmul, reduce, shape, iota, constant

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

constexpr double kInf = std::numeric_limits<double>::infinity();

Tensor cast(DType from, std::vector<double> x, DType to) {
  TestGraph g;
  const auto n = static_cast<int64_t>(x.size());
  g.output(g.add(OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}},
                 {g.input("x", from, {n})}));
  return g.run({tensor(from, {n}, std::move(x))})[0];
}

TEST(Pointwise, CastTruncatesSaturatesAndTestsForZero) {
  const DType f = DType::kFloat32;
  expect_near(cast(f, {1.9, -1.9, 1e10, kInf, -kInf}, DType::kInt32),
              tensor(DType::kInt32, {5}, {1, -1, 2147483647, 2147483647, -2147483648.0}));
  expect_near(cast(f, {300, -300, std::numeric_limits<double>::quiet_NaN()}, DType::kInt8),
              tensor(DType::kInt8, {3}, {127, -128, 0}));
  expect_near(cast(f, {300, -300}, DType::kUint8), tensor(DType::kUint8, {2}, {255, 0}));
  expect_near(cast(f, {0, -0.5, 3}, DType::kBool), tensor(DType::kBool, {3}, {0, 1, 1}));
  expect_near(cast(DType::kBool, {0, 1}, f), f32({2}, {0, 1}));
}

TEST(Pointwise, SelectBroadcastsAllThree) {
  TestGraph g;
  const ValueId c = g.input("c", DType::kBool, {2, 1}), a = g.input("a", DType::kFloat32, {1, 2}),
                b = g.filled({1, 1}, 9);
  g.output(g.pointwise("select", {c, a, b}));
  expect_near(g.run({tensor(DType::kBool, {2, 1}, {1, 0}), f32({1, 2}, {1, 2})})[0], f32({2, 2}, {1, 2, 9, 9}));
}

TEST(Pointwise, IntegersWrap) {
  TestGraph g;
  const ValueId a = g.input("a", DType::kInt32, {1});
  g.output(g.pointwise("add", {a, a}));
  expect_near(g.run({tensor(DType::kInt32, {1}, {2147483647})})[0], tensor(DType::kInt32, {1}, {-2}));
}

TEST(Pointwise, Refusals) {
  TestGraph g;
  const ValueId f = g.filled({2}, 1), i = g.constant(DType::kInt32, {2}, {1, 2}),
                b = g.constant(DType::kBool, {2}, {1, 0});
  const auto message = [&](const std::string& fn, std::vector<ValueId> x) {
    return error_of([&] { g.pointwise(fn, std::move(x)); });
  };
  EXPECT_NE(message("exp", {i}).find("(pointwise C3)"), std::string::npos);
  EXPECT_NE(message("add", {b, b}).find("(pointwise C3)"), std::string::npos);
  EXPECT_NE(message("and", {f, f}).find("(pointwise C3)"), std::string::npos);
  EXPECT_NE(message("select", {f, f, f}).find("(pointwise C3)"), std::string::npos);
  EXPECT_NE(message("add", {f, g.filled({3}, 1)}).find("(pointwise C2)"), std::string::npos);
  EXPECT_NE(message("add", {f, g.filled({1, 2}, 1)}).find("(pointwise C1)"), std::string::npos);
  EXPECT_EQ(message("select", {b, b, b}), "");
}

TEST(Matmul, SharedAndBatched) {
  TestGraph g;
  const ValueId a = g.input("a", DType::kFloat32, {2, 1, 2});
  g.output(g.add(OpKind::k_matmul, {}, {a, g.constant(DType::kFloat32, {2, 2}, {1, 2, 3, 4})}));
  g.output(g.add(OpKind::k_matmul, {}, {a, g.constant(DType::kFloat32, {2, 2, 1}, {1, 2, 3, 4})}));
  const auto out = g.run({f32({2, 1, 2}, {1, 1, 1, 0})});
  expect_near(out[0], f32({2, 1, 2}, {4, 6, 1, 2}));
  expect_near(out[1], f32({2, 1, 1}, {3, 3}));
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_matmul, {}, {g.filled({2}, 1), a});
            }).find("(matmul C1)"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_matmul, {}, {a, g.filled({3, 2, 1}, 1)});
            }).find("(matmul C2)"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_matmul, {}, {a, g.filled({3, 1}, 1)});
            }).find("(matmul C3)"),
            std::string::npos);
}

Tensor reduce(int64_t op, int64_t axes, bool keep, const Tensor& x) {
  TestGraph g;
  g.output(
      g.add(OpKind::k_reduce, {{"op", op}, {"axes", axes}, {"keep", int64_t{keep}}}, {g.input("x", x.dtype, x.dims)}));
  return g.run({x})[0];
}

TEST(Reduce, OperationsAxesAndKeep) {
  const Tensor x = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  expect_near(reduce(0, 1, false, x), f32({3}, {5, 7, 9}));
  expect_near(reduce(0, 2, true, x), f32({2, 1}, {6, 15}));
  expect_near(reduce(1, 3, false, x), f32({}, {720}));
  expect_near(reduce(2, 1, true, x), f32({1, 3}, {4, 5, 6}));
  expect_near(reduce(3, 2, false, x), f32({2}, {1, 4}));
  expect_near(reduce(4, 3, true, x), f32({1, 1}, {3.5}));
  expect_near(reduce(4, 1, false, tensor(DType::kInt32, {2}, {-1, -2})), tensor(DType::kInt32, {}, {-1}));
}

TEST(Reduce, EmptyVolumes) {
  const Tensor f = f32({0, 1}, {}), i = tensor(DType::kInt32, {0, 1}, {});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double floats[] = {0, 1, -kInf, kInf, nan}, ints[] = {0, 1, -2147483648.0, 2147483647.0, 0};
  for (int64_t op = 0; op < 5; ++op) {
    expect_near(reduce(op, 1, false, f), f32({1}, {floats[op]}));
    expect_near(reduce(op, 1, false, i), tensor(DType::kInt32, {1}, {ints[op]}));
  }
}

TEST(Reduce, Refusals) {
  EXPECT_NE(error_of([] { reduce(0, 0, false, f32({2}, {1, 2})); }).find("(reduce C1)"), std::string::npos);
  EXPECT_NE(error_of([] { reduce(0, 2, false, f32({2}, {1, 2})); }).find("(reduce C1)"), std::string::npos);
  EXPECT_NE(error_of([] {
              reduce(0, 1, false, tensor(DType::kBool, {2}, {1, 1}));
            }).find("(reduce C2)"),
            std::string::npos);
  EXPECT_NE(error_of([] { reduce(5, 1, false, f32({2}, {1, 2})); }).find("(reduce C3)"), std::string::npos);
}

TEST(Source, ShapeIotaConstant) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, 3});
  g.output(g.add(OpKind::k_shape, {{"to", int64_t{8}}}, {x}));
  const ir::Dims shape{g.graph.type(x).dims[0], g.graph.dims().constant(2)};
  g.output(g.add(OpKind::k_iota, {{"shape", shape}, {"axis", int64_t{0}}, {"dtype", int64_t{3}}}, {}));
  g.output(g.constant(DType::kFloat16, {2}, {0.5, 65504}));
  const auto out = g.run({f32({2, 3}, std::vector<double>(6, 0))});
  expect_near(out[0], tensor(DType::kInt64, {2}, {2, 3}));
  expect_near(out[1], tensor(DType::kInt32, {2, 2}, {0, 0, 1, 1}));
  expect_near(out[2], tensor(DType::kFloat16, {2}, {0.5, 65504}));
  EXPECT_NE(error_of([&] { g.constant(DType::kFloat32, {3}, {1, 2}); }).find("(constant C1)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
