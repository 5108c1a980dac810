// What docs/ops/structured/non_zero.md and docs/ops/primitive/find_nonzero.md forbid.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test::non_zero_mistakes {
namespace {

TEST(NonZeroConstraints, AtLeastOneDimension) {
  Net net;
  INonZeroLayer* layer = net->addNonZero(net.input("x", Dims{0, {}}));
  layer->setName("where");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"non_zero 'where'", "no dimensions", "(non_zero C1)"});
}

TEST(NonZeroConstraints, IndexTypeOfTheApi) {
  Net net;
  EXPECT_EQ(net->addNonZero(net.input("x", Dims2(2, 2)), DataType::kFLOAT), nullptr);
  expect_message(net, {"addNonZero", "kINT32 or kINT64"});
}

void expect_attributes(ir::OpKind kind, const ir::Dims& count, DType indices, const char* part) {
  const ir::Attrs attrs{{"count", count}, {"indices", static_cast<int64_t>(indices)}};
  Refusal().expect(kind, attrs, {{DType::kFloat32, {2, 3}}}, part);
}

TEST(NonZeroConstraints, Attributes) {
  expect_attributes(ir::OpKind::k_non_zero, {ir::Dim{}}, DType::kInt8, "(non_zero C2)");
  expect_attributes(ir::OpKind::k_non_zero, {}, DType::kInt32, "(non_zero C3)");
}

TEST(FindNonzeroConstraints, RankAndAttributes) {
  Refusal refusal;
  const ir::Attrs attrs{{"count", refusal.dims({4})}, {"indices", static_cast<int64_t>(DType::kInt32)}};
  refusal.expect(ir::OpKind::k_find_nonzero, attrs, {{DType::kFloat32, {}}}, "(find_nonzero C1)");
  expect_attributes(ir::OpKind::k_find_nonzero, {ir::Dim{}}, DType::kInt8, "(find_nonzero C2)");
  expect_attributes(ir::OpKind::k_find_nonzero, {}, DType::kInt32, "(find_nonzero C3)");
}

}  // namespace
}  // namespace rondo::test::non_zero_mistakes
