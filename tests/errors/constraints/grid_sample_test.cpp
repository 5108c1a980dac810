// Grid samples that the rules of docs/ops/primitive/grid_sample.md forbid.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test::grid_sample_mistakes {
namespace {

IGridSampleLayer* sample(Net& net, const Dims& x, const Dims& grid, DataType x_type = DataType::kFLOAT,
                         DataType grid_type = DataType::kFLOAT) {
  IGridSampleLayer* layer = net->addGridSample(net.input("x", x, x_type), net.input("grid", grid, grid_type));
  layer->setName("warp");
  net->markOutput(*layer->getOutput(0));
  return layer;
}

TEST(GridSampleConstraints, Ranks) {
  Net net;
  sample(net, Dims3(1, 4, 4), Dims3(1, 2, 2));
  expect_refused(net, {"grid_sample 'warp'", "(grid_sample C1)"});
}

TEST(GridSampleConstraints, OneBatch) {
  Net net;
  sample(net, Dims4(2, 1, 4, 4), Dims4(3, 2, 2, 2));
  expect_refused(net, {"grid_sample 'warp'", "2 and 3", "(grid_sample C2)"});
}

TEST(GridSampleConstraints, TwoCoordinates) {
  Net net;
  sample(net, Dims4(2, 1, 4, 4), Dims4(2, 2, 2, 3));
  expect_refused(net, {"grid_sample 'warp'", "spatial dimensions", "(grid_sample C2)"});
}

TEST(GridSampleConstraints, IntegersAreNotInterpolated) {
  Net net;
  sample(net, Dims4(2, 1, 4, 4), Dims4(2, 2, 2, 2), DataType::kINT32);
  expect_refused(net, {"grid_sample 'warp'", "(grid_sample C3)"});
}

TEST(GridSampleConstraints, CoordinatesAreFloat) {
  Net net;
  sample(net, Dims4(2, 1, 4, 4), Dims4(2, 2, 2, 2), DataType::kFLOAT, DataType::kINT32);
  expect_refused(net, {"grid_sample 'warp'", "(grid_sample C4)"});
}

TEST(GridSampleConstraints, SampleModesOfTheApi) {
  for (SampleMode mode : {SampleMode::kSTRICT_BOUNDS, SampleMode::kWRAP}) {
    Net net;
    IGridSampleLayer* layer = sample(net, Dims4(2, 1, 4, 4), Dims4(2, 2, 2, 2));
    EXPECT_FALSE(layer->setSampleMode(mode));
    EXPECT_EQ(layer->getSampleMode(), SampleMode::kFILL);
    expect_message(net, {"layer 'warp'", "(grid_sample C5)"});
  }
}

TEST(GridSampleConstraints, Modes) {
  const std::vector<Refusal::Operand> operands{{DType::kFloat32, {1, 1, 2, 2}}, {DType::kFloat32, {1, 2, 2, 2}}};
  const auto expect = [&](int64_t mode, int64_t padding) {
    const ir::Attrs attrs{{"mode", mode}, {"padding", padding}, {"align_corners", int64_t{0}}};
    Refusal().expect(ir::OpKind::k_grid_sample, attrs, operands, "(grid_sample C5)");
  };
  expect(3, 3);
  expect(0, 1);
}

TEST(GridSampleConstraints, CubicInTwoDimensions) {
  Net net;
  sample(net, Dims{5, {1, 1, 2, 2, 2}}, Dims{5, {1, 2, 2, 2, 3}})->setInterpolationMode(InterpolationMode::kCUBIC);
  expect_refused(net, {"grid_sample 'warp'", "rank 4", "(grid_sample C6)"});
}

TEST(GridSampleConstraints, AnEmptyImageHasNoSamples) {
  Net net;
  sample(net, Dims4(1, 1, 0, 4), Dims4(1, 2, 2, 2));
  expect_refused(net, {"grid_sample 'warp'", "dimension 2", "(grid_sample C7)"});
}

}  // namespace
}  // namespace rondo::test::grid_sample_mistakes
