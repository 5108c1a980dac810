// Scatters whose operands do not fit.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

void scatter(Net& net, const Dims& data, ITensor& indices, ITensor& updates, ScatterMode mode, int32_t axis = 0) {
  IScatterLayer* layer = net->addScatter(net.input("data", data), indices, updates, mode);
  layer->setName("wrong");
  layer->setAxis(axis);
  net->markOutput(*layer->getOutput(0));
}

}  // namespace

TEST(ScatterConstraints, C1_FloatIndices) {
  Net net;
  scatter(net, Dims2(3, 4), net.constant(Dims2(1, 4)), net.constant(Dims2(1, 4)), ScatterMode::kELEMENT);
  expect_refused(net, {"scatter 'wrong'", "i32 or i64 is needed", "(scatter C1)"});
}

TEST(ScatterConstraints, C2_UpdatesOfAnotherType) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(1, 4), {0, 1, 2, 0}), net.integers(Dims2(1, 4), {0, 1, 2, 0}),
          ScatterMode::kELEMENT);
  expect_refused(net, {"differ in type", "(scatter C2)"});
}

TEST(ScatterConstraints, C3_AxisOutside) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(1, 4), {0, 1, 2, 0}), net.constant(Dims2(1, 4)), ScatterMode::kELEMENT,
          2);
  expect_refused(net, {"axis 2", "(scatter C3)"});
}

TEST(ScatterConstraints, C4_Ranks) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims{1, {4}}, {0, 1, 2, 0}), net.constant(Dims{1, {4}}),
          ScatterMode::kELEMENT);
  expect_refused(net, {"need one rank", "(scatter C4)"});
}

TEST(ScatterConstraints, C5_IndicesAndUpdatesDiffer) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(1, 4), {0, 1, 2, 0}), net.constant(Dims2(2, 4)), ScatterMode::kELEMENT);
  expect_refused(net, {"extents 0 of indices and updates", "(scatter C5)"});
}

TEST(ScatterConstraints, C5_UpdatesLargerThanData) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(1, 5), {0, 1, 2, 0, 1}), net.constant(Dims2(1, 5)),
          ScatterMode::kELEMENT);
  expect_refused(net, {"larger than data along dimension 1", "(scatter C5)"});
}

TEST(ScatterConstraints, C6_TooManyCoordinates) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(1, 3), {0, 1, 2}), net.constant(Dims{1, {1}}), ScatterMode::kND);
  expect_refused(net, {"a constant of 1 .. 2", "(scatter C6)"});
}

TEST(ScatterConstraints, C7_ShapeOfUpdates) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(2, 1), {0, 2}), net.constant(Dims2(2, 3)), ScatterMode::kND);
  expect_refused(net, {"extents 1 of the updates", "(scatter C7)"});
}

TEST(ScatterConstraints, C7_RankOfUpdates) {
  Net net;
  scatter(net, Dims2(3, 4), net.integers(Dims2(2, 1), {0, 2}), net.constant(Dims{1, {2}}), ScatterMode::kND);
  expect_refused(net, {"need rank 2", "(scatter C7)"});
}

TEST(ScatterConstraints, C8_UnknownMode) {
  Refusal r;
  r.expect(ir::OpKind::k_scatter, {{"mode", int64_t{2}}, {"axis", int64_t{0}}},
           {{DType::kFloat32, {2}}, {DType::kInt32, {1}}, {DType::kFloat32, {1}}}, "(scatter C8)");
}

}  // namespace rondo::test
