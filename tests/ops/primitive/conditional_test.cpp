#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using ir::ValueId;

TEST(Conditional, RunsOneBranch) {  // doubled or unchanged
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2}), flag = g.input("flag", DType::kBool, {});
  const auto branches = g.conditional_in(g.graph.main(), flag, 1);
  const ValueId doubled = g.pointwise(branches[0].region, "add", {x, x});
  g.output(g.finish_conditional(branches, {doubled}, {x})[0]);
  expect_near(g.run({f32({2}, {1, 2}), tensor(DType::kBool, {}, {1})})[0], f32({2}, {2, 4}));
  expect_near(g.run({f32({2}, {1, 2}), tensor(DType::kBool, {}, {0})})[0], f32({2}, {1, 2}));
}

TEST(Conditional, EightLevelsOfLoopsAndBranchesWithCaptures) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {}), one = g.filled({}, 1), two = g.count(2),
                limit = g.filled({}, 1000);
  std::vector<TestGraph::Body> loops;
  std::vector<std::vector<TestGraph::Body>> branches;
  ir::RegionId region = g.graph.main();
  for (int level = 0; level < 4; ++level) {
    loops.push_back(g.loop_in(region, {.count = two, .initial = {x}}));
    region = loops.back().region;
    const ValueId go = g.pointwise(region, "less", {loops.back().args[1], limit});
    branches.push_back(g.conditional_in(region, go, 1));
    region = branches.back()[0].region;
  }
  ValueId inner = g.pointwise(region, "add", {loops[3].args[1], loops[0].args[1]});
  for (int level = 3; level >= 0; --level) {
    inner = g.finish_conditional(branches[static_cast<size_t>(level)], {inner}, {one})[0];
    inner = g.finish(loops[static_cast<size_t>(level)], {inner})[0];
  }
  g.output(inner);
  // the innermost loop starts at x and adds the outermost carry a twice: a becomes x + 2 a, twice, from x = 1
  expect_near(g.run({f32({}, {1})})[0], f32({}, {7}));
}

TEST(Conditional, Refusals) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2}), y = g.input("y", DType::kFloat32, {3}),
                b = g.input("b", DType::kBool, {});
  const auto wrong = g.conditional_in(g.graph.main(), x, 1);
  EXPECT_NE(error_of([&] { g.finish_conditional(wrong, {x}, {x}); }).find("(conditional C1)"), std::string::npos);
  const auto differ = g.conditional_in(g.graph.main(), b, 1);
  EXPECT_NE(error_of([&] { g.finish_conditional(differ, {x}, {y}); }).find("(conditional C2)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
