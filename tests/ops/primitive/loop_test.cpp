#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using ir::ValueId;
using Ints = std::vector<int64_t>;

TEST(Loop, IteratorSumsAndCollects) {  // channels of 1, 2, 3 added to a start of ones: 2, 4, 7
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {1, 3, 2});
  const auto body = g.loop({.count = g.count(3),
                            .initial = {g.filled({1, 2}, 1)},
                            .iterated = {x},
                            .lengths = {g.count(3)},
                            .iter_axes = {1},
                            .iter_reverse = {0},
                            .out_axes = {0},
                            .out_reverse = {0}});
  const ValueId next = g.pointwise(body.region, "add", {body.args[1], body.args[2]});
  for (ValueId v : g.finish(body, {next, next})) g.output(v);
  const auto out = g.run({f32({1, 3, 2}, {1, 1, 2, 2, 3, 3})});
  expect_near(out[0], f32({1, 2}, {7, 7}));
  expect_near(out[1], f32({3, 1, 2}, {2, 2, 4, 4, 7, 7}));
}

TEST(Loop, NestedLoopsCaptureAndRestart) {  // inner loop doubles a copy twice; x := inner + 1: 5, 21, 85
  TestGraph g;
  const ValueId one = g.filled({}, 1), two = g.count(2);
  const auto outer =
      g.loop({.count = g.count(3), .initial = {one}, .lengths = {g.count(3)}, .out_axes = {0}, .out_reverse = {0}});
  const auto inner = g.loop_in(outer.region, {.count = two, .initial = {outer.args[1]}});
  const ValueId doubled = g.pointwise(inner.region, "add", {inner.args[1], inner.args[1]});
  const ValueId four_x = g.finish(inner, {doubled})[0];
  const ValueId next = g.pointwise(outer.region, "add", {four_x, one});
  for (ValueId v : g.finish(outer, {next, next})) g.output(v);
  const auto out = g.run();
  expect_near(out[0], f32({}, {85}));
  expect_near(out[1], f32({3}, {5, 21, 85}));
}

/// Counts x up from 1 while x < limit, at most `count` times; collects x before (the recurrence) with the given length.
std::vector<Tensor> count_up(int64_t count, double limit, int64_t length, bool reverse) {
  TestGraph g;
  const ValueId one = g.filled({}, 1), bound = g.filled({}, limit);
  TestGraph::LoopSpec spec{.has_while = true,
                           .initial = {one},
                           .lengths = {g.count(length)},
                           .out_axes = {0},
                           .out_reverse = {int64_t{reverse}}};
  if (count >= 0) spec.count = g.count(count);
  const auto body = g.loop(spec);
  const ValueId go = g.pointwise(body.region, "less", {body.args[1], bound});
  const ValueId next = g.pointwise(body.region, "add", {body.args[1], one});
  for (ValueId v : g.finish(body, {next, body.args[1], go})) g.output(v);
  return g.run();
}

TEST(Loop, CountAndWhileWhicheverComesFirst) {
  auto out = count_up(10, 6, 5, false);
  expect_near(out[0], f32({}, {6}));
  expect_near(out[1], f32({5}, {1, 2, 3, 4, 5}));
  out = count_up(3, 6, 5, false);
  expect_near(out[0], f32({}, {4}));
  expect_near(out[1], f32({5}, {1, 2, 3, 0, 0}));
}

TEST(Loop, LengthCutsOrPadsAlsoInReverse) {
  expect_near(count_up(-1, 6, 2, false)[1], f32({2}, {1, 2}));
  expect_near(count_up(-1, 6, 7, false)[1], f32({7}, {1, 2, 3, 4, 5, 0, 0}));
  expect_near(count_up(-1, 6, 7, true)[1], f32({7}, {5, 4, 3, 2, 1, 0, 0}));
  expect_near(count_up(-1, 6, 2, true)[1], f32({2}, {2, 1}));
}

TEST(Loop, ZeroTripsGiveTheInitialValueAndZeros) {
  for (int64_t count : {int64_t{0}, int64_t{-4}}) {
    const auto out = count < 0 ? count_up(-1, 0, 2, false) : count_up(0, 6, 2, false);
    expect_near(out[0], f32({}, {1}));
    expect_near(out[1], f32({2}, {0, 0}));
  }
}

TEST(Loop, ReverseIteratorStartsAtTheCountAndAxesInsertAnywhere) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 3});
  const auto body = g.loop({.count = g.count(2),
                            .iterated = {x, x},
                            .lengths = {g.count(2), g.count(2)},
                            .iter_axes = {1, 1},
                            .iter_reverse = {1, 0},
                            .out_axes = {1, 0},
                            .out_reverse = {0, 0}});
  for (ValueId v : g.finish(body, {body.args[1], body.args[2]})) g.output(v);
  const auto out = g.run({f32({2, 3}, {1, 2, 3, 4, 5, 6})});
  expect_near(out[0], f32({2, 2}, {2, 1, 5, 4}));
  expect_near(out[1], f32({2, 2}, {1, 4, 2, 5}));
}

