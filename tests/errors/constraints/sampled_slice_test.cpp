// Slices beyond the edge, asked wrongly.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

ISliceLayer* beyond(Net& net, const Dims& x, const Dims& start, const Dims& size, SampleMode mode) {
  const Dims ones{start.nbDims, {1, 1, 1}};
  ISliceLayer* slice = net->addSlice(net.input("x", x), start, size, ones);
  slice->setName("beyond");
  slice->setMode(mode);
  net->markOutput(*slice->getOutput(0));
  return slice;
}

}  // namespace

TEST(SampledSliceConstraints, C1_EntryPerDimension) {
  Net net;
  beyond(net, Dims2(3, 4), Dims{1, {0}}, Dims{1, {2}}, SampleMode::kWRAP);
  expect_refused(net, {"sampled_slice 'beyond'", "needs 2 of each", "(sampled_slice C1)"});
}

TEST(SampledSliceConstraints, C2_NegativeSize) {
  Net net;
  beyond(net, Dims2(3, 4), Dims2(0, 0), Dims2(3, -1), SampleMode::kCLAMP);
  expect_refused(net, {"size -1 of dimension 1", "(sampled_slice C2)"});
}

TEST(SampledSliceConstraints, C3_UnknownMode) {
  Refusal r;
  r.expect(ir::OpKind::k_sampled_slice,
           {{"start", r.dims({0})}, {"size", r.dims({2})}, {"stride", r.dims({1})}, {"mode", int64_t{5}}},
           {{DType::kFloat32, {2}}}, "(sampled_slice C3)");
}

TEST(SampledSliceConstraints, C4_FillOfAnotherType) {
  Refusal r;
  const ir::Attrs attrs{{"start", r.dims({-1})}, {"size", r.dims({4})}, {"stride", r.dims({1})}, {"mode", int64_t{3}}};
  r.expect(ir::OpKind::k_sampled_slice, attrs, {{DType::kFloat32, {2}}, {DType::kInt32, {}}}, "(sampled_slice C4)");
  r.expect(ir::OpKind::k_sampled_slice, attrs, {{DType::kFloat32, {2}}, {DType::kFloat32, {1}}}, "(sampled_slice C4)");
}

TEST(SampledSliceConstraints, C5_NothingToTake) {
  Net net;
  beyond(net, Dims2(0, 4), Dims2(0, 0), Dims2(2, 4), SampleMode::kREFLECT);
  expect_refused(net, {"has no elements to take 2 from", "(sampled_slice C5)"});
}

TEST(SampledSliceConstraints, C6_StrictLeavesTheOperand) {
  Refusal r;
  r.expect(ir::OpKind::k_sampled_slice,
           {{"start", r.dims({1})}, {"size", r.dims({3})}, {"stride", r.dims({2})}, {"mode", int64_t{0}}},
           {{DType::kFloat32, {4}}}, "(sampled_slice C6)");
}

}  // namespace rondo::test
