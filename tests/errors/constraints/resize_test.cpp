// Resizes that the rules of docs/ops/primitive/resize.md forbid.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test::resize_mistakes {
namespace {

IResizeLayer* resize(Net& net, const Dims& dims, InterpolationMode mode, DataType type = DataType::kFLOAT) {
  IResizeLayer* layer = net->addResize(net.input("x", dims, type));
  layer->setName("up");
  layer->setResizeMode(mode);
  net->markOutput(*layer->getOutput(0));
  return layer;
}

TEST(ResizeConstraints, OneExtentPerDimension) {
  Net net;
  resize(net, Dims3(2, 3, 4), InterpolationMode::kNEAREST)->setOutputDimensions(Dims2(6, 8));
  expect_refused(net, {"resize 'up'", "2 dimensions", "(resize C1)"});
}

TEST(ResizeConstraints, OneScalePerDimension) {
  Net net;
  const float scales[] = {2, 2};
  resize(net, Dims3(2, 3, 4), InterpolationMode::kNEAREST)->setScales(scales, 2);
  expect_refused(net, {"layer 'up'", "2 scales", "(resize C1)"});
}

TEST(ResizeConstraints, NoSizeAtAll) {
  Net net;
  resize(net, Dims2(3, 4), InterpolationMode::kNEAREST);
  expect_refused(net, {"layer 'up'", "setOutputDimensions or setScales"});
}

TEST(ResizeConstraints, ScalesAreAboveZero) {
  Net net;
  const float scales[] = {2, 0};
  resize(net, Dims2(3, 4), InterpolationMode::kNEAREST)->setScales(scales, 2);
  expect_message(net, {"layer 'up'", "scale 1 is 0"});
}

TEST(ResizeConstraints, EnumeratorsOfTheApi) {
  Net net;
  resize(net, Dims2(3, 4), InterpolationMode::kNEAREST)->setNearestRounding(static_cast<ResizeRoundMode>(4));
  expect_message(net, {"ResizeRoundMode is 4"});
}

TEST(ResizeConstraints, Enumerators) {
  for (const char* name : {"mode", "transform", "selector", "rounding"}) {
    Refusal refusal;
    ir::Attrs attrs{{"shape", refusal.dims({4})}};
    for (const char* other : {"mode", "transform", "selector", "rounding"}) attrs.set(other, int64_t{0});
    EXPECT_EQ(refusal.of(ir::OpKind::k_resize, attrs, {{DType::kFloat32, {3}}}), "");
    attrs.set(name, int64_t{4});
    refusal.expect(ir::OpKind::k_resize, attrs, {{DType::kFloat32, {3}}}, "(resize C2)");
  }
}

TEST(ResizeConstraints, LinearChangesThreeDimensions) {
  Net net;
  resize(net, Dims4(2, 3, 4, 5), InterpolationMode::kLINEAR)->setOutputDimensions(Dims4(4, 3, 4, 5));
  expect_refused(net, {"resize 'up'", "dimension 0", "last three", "(resize C3)"});
}

TEST(ResizeConstraints, CubicChangesTwoDimensions) {
  Net net;
  resize(net, Dims4(2, 3, 4, 5), InterpolationMode::kCUBIC)->setOutputDimensions(Dims4(2, 6, 4, 5));
  expect_refused(net, {"resize 'up'", "dimension 1", "last two", "(resize C3)"});
}

TEST(ResizeConstraints, IntegersAreNotInterpolated) {
  Net net;
  resize(net, Dims2(3, 4), InterpolationMode::kLINEAR, DataType::kINT32)->setOutputDimensions(Dims2(3, 8));
  expect_refused(net, {"resize 'up'", "floating-point", "(resize C4)"});
}

TEST(ResizeConstraints, NothingGrowsOutOfNothing) {
  Net net;
  resize(net, Dims2(0, 4), InterpolationMode::kLINEAR)->setOutputDimensions(Dims2(2, 4));
  expect_refused(net, {"resize 'up'", "dimension 0", "empty", "(resize C5)"});
}

}  // namespace
}  // namespace rondo::test::resize_mistakes
