// Made values.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

IFillLayer* fill(Net& net, const Dims& dims, FillOperation op, DataType type = DataType::kFLOAT) {
  IFillLayer* layer = net->addFill(dims, op, type);
  layer->setName("made");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

}  // namespace

TEST(FillConstraints, C1_UnknownOperation) {
  Refusal r;
  r.expect(ir::OpKind::k_fill, {{"op", int64_t{3}}, {"shape", r.dims({2})}, {"to", int64_t{0}}, {"seed", int64_t{0}}},
           {{DType::kFloat32, {}}, {DType::kFloat32, {1}}}, "(fill C1)");
}

TEST(FillConstraints, C2_NegativeExtent) {
  Net net;
  fill(net, Dims{1, {2}}, FillOperation::kRANDOM_UNIFORM)->setInput(0, net.integers(Dims{1, {2}}, {3, -3}));
  expect_refused(net, {"fill 'made'", "extent -3 is negative", "(fill C2)"});
}

TEST(FillConstraints, C3_AlphaOfRankOne) {
  Net net;
  fill(net, Dims{1, {2}}, FillOperation::kLINSPACE)->setInput(1, net.constant(Dims{1, {1}}));
  expect_refused(net, {"alpha is f32[1]", "(fill C3)"});
}

TEST(FillConstraints, C4_StepPerDimension) {
  Net net;
  fill(net, Dims2(2, 3), FillOperation::kLINSPACE)->setInput(2, net.constant(Dims{1, {3}}));
  expect_refused(net, {"one per dimension", "(fill C4)"});
}

TEST(FillConstraints, C4_DeviationOfRankOne) {
  Net net;
  fill(net, Dims2(2, 3), FillOperation::kRANDOM_NORMAL)->setInput(2, net.constant(Dims{1, {1}}));
  expect_refused(net, {"a 0-D tensor is needed", "(fill C4)"});
}

TEST(FillConstraints, C5_RandomIntegers) {
  Net net;
  fill(net, Dims2(2, 3), FillOperation::kRANDOM_UNIFORM, DataType::kINT32);
  expect_refused(net, {"random numbers have a float type", "(fill C5)"});
}

TEST(FillConstraints, C6_MixedParameters) {
  Net net;
  IFillLayer* layer = fill(net, Dims{1, {4}}, FillOperation::kLINSPACE);
  layer->setInput(1, net.scalar(1));
  layer->setInput(2, net.constant(Dims{1, {1}}));
  expect_refused(net, {"alpha and beta are i32[], f32[1]", "(fill C6)"});
}

TEST(FillConstraints, C7_StreamOfAnotherType) {
  Net net;
  fill(net, Dims2(2, 3), FillOperation::kRANDOM_UNIFORM)->setInput(3, net.scalar(1));
  expect_refused(net, {"the stream is i32[]", "a 0-D i64 is needed", "(fill C7)"});
}

TEST(FillConstraints, C7_StreamOfALinspace) {
  Net net;
  fill(net, Dims{1, {4}}, FillOperation::kLINSPACE)->setInput(3, net.scalar(1));
  expect_refused(net, {"a linspace has no stream", "(fill C7)"});
}

TEST(FillConstraints, StaticStepOfTwoDimensions) {
  Net net;
  fill(net, Dims2(2, 3), FillOperation::kLINSPACE);
  expect_refused(net, {"layer 'made'", "a step per dimension"});
}

}  // namespace rondo::test
