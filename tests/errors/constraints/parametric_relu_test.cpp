// Parametric ReLUs that the rules of docs/ops/structured/parametric_relu.md forbid.

#include "errors/mistake.h"

namespace rondo::test::parametric_relu_mistakes {
namespace {

void expect(const Dims& x, const Dims& slope, DataType type, const char* constraint) {
  Net net;
  IParametricReLULayer* layer = net->addParametricReLU(net.input("x", x, type), net.input("slope", slope, type));
  layer->setName("act");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"parametric_relu 'act'", constraint});
}

TEST(ParametricReluConstraints, Ranks) {
  expect(Dims3(2, 3, 4), Dims{1, {4}}, DataType::kFLOAT, "(parametric_relu C1)");
}

TEST(ParametricReluConstraints, SlopesBroadcastOneWay) {
  expect(Dims2(3, 4), Dims2(3, 2), DataType::kFLOAT, "(parametric_relu C2)");
  expect(Dims2(1, 4), Dims2(3, 4), DataType::kFLOAT, "(parametric_relu C2)");
}

TEST(ParametricReluConstraints, FloatTypes) {
  expect(Dims2(3, 4), Dims2(3, 4), DataType::kINT32, "(parametric_relu C3)");
}

}  // namespace
}  // namespace rondo::test::parametric_relu_mistakes
