// Chains of pointwise ops and reductions along the same trailing axes: one stage; others keep their kernels.
#include <gtest/gtest.h>

#include "passes/net.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

using ir::ValueId;
using passes::example_input;
using passes::Net;

enum Fold : int64_t { kSum, kProd, kMax, kMin, kAvg };

ValueId fold(Net& net, Fold how, int64_t axes, ValueId x, bool keep = true) {
  return net.op(ir::OpKind::k_reduce, {{"op", int64_t{how}}, {"axes", axes}, {"keep", int64_t{keep}}}, {x});
}

ValueId softmax(Net& net, ValueId x, int64_t axes) {
  const ValueId powers = net.pointwise("exp", {net.pointwise("sub", {x, fold(net, kMax, axes, x)})});
  return net.mul(powers, net.pointwise("recip", {fold(net, kSum, axes, powers)}));
}

ValueId normalized(Net& net, ValueId x, int64_t axes) {
  const ValueId centred = net.pointwise("sub", {x, fold(net, kAvg, axes, x)});
  const ValueId variance = fold(net, kAvg, axes, net.mul(centred, centred));
  const size_t rank = net.graph.type(x).dims.size();
  const ValueId shifted = net.add(variance, net.filled(Net::Ints(rank, 1), 0.125));
  return net.mul(centred, net.pointwise("recip", {net.pointwise("sqrt", {shifted})}));
}

void expect_steps(Net& net, size_t stages, size_t kernels, const std::vector<ops::Tensor>& inputs) {
  const plan::Program program = make_program(optimised(net.graph), {});
  EXPECT_EQ(count_steps(program, 0, plan::StepKind::kStage), stages) << plan::to_string(program);
  EXPECT_EQ(count_steps(program, 0, plan::StepKind::kKernel), kernels) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, inputs), "");
}

TEST(RowsTest, SoftmaxIsOneStage) {
  for (const bool dynamic : {false, true}) {
    Net net;
    net.output(softmax(net, net.input("x", {dynamic ? -1 : 4, 3, dynamic ? -1 : 9}), 4), "y");
    expect_steps(net, 1, 0, {example_input({4, 3, 9}, 1)});
  }
}

TEST(RowsTest, LogSoftmaxIsOneStage) {
  Net net;
  const ValueId x = net.input("x", {5, 9});
  const ValueId shifted = net.pointwise("sub", {x, fold(net, kMax, 2, x)});
  const ValueId logs = net.pointwise("log", {fold(net, kSum, 2, net.pointwise("exp", {shifted}))});
  net.output(net.pointwise("sub", {shifted, logs}), "y");
  expect_steps(net, 1, 0, {example_input({5, 9}, 1)});
}

TEST(RowsTest, LayerNormalizationIsOneStage) {
  Net net;
  const ValueId x = net.input("x", {3, 4, 10}), scale = net.input("scale", {1, 1, 10}),
                bias = net.input("bias", {1, 1, 10});
  net.output(net.add(net.mul(normalized(net, x, 4), scale), bias), "y");
  expect_steps(net, 1, 0, {example_input({3, 4, 10}, 1), example_input({1, 1, 10}, 2), example_input({1, 1, 10}, 3)});
}

TEST(RowsTest, InstanceNormalizationFoldsTwoAxes) {
  Net net;
  const ValueId x = net.input("x", {2, 3, 4, 5}), scale = net.input("scale", {1, 3, 1, 1});
  net.output(net.mul(normalized(net, x, 12), scale), "y");
  expect_steps(net, 1, 0, {example_input({2, 3, 4, 5}, 1), example_input({1, 3, 1, 1}, 2)});
}

TEST(RowsTest, RootMeanSquareOfASumIsOneStageWithTheSum) {
  Net net;
  const ValueId x = net.input("x", {6, 8}), residual = net.input("r", {6, 8});
  const ValueId sum = net.add(x, residual);
  const ValueId square = net.add(fold(net, kAvg, 2, net.mul(sum, sum)), net.filled({1, 1}, 0.01));
  net.output(net.mul(sum, net.pointwise("recip", {net.pointwise("sqrt", {square})})), "y");
  net.output(sum, "sum");
  expect_steps(net, 1, 0, {example_input({6, 8}, 1), example_input({6, 8}, 2)});
}

