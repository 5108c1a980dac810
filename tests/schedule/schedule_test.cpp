#include "schedule/schedule.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "passes/net.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

using ir::ValueId;
using passes::example_input;
using passes::Net;
using Tensors = std::vector<ops::Tensor>;

constexpr int64_t kT = 6, kB = 3, kI = 5, kH = 4;

ops::Tensor scalar(DType dtype, double value) { return {dtype, {}, {value}}; }

TEST(ScheduleTest, CarriesThatSwapAndRotateAreRight) {
  for (const int64_t trips : {0, 1, 2, 5}) {
    Net net;
    const ValueId a0 = net.input("a", {kB, kH}), b0 = net.input("b", {kB, kH}), x = net.input("x", {5, kB, kH});
    const ValueId count = net.i32(trips);
    const Net::Loop loop = net.open(count, {a0, b0, a0, b0}, {{x, 0, true}});
    const Net::Values next{loop.carried[1], loop.carried[0], loop.slices[0], loop.carried[2]};
    const Net::Values results = net.close(loop, next, {{loop.carried[0], count, 0, false}});
    for (size_t i = 0; i < results.size(); ++i) net.output(results[i], text("y", i));
    EXPECT_EQ(check_schedules(net.graph,
                              {example_input({kB, kH}, 1), example_input({kB, kH}, 2), example_input({5, kB, kH}, 3)}),
              "")
        << trips << " trips";
  }
}

TEST(ScheduleTest, DynamicShapesShareOneProgram) {
  Net net;
  const ValueId x = net.input("x", {-1, -1, kI}), h0 = net.input("h0", {-1, kH});
  const ValueId count = net.extent(x, 0);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId h = net.tanh(
      net.add(net.matmul(loop.slices[0], net.weights({kI, kH})), net.matmul(loop.carried[0], net.weights({kH, kH}))));
  const Net::Values results = net.close(loop, {h}, {{h, count, 1, true}});
  net.output(results[1], "y");
  net.output(results[0], "hT");
  const plan::Program program = make_program(optimised(net.graph), {});
  plan::verify(program);
  expect_one_clean_stage(program);
  for (const int64_t t : {0, 1, 7}) {
    for (const int64_t b : {1, 4}) {
      const Tensors inputs{example_input({t, b, kI}, 1), example_input({b, kH}, 2)};
      EXPECT_EQ(passes::difference(ops::interpret(net.graph, inputs), run_naively(program, inputs), 1e-5), "")
          << t << " " << b;
    }
  }
}

