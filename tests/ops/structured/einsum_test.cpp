#include <gtest/gtest.h>

#include <random>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Ints = std::vector<int64_t>;

struct Operand {
  Ints dims;
  std::vector<double> data;
};

std::vector<Tensor> run(const std::string& equation, const std::vector<Operand>& operands, bool open,
                        DType dtype = DType::kFloat32) {
  TestGraph g;
  std::vector<ir::ValueId> ids;
  std::vector<Tensor> inputs;
  for (const Operand& operand : operands) {
    Ints declared = operand.dims;
    for (int64_t& extent : declared) extent = open && extent != 1 ? -1 : extent;
    ids.push_back(g.input("x" + std::to_string(ids.size()), dtype, declared));
    inputs.push_back(tensor(dtype, operand.dims, operand.data));
  }
  g.output(g.add(ir::OpKind::k_einsum, {{"equation", equation}}, ids));
  const std::vector<Tensor> structured = g.run(inputs), expanded = g.run_expanded(inputs);
  expect_near(expanded[0], structured[0], 1e-9);
  return structured;
}

void expect(const std::string& equation, const std::vector<Operand>& operands, const Ints& dims,
            const std::vector<double>& y) {
  SCOPED_TRACE(equation);
  for (bool open : {false, true}) expect_near(run(equation, operands, open)[0], f32(dims, y));
}

TEST(Einsum, OneOperand) {
  expect("ij->ji", {{{2, 3}, {1, 2, 3, 4, 5, 6}}}, {3, 2}, {1, 4, 2, 5, 3, 6});
  expect("ij->", {{{2, 2}, {1, 2, 3, 4}}}, {}, {10});
  expect("ij->j", {{{2, 2}, {1, 2, 3, 4}}}, {2}, {4, 6});
  expect("ii->i", {{{2, 2}, {1, 2, 3, 4}}}, {2}, {1, 4});
  expect("ii", {{{3, 3}, {1, 0, 0, 0, 2, 0, 0, 0, 4}}}, {}, {7});
  expect("iji -> j", {{{2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}}}, {2}, {7, 11});
  expect("ba", {{{2, 3}, {1, 2, 3, 4, 5, 6}}}, {3, 2}, {1, 4, 2, 5, 3, 6});
}

TEST(Einsum, TwoOperands) {
  expect("ij,jk->ik", {{{2, 2}, {1, 2, 3, 4}}, {{2, 2}, {1, 0, 1, 1}}}, {2, 2}, {3, 2, 7, 4});
  expect("ij, jk", {{{2, 2}, {1, 2, 3, 4}}, {{2, 2}, {1, 0, 1, 1}}}, {2, 2}, {3, 2, 7, 4});
  expect("i,j->ij", {{{2}, {1, 2}}, {{2}, {3, 4}}}, {2, 2}, {3, 4, 6, 8});
  expect("i,i->", {{{3}, {1, 2, 3}}, {{3}, {4, 5, 6}}}, {}, {32});
  expect("i,i->i", {{{3}, {1, 2, 3}}, {{3}, {4, 5, 6}}}, {3}, {4, 10, 18});
  expect(",i->i", {{{}, {2}}, {{2}, {3, 4}}}, {2}, {6, 8});
}

TEST(Einsum, EllipsesBroadcastFromTheRight) {
  expect("...ij,...jk->...ik", {{{2, 1, 2}, {1, 2, 3, 4}}, {{2, 1}, {1, 1}}}, {2, 1, 1}, {3, 7});
  expect("...i->...", {{{2, 2}, {1, 2, 3, 4}}}, {2}, {3, 7});
  expect("...i->i", {{{2, 2}, {1, 2, 3, 4}}}, {2}, {4, 6});
  expect("i...", {{{2, 2}, {1, 2, 3, 4}}}, {2, 2}, {1, 3, 2, 4});
}

TEST(Einsum, ExtentsOfOneBroadcast) {
  expect("ij,ij->i", {{{1, 2}, {1, 2}}, {{2, 2}, {1, 2, 3, 4}}}, {2}, {5, 11});
  expect("i,i->", {{{1}, {2}}, {{3}, {1, 2, 3}}}, {}, {12});
  expect("ij->ij", {{{1, 2}, {1, 2}}}, {1, 2}, {1, 2});
}

TEST(Einsum, ThreeOperandsAndNothingToSum) {
  expect("bij,bjk,k->bi", {{{1, 2, 2}, {1, 2, 3, 4}}, {{1, 2, 2}, {1, 0, 0, 1}}, {{2}, {1, 10}}}, {1, 2}, {21, 43});
  expect("ij,jk->ik", {{{2, 0}, {}}, {{0, 2}, {}}}, {2, 2}, {0, 0, 0, 0});
  expect("ij,jk->ik", {{{0, 2}, {}}, {{2, 2}, {1, 2, 3, 4}}}, {0, 2}, {});
}

TEST(Einsum, Integers) {
  const auto y = run("bij,bjk->bik", {{{2, 1, 2}, {1, 2, 3, 4}}, {{2, 2, 1}, {1, 1, 2, 2}}}, true, DType::kInt32);
  expect_near(y[0], tensor(DType::kInt32, {2, 1, 1}, {3, 14}));
}

// Random equations over four letters: the expansion agrees with the definition.
TEST(Einsum, RandomEquations) {
  std::mt19937 random(7);
  const auto number = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 300; ++round) {
    const Ints extents = {number(1, 3), number(2, 3), number(0, 3), number(1, 3)};
    std::vector<Operand> operands(static_cast<size_t>(number(1, 3)));
    std::string equation, used;
    for (size_t i = 0; i < operands.size(); ++i) {
      if (i > 0) equation += ",";
      int64_t volume = 1;
      for (int64_t rank = number(0, 3); rank-- > 0;) {
        const auto letter = static_cast<size_t>(number(0, 3));
        equation += static_cast<char>('a' + letter);
        used += static_cast<char>('a' + letter);
        operands[i].dims.push_back(number(0, 5) == 0 ? 1 : extents[letter]);
        volume *= operands[i].dims.back();
      }
      for (int64_t e = 0; e < volume; ++e) operands[i].data.push_back(static_cast<double>(number(-4, 4)));
    }
    std::string output;
    for (char letter : std::string("dbca")) {
      if (used.find(letter) != std::string::npos && number(0, 1) == 0) output += letter;
    }
    equation += "->" + output;
    SCOPED_TRACE(equation);
    run(equation, operands, number(0, 1) == 0, number(0, 3) == 0 ? DType::kInt32 : DType::kFloat32);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace rondo::ops