TEST(RowsTest, SeveralStatisticsOfOneInputMeet) {
  Net net;
  const ValueId x = net.input("x", {4, 12});
  const ValueId mean = fold(net, kAvg, 2, x);
  const ValueId variance = net.pointwise("sub", {fold(net, kAvg, 2, net.mul(x, x)), net.mul(mean, mean)});
  net.output(net.mul(net.pointwise("sub", {x, mean}), net.add(variance, net.filled({1, 1}, 1))), "y");
  net.output(variance, "variance");
  expect_steps(net, 1, 0, {example_input({4, 12}, 1)});
}

TEST(RowsTest, ReductionsWithoutKeptAxesAndOfVectors) {
  Net net;
  const ValueId x = net.input("x", {4, 6}), v = net.input("v", {7});
  const ValueId mean = net.reshape(fold(net, kAvg, 2, x, false), {4, 1});
  net.output(net.pointwise("sub", {x, mean}), "y");
  net.output(softmax(net, v, 1), "z");
  expect_steps(net, 2, 0, {example_input({4, 6}, 1), example_input({7}, 2)});
}

TEST(RowsTest, AReductionEndsAChainOfItsGroup) {
  Net net;
  const ValueId x = net.input("x", {4, 6}), w = net.input("w", {4, 6});
  net.output(net.pointwise("sqrt", {fold(net, kSum, 2, net.mul(net.mul(x, x), net.mul(w, w)), false)}), "norm");
  expect_steps(net, 1, 0, {example_input({4, 6}, 1), example_input({4, 6}, 2)});
}

TEST(RowsTest, OtherAxesAndLoneReductionsStayKernels) {
  Net net;
  const ValueId x = net.input("x", {4, 6, 5});
  net.output(fold(net, kSum, 4, x, false), "lone");
  net.output(net.pointwise("sub", {x, fold(net, kMax, 2, x)}), "middle");
  expect_steps(net, 1, 2, {example_input({4, 6, 5}, 1)});
}

TEST(RowsTest, WhatDependsOnAProductOfTheRowsStaysApart) {
  Net net;
  const ValueId x = net.input("x", {4, 6});
  const ValueId y = softmax(net, x, 2);
  const ValueId z = net.matmul(y, net.weights({6, 6}));
  net.output(net.add(net.mul(y, z), softmax(net, z, 2)), "out");
  const plan::Program program = make_program(optimised(net.graph), {});
  EXPECT_EQ(count_steps(program, 0, plan::StepKind::kKernel), 0u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({4, 6}, 1)}), "");
}

TEST(RowsTest, SquareInputsKeepRowsAndColumnsApart) {
  Net net;
  const ValueId x = net.input("x", {5, 5});
  const ValueId sums = fold(net, kSum, 2, x);
  const ValueId across = net.transpose(sums, {1, 0});
  net.output(net.add(x, sums), "rows");
  net.output(net.add(x, across), "columns");
  net.output(net.add(net.add(x, sums), across), "both");
  EXPECT_EQ(check_schedules(net.graph, {example_input({5, 5}, 1)}), "");
}

TEST(RowsTest, CarriedRowsAreNormalizedInALoop) {
  Net net;
  const ValueId x = net.input("x", {6, 3, 8}), h0 = net.input("h0", {3, 8});
  const ValueId count = net.i32(6);
  const Net::Loop loop = net.open(count, {h0}, {{x, 0, false}});
  const ValueId next = softmax(net, net.add(loop.carried[0], loop.slices[0]), 2);
  const Net::Values results = net.close(loop, {next}, {{next, count, 0, false}});
  net.output(results[0], "last");
  net.output(results[1], "all");
  const plan::Program program = make_program(optimised(net.graph), {});
  EXPECT_EQ(program.blocks[program.loops.at(0).body].steps.size(), 1u) << plan::to_string(program);
  EXPECT_EQ(check_schedules(net.graph, {example_input({6, 3, 8}, 1), example_input({3, 8}, 2)}), "");
}

}  // namespace
}  // namespace rondo::schedule
