#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

enum Op { kSum, kProd, kMax, kMin, kSub, kDiv, kPow, kFloorDiv, kAnd, kOr, kXor, kEqual, kGreater, kLess };

void expect(int64_t op, DType dtype, std::vector<double> a, std::vector<double> b, DType result,
            std::vector<double> y) {
  TestGraph g;
  const auto n = static_cast<int64_t>(a.size());
  const auto x0 = g.input("a", dtype, {n}), x1 = g.input("b", dtype, {n});
  g.output(g.add(ir::OpKind::k_elementwise, {{"op", op}}, {x0, x1}));
  SCOPED_TRACE(op);
  expect_output(g, {tensor(dtype, {n}, std::move(a)), tensor(dtype, {n}, std::move(b))},
                tensor(result, {n}, std::move(y)));
}

TEST(Elementwise, AllFourteenOnTheirTypes) {
  const DType f = DType::kFloat32, b = DType::kBool;
  expect(kSum, f, {1, -2}, {3, 0.5}, f, {4, -1.5});
  expect(kProd, f, {2, -2}, {3, 0.5}, f, {6, -1});
  expect(kMax, f, {1, -2}, {3, -4}, f, {3, -2});
  expect(kMin, f, {1, -2}, {3, -4}, f, {1, -4});
  expect(kSub, f, {1, -2}, {3, -4}, f, {-2, 2});
  expect(kDiv, f, {7, -7}, {2, 2}, f, {3.5, -3.5});
  expect(kPow, f, {2, 9}, {3, 0.5}, f, {8, 3});
  expect(kFloorDiv, f, {7, -7}, {2, 2}, f, {3, -4});
  expect(kAnd, b, {0, 0, 1, 1}, {0, 1, 0, 1}, b, {0, 0, 0, 1});
  expect(kOr, b, {0, 0, 1, 1}, {0, 1, 0, 1}, b, {0, 1, 1, 1});
  expect(kXor, b, {0, 0, 1, 1}, {0, 1, 0, 1}, b, {0, 1, 1, 0});
  expect(kEqual, f, {1, 2, 3}, {1, 3, 2}, b, {1, 0, 0});
  expect(kGreater, f, {1, 2, 3}, {1, 3, 2}, b, {0, 0, 1});
  expect(kLess, f, {1, 2, 3}, {1, 3, 2}, b, {0, 1, 0});
  expect(kEqual, b, {0, 1}, {1, 1}, b, {0, 1});
}

TEST(Elementwise, IntegerDivTruncatesAndFloorDivFloors) {
  const DType i = DType::kInt32;
  expect(kDiv, i, {7, -7, 7, -7}, {2, 2, -2, -2}, i, {3, -3, -3, 3});
  expect(kFloorDiv, i, {7, -7, 7, -7}, {2, 2, -2, -2}, i, {3, -4, -4, 3});
  expect(kPow, i, {2, -3, 2, -1}, {10, 3, -1, -3}, i, {1024, -27, 0, -1});
  expect(kMax, DType::kInt64, {1, -2}, {3, -4}, DType::kInt64, {3, -2});
  expect(kDiv, i, {7}, {0}, i, {0});
}

TEST(Elementwise, BroadcastsExtentsOfOneBothWays) {
  TestGraph g;
  const auto a = g.input("a", DType::kFloat32, {1, 3, 1, 2}), b = g.input("b", DType::kFloat32, {1, 1, 2, 1});
  g.output(g.add(ir::OpKind::k_elementwise, {{"op", int64_t{kSum}}}, {a, b}));
  expect_output(g, {f32({1, 3, 1, 2}, {1, 2, 3, 4, 5, 6}), f32({1, 1, 2, 1}, {10, 20})},
                f32({1, 3, 2, 2}, {11, 12, 21, 22, 13, 14, 23, 24, 15, 16, 25, 26}));
}

std::string refusal(int64_t op, DType da, std::vector<int64_t> a, DType db, std::vector<int64_t> b) {
  TestGraph g;
  const auto x = g.input("a", da, a), y = g.input("b", db, b);
  return error_of([&] { g.add(ir::OpKind::k_elementwise, {{"op", op}}, {x, y}, "join"); });
}

TEST(Elementwise, Refusals) {
  const DType f = DType::kFloat32;
  EXPECT_EQ(refusal(kSum, f, {3}, f, {4}),
            "elementwise 'join': extents of dimension 0 of f32[3], f32[4], where not 1, must be equal, but are 3 and 4 "
            "(elementwise C2)");
  EXPECT_NE(refusal(kSum, f, {3}, f, {1, 3}).find("(elementwise C1)"), std::string::npos);
  EXPECT_NE(refusal(kSum, f, {3}, DType::kInt32, {3}).find("(elementwise C3)"), std::string::npos);
  EXPECT_NE(refusal(kSum, DType::kBool, {3}, DType::kBool, {3}).find("(elementwise C3)"), std::string::npos);
  EXPECT_NE(refusal(kAnd, f, {3}, f, {3}).find("(elementwise C4)"), std::string::npos);
}

TEST(Elementwise, MeetingSymbolsAreAssumedEqualAndCheckedAtRunTime) {
  TestGraph g;
  const auto a = g.input("a", DType::kFloat32, {-1}), b = g.input("b", DType::kFloat32, {-1});
  const auto y = g.add(ir::OpKind::k_elementwise, {{"op", int64_t{kSum}}}, {a, b}, "join");
  g.output(y);
  EXPECT_EQ(g.type_text(y), "f32[a.0]");
  expect_output(g, {f32({2}, {1, 2}), f32({2}, {3, 4})}, f32({2}, {4, 6}));
  const std::string message = error_of([&] { g.run({f32({2}, {1, 2}), f32({1}, {3})}); });
  EXPECT_NE(message.find("elementwise 'join'"), std::string::npos) << message;
}

TEST(Elementwise, SymbolMeetsConstant) {
  TestGraph g;
  const auto a = g.input("a", DType::kFloat32, {-1, -1}), b = g.filled({4, 1}, 1);
  EXPECT_EQ(g.type_text(g.add(ir::OpKind::k_elementwise, {{"op", int64_t{kSum}}}, {a, b})), "f32[4, a.1]");
}

}  // namespace
}  // namespace rondo::ops