TEST(ScheduleTest, ConcatIsPlacedNotCopied) {
  Net net;
  const ValueId x = net.input("x", {kB, kH});
  const ValueId a = net.tanh(x), b = net.matmul(a, net.weights({kH, 2 * kH}));
  const ValueId inner = net.concat({a, b}, 1);
  net.output(net.concat({inner, net.sigmoid(b), x}, 1), "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(count_copies(program, 0), 1u) << plan::to_string(program);  // x alone
  EXPECT_EQ(program.arena_bytes, 0u);
  EXPECT_EQ(check_schedules(net.graph, {example_input({kB, kH}, 1)}), "");
}

TEST(ScheduleTest, ViewsOfViewsAreNotSteps) {
  Net net;
  const ValueId x = net.input("x", {2, 6, 4});
  const ValueId split = net.reshape(net.slice(net.transpose(x, {1, 0, 2}), 0, 1, 4), {2, 2, 2, 4});
  const ValueId back = net.transpose(net.slice(split, 3, 1, 2), {3, 1, 0, 2});
  net.output(net.tanh(back), "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.steps.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({2, 6, 4}, 1)}), "");
}

TEST(ScheduleTest, ReshapeAcrossStridesCopiesOnce) {
  Net net;
  const ValueId x = net.input("x", {kB, kH});
  net.output(net.tanh(net.reshape(net.transpose(x, {1, 0}), {kB * kH})), "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.steps.size(), 2u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({kB, kH}, 1)}), "");
}

// Heads [2, kB, kH] joined to [kB, 2 kH]: the product stores each head where the joined tensor has it.
TEST(ScheduleTest, AxesJoinedBehindATransposeAreStoredInPlace) {
  Net net;
  const ValueId a = net.input("a", {2, kB, kI}), b = net.input("b", {2, kI, kH});
  const ValueId heads = net.matmul(a, b);
  const ValueId joined = net.reshape(net.transpose(heads, {1, 0, 2}), {kB, 2 * kH});
  net.output(net.tanh(net.matmul(joined, net.weights({2 * kH, kH}))), "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.steps.size(), 2u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({2, kB, kI}, 1), example_input({2, kI, kH}, 2)}), "");
}

TEST(ScheduleTest, JoinedAxesHaveOtherReadersInsideALoop) {
  Net net;
  const ValueId x = net.input("x", {3, 2, kB, kI}), h0 = net.input("h0", {kB, 2 * kH}), b = net.input("b", {2, kI, kH});
  const ValueId count = net.i32(3);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId heads = net.matmul(loop.slices[0], b);
  const ValueId joined = net.reshape(net.transpose(heads, {1, 0, 2}), {kB, 2 * kH});
  const ValueId h = net.tanh(net.add(joined, net.matmul(loop.carried[0], net.weights({2 * kH, 2 * kH}))));
  const Net::Values results = net.close(loop, {h}, {{net.sigmoid(heads), count, 0, false}, {joined, count, 1, true}});
  for (size_t i = 0; i < results.size(); ++i) net.output(results[i], text("y", i));
  EXPECT_EQ(check_schedules(net.graph, {example_input({3, 2, kB, kI}, 1), example_input({kB, 2 * kH}, 2),
                                        example_input({2, kI, kH}, 3)}),
            "");
}

TEST(ScheduleTest, OutputsThatAreInputsConstantsAndEachOther) {
  Net net;
  const ValueId x = net.input("x", {kB, kH}), y = net.tanh(x);
  net.output(x, "x again");
  net.output(y, "y");
  net.output(y, "y again");
  net.output(net.transpose(y, {1, 0}), "y transposed");
  net.output(net.weights({2}), "constant");
  net.output(net.op(ir::OpKind::k_shape, {{"to", static_cast<int64_t>(DType::kInt64)}}, {x}), "shape");
  net.output(
      net.op(ir::OpKind::k_iota, {{"shape", net.constants({2, 3})}, {"axis", int64_t{1}}, {"dtype", int64_t{3}}}, {}),
      "iota");
  EXPECT_EQ(check_schedules(net.graph, {example_input({kB, kH}, 1)}), "");
}

TEST(ScheduleTest, ShapeValuesUsedAsDataAreWrittenOnce) {
  Net net;
  const ValueId x = net.input("x", {-1, kH}), count = net.i32(3);
  const Net::Loop loop = net.open(count, {x}, {});
  const ValueId rows = net.reshape(net.cast(net.extent(x, 0), DType::kFloat32), {1, 1});
  const ValueId next = net.tanh(net.add(loop.carried[0], rows));
  net.output(net.close(loop, {next}, {})[0], "y");
  const plan::Program program = make_program(
      [&] {
        ir::Graph g = net.graph;
        bound_symbols(g);
        return g;
      }(),
      {});
  EXPECT_EQ(program.kernels.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(program.steps[program.blocks[0].steps[0]].kind, plan::StepKind::kKernel);
  EXPECT_EQ(check_schedules(net.graph, {example_input({2, kH}, 1)}), "");
}

TEST(ScheduleTest, NarrowIntegersSaturateFusedOrNot) {
  Net net;
  const ValueId x = net.input("x", {1, 6});
  const ValueId narrow = net.cast(net.mul(x, net.filled({1, 1}, 300)), DType::kInt8);
  net.output(net.cast(net.add(narrow, narrow), DType::kFloat32), "y");
  net.output(net.cast(net.cast(x, DType::kUint8), DType::kInt32), "z");
  const ops::Tensor input{DType::kFloat32, {1, 6}, {0, 0.3, -0.3, 0.5, -0.5, std::nan("")}};
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.steps.size(), 1u + 1u) << plan::to_string(program);
  const Tensors y = run_naively(program, {input});
  EXPECT_EQ(y[0].data, (std::vector<double>{0, 127, -128, 127, -128, 0}));
  EXPECT_EQ(y[1].data, (std::vector<double>{0, 0, 0, 0, 0, 0}));
}

TEST(ScheduleTest, ProductsOfActivationsReadTheirOperandsWhereTheyLie) {
  Net net;
  const ValueId x = net.input("x", {2, 5, 3 * kH});
  const ValueId q = net.slice(x, 2, 0, kH), k = net.slice(x, 2, kH, kH), v = net.slice(x, 2, 2 * kH, kH);
  const ValueId scores = net.sigmoid(net.matmul(q, net.transpose(k, {0, 2, 1})));
  net.output(net.matmul(scores, v), "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.steps.size(), 2u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({2, 5, 3 * kH}, 1)}), "");
}

TEST(ScheduleTest, RowsOfASingleRowBatchAreMerged) {
  Net net;
  const ValueId x = net.input("x", {7, 1, kI});
  net.output(net.tanh(net.matmul(x, net.weights({kI, kH}))), "y");
  const plan::Program program = make_program(net.graph, {});
  ASSERT_EQ(program.stages.size(), 1u);
  EXPECT_EQ(program.stages[0].space.size(), 2u) << plan::to_string(program);
  EXPECT_EQ(program.exprs[program.stages[0].space[0]].value, 7);
}

TEST(ScheduleTest, BranchesStoreIntoTheSameOutput) {
  for (const double flag : {0.0, 1.0}) {
    Net net;
    const ValueId x = net.input("x", {kB, kH}), on = net.input("on", {}, DType::kBool);
    const ir::OpId op = net.graph.add_op(net.region(), ir::OpKind::k_conditional, {}, {on}, 0, "choice");
    const ir::RegionId outer = net.region();
    for (int side = 0; side < 2; ++side) {
      const ir::RegionId region = net.graph.add_region(op);
      net.enter(region);
      const ValueId value = side == 0 ? net.tanh(net.matmul(x, net.weights({kH, kH}))) : x;
      net.graph.region(region).results.push_back(value);
    }
    const ValueId result = net.graph.add_result(op, {});
    net.enter(outer);
    ops::infer_op(net.graph, op);
    net.output(result, "y");
    const plan::Program program = make_program(net.graph, {});
    EXPECT_EQ(program.blocks[0].steps.size(), 1u);
    EXPECT_EQ(program.arena_bytes, 0u);
    EXPECT_EQ(check_schedules(net.graph, {example_input({kB, kH}, 1), scalar(DType::kBool, flag)}), "");
  }
}

TEST(ScheduleTest, InnerLoopUpdatesTheOuterStateWithoutCopies) {
  Net net;
  const ValueId x = net.input("x", {kT, kB, kH}), h0 = net.input("h0", {kB, kH}), count = net.i32(kT),
                inner_count = net.i32(3);
  const Net::Loop outer = net.open(count, {h0}, {{x, 0, false}});
  const Net::Loop inner = net.open(inner_count, {outer.carried[0]}, {});
  const ValueId next = net.tanh(net.add(net.mul(inner.carried[0], inner.carried[0]), outer.slices[0]));
  const ValueId last = net.close(inner, {next}, {})[0];
  net.output(net.close(outer, {last}, {{last, count, 0, false}})[1], "y");
  const plan::Program program = make_program(net.graph, {});
  ASSERT_EQ(program.loops.size(), 2u);
  EXPECT_EQ(program.blocks[program.loops[0].body].steps.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({kT, kB, kH}, 1), example_input({kB, kH}, 2)}), "");
}

TEST(ScheduleTest, WhileLoopDecidesBeforeItChangesState) {
  Net net;
  const ValueId x = net.input("x", {1, 1}), limit = net.input("limit", {1, 1}), bound = net.i32(9),
                length = net.i32(12);
  const Net::Loop loop = net.open(bound, {x, x}, {}, true);
  const ValueId next = net.add(loop.carried[0], net.filled({1, 1}, 1));
  const ValueId other = net.add(loop.carried[1], net.filled({1, 1}, 2));
  const ValueId flag = net.reshape(net.pointwise("less", {next, limit}), {});
  const Net::Values results = net.close(loop, {next, other}, {{other, length, 0, true}}, flag);
  net.output(results[0], "n");
  net.output(results[1], "twice");
  net.output(results[2], "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(placements(program), (std::vector<std::string>{"parity", "in place"}));
  for (const double stop : {-5.0, 0.5, 4.5, 100.0}) {
    const ops::Tensor start{DType::kFloat32, {1, 1}, {0}}, end{DType::kFloat32, {1, 1}, {stop}};
    EXPECT_EQ(check_schedules(net.graph, {start, end}), "") << stop;
  }
}

TEST(ScheduleTest, ParallelLoopsShareNoMemory) {
  Net net;
  const ValueId x = net.input("x", {kT, kB, kH}), h0 = net.input("h0", {kB, kH}), count = net.i32(kT);
  Net::Values outputs;
  for (const bool reverse : {false, true}) {
    const Net::Loop loop = net.open(count, {h0, h0}, {{x, 0, reverse}});
    const ValueId s = net.tanh(net.add(net.matmul(loop.carried[0], net.weights({kH, kH})), loop.slices[0]));
    const ValueId h = net.tanh(
        net.add(net.matmul(s, net.weights({kH, kH})), net.transpose(net.reshape(loop.carried[1], {kH, kB}), {1, 0})));
    const Net::Values results = net.close(loop, {h, s}, {{h, count, 0, reverse}});
    net.graph.op(loop.op).attrs.set("group", int64_t{1});
    outputs.push_back(results[2]);
    net.output(results[1], text("s", reverse));
  }
  net.output(net.concat(outputs, 2), "y");
  const plan::Program program = make_program(net.graph, {});
  ASSERT_EQ(program.parallels.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(program.parallels[0].blocks.size(), 2u);
  EXPECT_EQ(check_program(net.graph, {example_input({kT, kB, kH}, 1), example_input({kB, kH}, 2)},
                          ops::interpret(net.graph, {example_input({kT, kB, kH}, 1), example_input({kB, kH}, 2)}), {}),
            "");
}

TEST(ScheduleTest, BuffersOfDifferentTimesShareMemory) {
  Net net;
  ValueId x = net.input("x", {8, 16});
  for (int i = 0; i < 6; ++i) x = net.matmul(x, net.weights({16, 16}));
  net.output(x, "y");
  const plan::Program program = make_program(net.graph, {});
  EXPECT_EQ(program.arena_bytes, 2u * 8 * 16 * 4);
  EXPECT_EQ(check_schedules(net.graph, {example_input({8, 16}, 1)}), "");
}

TEST(ScheduleTest, ProfilesBoundTheArena) {
  Net net;
  const ValueId x = net.input("x", {-1, kH});
  net.output(net.matmul(net.matmul(x, net.weights({kH, kH})), net.weights({kH, kH})), "y");
  plan::Profile::Input small{{1, kH}, {2, kH}, {10, kH}, {}, {}, {}}, large{{5, kH}, {50, kH}, {100, kH}, {}, {}, {}};
  const ScheduleInput input{net.graph, "net", {{{small}}, {{large}}}, {}, {}, {}};
  const plan::Program program = make_program(input, {});
  EXPECT_EQ(program.arena_bytes, 1600u);
  EXPECT_EQ(program.bindings[0].dims, (std::vector<int64_t>{-1, kH}));
  const Tensors inputs{example_input({100, kH}, 1)};
  EXPECT_EQ(passes::difference(ops::interpret(net.graph, inputs), run_naively(program, inputs), 1e-5), "");
}

TEST(ScheduleTest, UnboundedTensorIsRefusedByName) {
  Net net;
  net.named("projection");
  const ValueId x = net.input("x", {-1, -1, kH});
  net.output(net.matmul(net.matmul(x, net.weights({kH, kH})), net.weights({kH, kH})), "y");
  try {
    make_program(net.graph, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("tensor 'projection'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("optimization profile"), std::string::npos);
  }
}

TEST(ScheduleTest, ReverseIteratorNeedsAKnownCount) {
  Net net;
  net.named("decoder");
  const ValueId x = net.input("x", {kT, kH}), count = net.input("n", {}, DType::kInt32), h0 = net.input("h0", {kH});
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, true}});
  net.output(net.close(loop, {net.add(loop.carried[0], loop.slices[0])}, {})[0], "y");
  try {
    make_program(net.graph, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnsupportedState);
    EXPECT_NE(std::string(error.what()).find("loop 'decoder': the reverse iterator over 'x'"), std::string::npos)
        << error.what();
  }
}

TEST(ScheduleTest, InspectorSaysWhyAStateIsNotInPlace) {
  Net net;
  const ValueId x = net.input("x", {kB, kH}), count = net.i32(3);
  net.named("cell");
  const Net::Loop loop = net.open(count, {x}, {});
  const ValueId next = net.tanh(net.matmul(loop.carried[0], net.weights({kH, kH})));
  net.output(net.close(loop, {next}, {})[0], "y");
  const nlohmann::json info = nlohmann::json::parse(make_program(net.graph, {}).layer_info);
  const nlohmann::json& carry = info["Layers"][0]["carried"][0];
  EXPECT_EQ(carry["placement"], "parity");
  EXPECT_EQ(carry["why"], "not collected; read by 'cell' (matmul) outside of the stage that replaces it");
}

}  // namespace
}  // namespace rondo::schedule
