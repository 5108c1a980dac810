// Equations that cannot be read, and operands that do not fit theirs.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

namespace {

void refuse_equation(const char* equation, const std::vector<Refusal::Operand>& operands, const char* part) {
  Refusal().expect(ir::OpKind::k_einsum, {{"equation", std::string(equation)}}, operands, part);
}

}  // namespace

TEST(EinsumConstraints, C1_Malformed) {
  const Refusal::Operand x{DType::kFloat32, {2, 2}};
  for (const char* equation : {"i1->i", "ij->i->j", "i..j", "......ij", "ij->i,j", "i>j"})
    refuse_equation(equation, {x}, "(einsum C1)");
}

TEST(EinsumConstraints, C2_TermsAndInputs) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims2(2, 3))};
  EXPECT_EQ(net->addEinsum(inputs, 1, "ij,jk->ik"), nullptr);
  expect_message(net, {"addEinsum", "has 2 terms for 1 inputs", "(einsum C2)"});
}

TEST(EinsumConstraints, AReplacedEquationIsCheckedToo) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims2(2, 3))};
  IEinsumLayer* sum = net->addEinsum(inputs, 1, "ij->j");
  EXPECT_FALSE(sum->setEquation("ij->k"));
  EXPECT_STREQ(sum->getEquation(), "ij->j");
  expect_message(net, {"output letter 'k' stands in no term", "(einsum C5)"});
}

TEST(EinsumConstraints, C3_LettersAndDimensions) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims2(2, 3))};
  IEinsumLayer* sum = net->addEinsum(inputs, 1, "ijk->i");
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"einsum 'sum'", "term 0 has 3 letters for 2 dimensions", "(einsum C3)"});
}

TEST(EinsumConstraints, C4_ExtentsOfOneLetter) {
  refuse_equation("ij,jk->ik", {{DType::kFloat32, {2, 3}}, {DType::kFloat32, {4, 2}}}, "(einsum C4)");
  refuse_equation("ii->i", {{DType::kFloat32, {2, 3}}}, "(einsum C4)");
}

TEST(EinsumConstraints, C5_OutputLetters) {
  refuse_equation("ij->k", {{DType::kFloat32, {2, 3}}}, "(einsum C5)");
  refuse_equation("ij->ii", {{DType::kFloat32, {2, 3}}}, "(einsum C5)");
}

TEST(EinsumConstraints, C6_Types) {
  refuse_equation("i,i->", {{DType::kFloat32, {2}}, {DType::kFloat16, {2}}}, "(einsum C6)");
  refuse_equation("i->", {{DType::kBool, {2}}}, "(einsum C6)");
}

TEST(EinsumConstraints, C7_NineDimensions) {
  const Refusal::Operand x{DType::kFloat32, {1, 1, 1, 1, 1}};
  refuse_equation("abcde,fghij->abcdefghi", {x, x}, "(einsum C7)");
}

}  // namespace rondo::test
