#include "ir/verify.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"

namespace rondo::ir {
namespace {

constexpr char kConditional[] = R"(
%x = input {index = 0} "x" : f32[3]
%c = input {index = 1} "c" : bool[]
%y = conditional(%c) "if" : f32[3] {
  %a = pointwise(%x) {fn = "exp"} : f32[3]
  yield %a
} {
  yield %x
}
output "y" %y
)";

class VerifyTest : public ::testing::Test {
 protected:
  /// The problem found must mention `expected`, and verify_structure must throw the same.
  void expect_problem(const std::string& expected) {
    const auto problem = find_structure_problem(graph_);
    ASSERT_TRUE(problem) << "expected: " << expected;
    EXPECT_NE(problem->text.find(expected), std::string::npos) << problem->text;
    try {
      verify_structure(graph_, "the_pass");
      FAIL();
    } catch (const InternalError& error) {
      EXPECT_NE(std::string(error.what()).find("after the_pass: "), std::string::npos);
    }
  }
  OpId conditional() { return graph_.region(graph_.main()).ops[2]; }
  OpId branch_op() { return graph_.region(graph_.op(conditional()).regions[0]).ops[0]; }

  Graph graph_ = parse_graph(kConditional);
};

TEST_F(VerifyTest, AcceptsASoundGraph) { EXPECT_FALSE(find_structure_problem(graph_)); }

TEST_F(VerifyTest, OperandOutOfRange) {
  graph_.op(branch_op()).operands[0] = ValueId{1000};
  expect_problem("pointwise '': operand 0 is not defined");
}

TEST_F(VerifyTest, UseBeforeDefinition) {
  auto& ops = graph_.region(graph_.main()).ops;
  std::swap(ops[1], ops[2]);
  expect_problem("conditional 'if': operand 0 is not defined");
}

TEST_F(VerifyTest, ValueOfAnInnerRegionIsNotVisibleOutside) {
  graph_.region(graph_.main()).results[0] = graph_.op(branch_op()).results[0];
  expect_problem("yields a value that is not defined");
}

TEST_F(VerifyTest, SiblingBranchIsNotVisible) {
  graph_.region(graph_.op(conditional()).regions[1]).results[0] = graph_.op(branch_op()).results[0];
  expect_problem("yields a value that is not defined");
}

TEST_F(VerifyTest, ErasedOpReachable) {
  graph_.op(branch_op()).parent = {};
  expect_problem("is erased but reachable");
}

TEST_F(VerifyTest, OpTwice) {
  graph_.region(graph_.main()).ops.push_back(conditional());
  expect_problem("stands in the program twice");
}

TEST_F(VerifyTest, WrongParents) {
  graph_.op(branch_op()).parent = graph_.main();
  expect_problem("names another region as its parent");
  graph_ = parse_graph(kConditional);
  graph_.region(graph_.op(conditional()).regions[0]).parent = branch_op();
  expect_problem("names another parent");
  graph_ = parse_graph(kConditional);
  graph_.op(conditional()).regions[1] = graph_.op(conditional()).regions[0];
  expect_problem("is used twice");
}

TEST_F(VerifyTest, ValueNamesAnotherDefinition) {
  graph_.value(graph_.op(branch_op()).results[0]).def_index = 7;
  expect_problem("names another definition");
}

TEST_F(VerifyTest, RegionArity) {
  graph_.region(graph_.op(conditional()).regions[1]).results.clear();
  expect_problem("each region yields one value per result");
  graph_ = parse_graph(kConditional);
  graph_.op(conditional()).regions.pop_back();
  expect_problem("has two regions");
}

TEST_F(VerifyTest, MalformedTypes) {
  graph_.value(graph_.op(branch_op()).results[0]).info.type.dims[0] = Dim{99999};
  expect_problem("malformed type");
  graph_ = parse_graph(kConditional);
  graph_.value(graph_.op(branch_op()).results[0]).info.type.dtype = static_cast<DType>(77);
  expect_problem("malformed type");
}

TEST_F(VerifyTest, OutputsAndInputs) {
  graph_.output_names()[0].clear();
  expect_problem("no name");
  graph_ = parse_graph(kConditional);
  graph_.output_names().push_back("z");
  expect_problem("outputs have 2 names");
  graph_ = parse_graph(kConditional);
  std::swap(graph_.inputs()[0], graph_.inputs()[1]);
  expect_problem("attribute index is 0");
  graph_ = parse_graph(kConditional);
  graph_.inputs().pop_back();
  expect_problem("2 input ops, 1 inputs listed");
}

TEST_F(VerifyTest, LoopArity) {
  for (const char* change :
       {"carried = 2", "carried = -1", "count = 2", "iter_axes = [0]", "out_axes = []", "while = 1"}) {
    std::string text = R"(
%n = constant {data = hex:04000000, dims = []} : i32[]
%r, %y = loop(%n, %n, %n) {carried = 1, count = 1, iter_axes = [], iter_reverse = [], out_axes = [0], out_reverse = [0], while = 0} : i32[], i32[4] {
  (%t: i64[], %h: i32[])
  yield %h, %h
}
output "y" %y
)";
    EXPECT_NO_THROW(parse_graph(text));
    const std::string name = std::string(change).substr(0, std::string(change).find('='));
    const size_t at = text.find(name);
    size_t end = at;
    for (int depth = 0; depth > 0 || (text[end] != ',' && text[end] != '}'); ++end)
      depth += (text[end] == '[') - (text[end] == ']');
    text.replace(at, end - at, change);
    EXPECT_THROW(parse_graph(text), Error) << change;
  }
}

}  // namespace
}  // namespace rondo::ir
