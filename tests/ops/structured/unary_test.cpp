#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void expect(int64_t op, DType dtype, std::vector<double> x, DType result, std::vector<double> y) {
  TestGraph g;
  const auto n = static_cast<int64_t>(x.size());
  g.output(g.add(ir::OpKind::k_unary, {{"op", op}}, {g.input("x", dtype, {n})}));
  SCOPED_TRACE(op);
  expect_output(g, {tensor(dtype, {n}, std::move(x))}, tensor(result, {n}, std::move(y)), 1e-15);
}

void expect_float(int64_t op, double x, double y) { expect(op, DType::kFloat32, {x}, DType::kFloat32, {y}); }

TEST(Unary, FloatFunctions) {
  expect_float(0, 1, M_E);
  expect_float(1, M_E, 1);
  expect_float(2, 9, 3);
  expect_float(3, 4, 0.25);
  expect_float(4, -2.5, 2.5);
  expect_float(5, -2.5, 2.5);
  expect_float(6, M_PI / 6, 0.5);
  expect_float(7, 0, 1);
  expect_float(8, M_PI / 4, 1);
  expect_float(9, 1, 1.1752011936438014);
  expect_float(10, 1, 1.5430806348152437);
  expect_float(11, 1, M_PI / 2);
  expect_float(12, 0, M_PI / 2);
  expect_float(13, 1, M_PI / 4);
  expect_float(14, 1, 0.881373587019543);
  expect_float(15, 2, 1.3169578969248166);
  expect_float(16, 0.5, 0.5493061443340549);
  expect_float(19, 1, 0.8427007929497149);
}

TEST(Unary, RoundingGoesToEvenAndSignIsThreeValued) {
  const DType f = DType::kFloat32;
  expect(17, f, {-1.5, 0.2, 2}, f, {-1, 1, 2});
  expect(18, f, {-1.5, 0.2, 2}, f, {-2, 0, 2});
  expect(22, f, {0.5, 1.5, 2.5, -0.5, -1.5, 2.4}, f, {0, 2, 2, 0, -2, 2});
  expect(21, f, {-3, 0, 5}, f, {-1, 0, 1});
}

TEST(Unary, TestsGiveBoolAndNotTakesIt) {
  const DType f = DType::kFloat32, b = DType::kBool;
  expect(23, f, {kInf, -kInf, kNan, 1}, b, {1, 1, 0, 0});
  expect(24, f, {kInf, -kInf, kNan, 1}, b, {0, 0, 1, 0});
  expect(20, b, {0, 1}, b, {1, 0});
}

TEST(Unary, IntegersKnowAbsNegSign) {
  for (DType i : {DType::kInt32, DType::kInt64, DType::kInt8}) {
    expect(4, i, {-3, 4}, i, {3, 4});
    expect(5, i, {-3, 4}, i, {3, -4});
    expect(21, i, {-3, 0}, i, {-1, 0});
  }
}

TEST(Unary, Refusals) {
  for (int64_t op : {0, 17, 20, 23}) {
    TestGraph g;
    const auto x = g.input("x", DType::kInt32, {3});
    const std::string message = error_of([&] { g.add(ir::OpKind::k_unary, {{"op", op}}, {x}, "u"); });
    EXPECT_NE(message.find("unary 'u': "), std::string::npos);
    EXPECT_NE(message.find("(unary C1)"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace rondo::ops
