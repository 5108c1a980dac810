#include <gtest/gtest.h>

#include "base/error.h"
#include "ops/test_graph.h"

// interpreter, tensor bytes, infer_graph and verify_types

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;

TEST(Tensor, BytesRoundTripForEveryType) {
  for (DType dtype : {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8, DType::kUint8, DType::kInt32,
                      DType::kInt64, DType::kBool}) {
    const Tensor x = tensor(
        dtype, {4}, dtype == DType::kBool ? std::vector<double>{0, 1, 1, 0} : std::vector<double>{0, 1, 96, 127});
    Bytes bytes(4 * dtype_bytes(dtype));
    to_bytes(x, bytes.data());
    expect_near(from_bytes(dtype, {4}, bytes.data()), x, 0);
  }
}

TEST(Tensor, RoundToSaturatesAndRounds) {
  EXPECT_EQ(round_to(DType::kFloat16, 2049), 2048);
  EXPECT_EQ(round_to(DType::kBFloat16, 257), 256);
  EXPECT_EQ(round_to(DType::kFloat32, 16777217), 16777216);
  EXPECT_EQ(round_to(DType::kInt8, -1.99), -1);
  EXPECT_EQ(round_to(DType::kInt32, 1e12), 2147483647);
  EXPECT_EQ(round_to(DType::kBool, 0.25), 1);
  Bytes bytes(8);
  to_bytes(tensor(DType::kInt64, {}, {1e30}), bytes.data());
  int64_t value;
  __builtin_memcpy(&value, bytes.data(), 8);
  EXPECT_EQ(value, INT64_MAX);
}

TEST(Interpreter, RoundsEveryResultWhenAsked) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat16, {1}),
                y = g.pointwise("add", {x, g.constant(DType::kFloat16, {1}, {1})});
  g.output(g.pointwise("sub", {y, x}));
  const Tensor big = tensor(DType::kFloat16, {1}, {2048});
  EXPECT_EQ(interpret(g.graph, {big})[0].data[0], 1);
  EXPECT_EQ(interpret(g.graph, {big}, {.round_to_dtype = true})[0].data[0], 0);
}

TEST(Interpreter, ChecksInputs) {
  TestGraph g;
  g.output(g.input("x", DType::kFloat32, {2, -1}));
  EXPECT_EQ(error_of([&] { g.run({}); }), "the network has 1 inputs, 0 were given");
  EXPECT_NE(error_of([&] {
              g.run({f32({3, 1}, {1, 2, 3})});
            }).find("input 'x' is f32[2, x.1], but f32[3, 1] was given"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              g.run({tensor(DType::kInt32, {2, 1}, {1, 2})});
            }).find("i32[2, 1] was given"),
            std::string::npos);
}

TEST(Interpreter, EvaluatesOneOp) {
  TestGraph g;
  const ValueId x = g.filled({2, 2}, 3), y = g.pointwise("mul", {x, x});
  const Tensor three = evaluate_op(g.graph, g.graph.value(x).def, {})[0];
  expect_near(three, f32({2, 2}, {3, 3, 3, 3}));
  const std::vector<Tensor> operands{three, three};
  expect_near(evaluate_op(g.graph, g.graph.value(y).def, operands)[0], f32({2, 2}, {9, 9, 9, 9}));
}

TEST(Interpreter, ManyIterationsInConstantMemory) {
  TestGraph g;
  const ValueId one = g.filled({1}, 1);
  const auto body = g.loop({.count = g.count(100000), .initial = {g.filled({1}, 0)}});
  g.output(g.finish(body, {g.pointwise(body.region, "add", {body.args[1], one})})[0]);
  expect_near(g.run()[0], f32({1}, {100000}));
}

TEST(InferGraph, ResolvesWhatLaterOpsAssume) {
  TestGraph g;
  const ValueId a = g.input("a", DType::kFloat32, {-1}), b = g.input("b", DType::kFloat32, {-1});
  const ValueId early = g.pointwise("neg", {b});
  g.output(g.pointwise("add", {a, b}));
  EXPECT_EQ(g.type_text(early), "f32[b.0]");
  infer_graph(g.graph);
  EXPECT_EQ(g.type_text(early), "f32[a.0]");
  EXPECT_EQ(g.graph.dims().checks().size(), 1u);
  EXPECT_NO_THROW(verify_types(g.graph, "test"));
}

TEST(VerifyTypes, NamesThePassAndTheValue) {
  TestGraph g;
  const ValueId y = g.pointwise("neg", {g.input("x", DType::kFloat32, {2})});
  g.output(y);
  g.graph.value(y).info.type.dims[0] = g.graph.dims().constant(3);
  try {
    verify_types(g.graph, "some_pass");
    FAIL();
  } catch (const InternalError& error) {
    EXPECT_NE(
        std::string(error.what()).find("after some_pass: value %1 '' is recorded as f32[3] but its op gives f32[2]"),
        std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace rondo::ops
