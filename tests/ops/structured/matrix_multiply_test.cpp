#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Dims = std::vector<int64_t>;
enum Op : int64_t { kNone, kTranspose, kVector };

Tensor counted(const Dims& dims) {
  int64_t volume = 1;
  for (int64_t extent : dims) volume *= extent;
  Tensor x = f32(dims, {});
  for (int64_t i = 0; i < volume; ++i) x.data.push_back(static_cast<double>(i + 1));
  return x;
}

void expect(const Dims& a, int64_t op0, const Dims& b, int64_t op1, const Tensor& y) {
  TestGraph g;
  const auto x0 = g.input("a", DType::kFloat32, a), x1 = g.input("b", DType::kFloat32, b);
  g.output(g.add(ir::OpKind::k_matrix_multiply, {{"op0", op0}, {"op1", op1}}, {x0, x1}));
  expect_output(g, {counted(a), counted(b)}, y);
}

TEST(MatrixMultiply, EveryReadingOfBothOperands) {
  expect({2, 3}, kNone, {3, 2}, kNone, f32({2, 2}, {22, 28, 49, 64}));
  expect({3, 2}, kTranspose, {3, 2}, kNone, f32({2, 2}, {35, 44, 44, 56}));
  expect({2, 3}, kNone, {2, 3}, kTranspose, f32({2, 2}, {14, 32, 32, 77}));
  expect({3, 2}, kTranspose, {2, 3}, kTranspose, f32({2, 2}, {22, 49, 28, 64}));
  expect({3}, kVector, {3, 2}, kNone, f32({2}, {22, 28}));
  expect({3}, kVector, {2, 3}, kTranspose, f32({2}, {14, 32}));
  expect({2, 3}, kNone, {3}, kVector, f32({2}, {14, 32}));
  expect({3, 2}, kTranspose, {3}, kVector, f32({2}, {22, 28}));
  expect({3}, kVector, {3}, kVector, f32({}, {14}));
}

TEST(MatrixMultiply, LeadingDimensionsBroadcast) {
  expect({2, 1, 2}, kNone, {1, 2, 1}, kNone, f32({2, 1, 1}, {5, 11}));
  expect({1, 1, 2}, kNone, {2, 2, 1}, kNone, f32({2, 1, 1}, {5, 11}));
  expect({2, 2}, kVector, {1, 2, 2}, kNone, f32({2, 2}, {7, 10, 15, 22}));
  expect({2, 2}, kVector, {2, 2}, kVector, f32({2}, {5, 25}));
  expect({2, 0}, kNone, {0, 2}, kNone, f32({2, 2}, {0, 0, 0, 0}));
}

TEST(MatrixMultiply, UnitLeadingDimensionsOfTheSecondOperandAreDropped) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {1, -1, 7}), w = g.filled({1, 5, 7}, 1);
  g.output(g.add(ir::OpKind::k_matrix_multiply, {{"op0", int64_t{kNone}}, {"op1", int64_t{kTranspose}}}, {x, w}));
  expand_all(g.graph);
  const ir::Op& matmul = g.graph.op(g.graph.value(g.graph.region(g.graph.main()).results[0]).def);
  ASSERT_EQ(matmul.kind, ir::OpKind::k_matmul);
  EXPECT_EQ(g.type_text(matmul.operands[1]), "f32[7, 5]");
  EXPECT_EQ(g.type_text(matmul.results[0]), "f32[1, x.1, 5]");
}

TEST(MatrixMultiply, Refusals) {
  const auto message = [](DType da, const Dims& a, int64_t op0, DType db, const Dims& b, int64_t op1) {
    TestGraph g;
    const auto x = g.input("a", da, a), y = g.input("b", db, b);
    return error_of([&] { g.add(ir::OpKind::k_matrix_multiply, {{"op0", op0}, {"op1", op1}}, {x, y}, "mm"); });
  };
  const DType f = DType::kFloat32;
  EXPECT_NE(message(f, {3}, kNone, f, {3, 2}, kNone).find("(matrix_multiply C1)"), std::string::npos);
  EXPECT_NE(message(f, {1, 2, 3}, kNone, f, {3, 2}, kNone).find("(matrix_multiply C2)"), std::string::npos);
  EXPECT_NE(message(f, {2, 2, 3}, kNone, f, {3, 3, 2}, kNone).find("(matrix_multiply C2)"), std::string::npos);
  EXPECT_EQ(message(f, {2, 3}, kNone, f, {4, 2}, kNone),
            "matrix_multiply 'mm': inner extents of f32[2, 3], f32[4, 2] must be equal, but are 3 and 4 "
            "(matrix_multiply C3)");
  EXPECT_NE(message(f, {2, 3}, kNone, DType::kFloat16, {3, 2}, kNone).find("(matrix_multiply C4)"), std::string::npos);
  EXPECT_NE(message(DType::kInt32, {2, 3}, kNone, DType::kInt32, {3, 2}, kNone).find("(matrix_multiply C4)"),
            std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
