// Ragged softmaxes that the rules of docs/ops/structured/ragged_softmax.md forbid.

#include "errors/mistake.h"

namespace rondo::test::ragged_softmax_mistakes {
namespace {

void expect(const Dims& x, const Dims& bounds, DataType x_type, DataType bounds_type, const char* constraint) {
  Net net;
  IRaggedSoftMaxLayer* layer = net->addRaggedSoftMax(net.input("x", x, x_type), net.input("n", bounds, bounds_type));
  layer->setName("rows");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"ragged_softmax 'rows'", constraint});
}

constexpr DataType kFloat = DataType::kFLOAT, kInt = DataType::kINT32;

TEST(RaggedSoftmaxConstraints, Ranks) {
  expect(Dims3(2, 3, 4), Dims2(3, 1), kFloat, kInt, "(ragged_softmax C1)");
  expect(Dims{1, {4}}, Dims{1, {1}}, kFloat, kInt, "(ragged_softmax C1)");
}

TEST(RaggedSoftmaxConstraints, OneBoundPerRow) {
  expect(Dims3(2, 3, 4), Dims3(2, 2, 1), kFloat, kInt, "(ragged_softmax C2)");
  expect(Dims3(2, 3, 4), Dims3(2, 3, 4), kFloat, kInt, "(ragged_softmax C2)");
}

TEST(RaggedSoftmaxConstraints, FloatData) { expect(Dims2(3, 4), Dims2(3, 1), kInt, kInt, "(ragged_softmax C3)"); }

TEST(RaggedSoftmaxConstraints, IntegerBounds) {
  expect(Dims2(3, 4), Dims2(3, 1), kFloat, kFloat, "(ragged_softmax C4)");
}

}  // namespace
}  // namespace rondo::test::ragged_softmax_mistakes