TEST(Loop, StepIsAnInteger) {
  TestGraph g;
  const auto body = g.loop({.count = g.count(4), .lengths = {g.count(4)}, .out_axes = {0}, .out_reverse = {0}});
  g.output(g.finish(body, {body.args[0]})[0]);
  expect_near(g.run()[0], tensor(DType::kInt64, {4}, {0, 1, 2, 3}));
}

TEST(Loop, WhileMayEndExactlyWhereTheIteratorDoes) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {3}), limit = g.count(3);
  const auto body =
      g.loop({.has_while = true, .initial = {g.filled({}, 0)}, .iterated = {x}, .iter_axes = {0}, .iter_reverse = {0}});
  const ValueId go = g.pointwise(body.region, "less", {body.args[0], limit});
  g.output(g.finish(body, {g.pointwise(body.region, "add", {body.args[1], body.args[2]}), go})[0]);
  expect_near(g.run({f32({3}, {1, 2, 4})})[0], f32({}, {7}));
}

TEST(Loop, RunTimeErrors) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {3}), n = g.input("n", DType::kInt32, {});
  const auto body =
      g.loop({.count = n, .initial = {g.filled({}, 0)}, .iterated = {x}, .iter_axes = {0}, .iter_reverse = {0}});
  g.output(g.finish(body, {g.pointwise(body.region, "add", {body.args[1], body.args[2]})})[0]);
  const auto run = [&](double trips, int64_t max) {
    return error_of([&] {
      interpret(g.graph, {f32({3}, {1, 2, 4}), tensor(DType::kInt32, {}, {trips})}, {.max_iterations = max});
    });
  };
  EXPECT_EQ(run(3, 100), "");
  EXPECT_NE(run(4, 100).find("iterator 0 reads index 3"), std::string::npos) << run(4, 100);
  EXPECT_NE(run(3, 2).find("runs longer than 2"), std::string::npos);
}

TEST(Loop, SymbolicTypesAndLengths) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, -1, 4}), n = g.host_input("n", DType::kInt32, {});
  const auto body = g.loop({.count = n,
                            .iterated = {x},
                            .lengths = {n},
                            .iter_axes = {1},
                            .iter_reverse = {0},
                            .out_axes = {2},
                            .out_reverse = {0}});
  EXPECT_EQ(g.type_text(body.args[1]), "f32[x.0, 4]");
  EXPECT_EQ(g.type_text(g.finish(body, {body.args[1]})[0]), "f32[x.0, 4, n.v0]");
}

TEST(Loop, CarriedSymbolsMeetOrAreRefused) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1}), y = g.input("y", DType::kFloat32, {-1});
  const auto meets = g.loop({.count = g.count(3), .initial = {x}});
  EXPECT_EQ(g.type_text(g.finish(meets, {y})[0]), "f32[x.0]");
  const auto grows = g.loop({.count = g.count(3), .initial = {x}});
  g.graph.value(grows.args[1]).name = "history";
  const ValueId longer =
      g.add_in(grows.region, ir::OpKind::k_concat, {{"axis", int64_t{0}}}, {grows.args[1], g.filled({1}, 0)});
  const std::string message = error_of([&] { g.finish(grows, {longer}); });
  EXPECT_NE(message.find("loop 'loop': recurrence 'history' starts as f32[x.0] but its next value is f32[x.0 + 1]"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("(loop C2)"), std::string::npos);
}

TEST(Loop, Refusals) {
  const auto message = [](const TestGraph::LoopSpec& spec, TestGraph& g) { return error_of([&] { g.loop(spec); }); };
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 3}), n = g.input("n", DType::kInt32, {}), f = g.filled({}, 1);
  EXPECT_NE(message({.count = f}, g).find("(loop C1)"), std::string::npos);
  EXPECT_NE(message({.count = n, .iterated = {x}, .iter_axes = {2}, .iter_reverse = {0}}, g).find("(loop C3)"),
            std::string::npos);
  EXPECT_NE(message({.has_while = true, .iterated = {x}, .iter_axes = {1}, .iter_reverse = {1}}, g).find("(loop C4)"),
            std::string::npos);
  EXPECT_NE(message({.count = n, .lengths = {n}, .out_axes = {0}, .out_reverse = {0}}, g).find("(loop C5)"),
            std::string::npos);
  EXPECT_NE(message({}, g).find("(loop C7)"), std::string::npos);
  EXPECT_NE(message({.count = g.count(4), .iterated = {x}, .iter_axes = {1}, .iter_reverse = {0}}, g).find("(loop C9)"),
            std::string::npos);
  const auto flag = g.loop({.has_while = true});
  EXPECT_NE(error_of([&] { g.finish(flag, {f}); }).find("(loop C6)"), std::string::npos);
  const auto axis = g.loop({.count = n, .lengths = {g.count(1)}, .out_axes = {1}, .out_reverse = {0}});
  EXPECT_NE(error_of([&] { g.finish(axis, {f}); }).find("(loop C8)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
