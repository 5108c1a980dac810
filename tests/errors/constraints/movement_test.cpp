// The movement ops, asked wrongly: transpose, reshape, broadcast, slice, concat, gather, shuffle.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

constexpr DType kF32 = DType::kFloat32, kI32 = DType::kInt32;

ir::Attrs gather_attrs(int64_t mode, int64_t axis, int64_t elementwise) {
  return {{"mode", mode}, {"axis", axis}, {"elementwise_dims", elementwise}};
}

ir::Attrs shuffle_attrs(Refusal& r, const std::vector<int64_t>& perm, const std::vector<int64_t>& reshape,
                        bool zero = true) {
  return {{"perm1", perm},
          {"has_reshape", int64_t{!reshape.empty()}},
          {"reshape", r.dims(reshape)},
          {"zero_is_placeholder", int64_t{zero}},
          {"perm2", std::vector<int64_t>{}}};
}

}  // namespace

TEST(TransposeConstraints, C1_AxisTwice) {
  Refusal().expect(ir::OpKind::k_transpose, {{"perm", std::vector<int64_t>{0, 0}}}, {{kF32, {2, 3}}}, "(transpose C1)");
}

TEST(ReshapeConstraints, C1_Volumes) {
  Refusal r;
  r.expect(ir::OpKind::k_reshape, {{"shape", r.dims({5})}}, {{kF32, {2, 3}}}, "(reshape C1)");
}

TEST(BroadcastConstraints, C1_Ranks) {
  Refusal r;
  r.expect(ir::OpKind::k_broadcast, {{"shape", r.dims({2, 3})}}, {{kF32, {3}}}, "(broadcast C1)");
}

TEST(BroadcastConstraints, C2_Extents) {
  Refusal r;
  r.expect(ir::OpKind::k_broadcast, {{"shape", r.dims({2, 3})}}, {{kF32, {2, 2}}}, "(broadcast C2)");
}

TEST(SliceConstraints, C1_EntryPerDimension) {
  Net net;
  ISliceLayer* part = net->addSlice(net.input("x", Dims2(3, 4)), Dims{1, {0}}, Dims{1, {2}}, Dims{1, {1}});
  part->setName("part");
  net->markOutput(*part->getOutput(0));
  expect_refused(net, {"slice 'part'", "needs 2 of each", "(slice C1)"});
}

TEST(SliceConstraints, C2_NegativeSize) {
  Net net;
  ISliceLayer* part = net->addSlice(net.input("x", Dims2(3, 4)), Dims2(0, 0), Dims2(3, -2), Dims2(1, 1));
  part->setName("part");
  net->markOutput(*part->getOutput(0));
  expect_refused(net, {"size -2 of dimension 1", "(slice C2)"});
}

TEST(SliceConstraints, C3_Outside) {
  Net net;
  ISliceLayer* part = net->addSlice(net.input("x", Dims2(3, 4)), Dims2(0, 1), Dims2(3, 3), Dims2(1, 2));
  part->setName("part");
  net->markOutput(*part->getOutput(0));
  expect_refused(net, {"index 5", "(slice C3)"});
}

TEST(SliceConstraints, AxisOutside) {
  Net net;
  ISliceLayer* part = net->addSlice(net.input("x", Dims2(3, 4)), Dims{1, {0}}, Dims{1, {2}}, Dims{1, {1}});
  part->setName("part");
  part->setAxes(Dims{1, {2}});
  net->markOutput(*part->getOutput(0));
  expect_refused(net, {"layer 'part'", "axis 2 is outside -2 .. 1"});
}

TEST(ConcatConstraints, C1_Ranks) {
  Refusal().expect(ir::OpKind::k_concat, {{"axis", int64_t{0}}}, {{kF32, {2, 3}}, {kF32, {3}}}, "(concat C1)");
}

TEST(ConcatConstraints, C2_AxisOutside) {
  Refusal().expect(ir::OpKind::k_concat, {{"axis", int64_t{2}}}, {{kF32, {2, 3}}, {kF32, {2, 3}}}, "(concat C2)");
}

TEST(ConcatConstraints, C3_Extents) {
  Refusal().expect(ir::OpKind::k_concat, {{"axis", int64_t{0}}}, {{kF32, {2, 3}}, {kF32, {2, 4}}}, "(concat C3)");
}

TEST(ConcatConstraints, C4_Types) {
  Refusal().expect(ir::OpKind::k_concat, {{"axis", int64_t{0}}}, {{kF32, {2, 3}}, {kI32, {2, 3}}}, "(concat C4)");
}

TEST(GatherConstraints, C1_FloatIndices) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(0, 0, 0), {{kF32, {2, 3}}, {kF32, {2}}}, "(gather C1)");
}

TEST(GatherConstraints, C2_AxisOutside) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(0, 2, 0), {{kF32, {2, 3}}, {kI32, {2}}}, "(gather C2)");
}

TEST(GatherConstraints, C3_SharedExtents) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(0, 1, 1), {{kF32, {2, 3}}, {kI32, {4, 2}}}, "(gather C3)");
}

TEST(GatherConstraints, C4_ElementRanks) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(1, 0, 0), {{kF32, {2, 3}}, {kI32, {2}}}, "(gather C4)");
}

TEST(GatherConstraints, C5_TooManyCoordinates) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(2, 0, 0), {{kF32, {2, 3}}, {kI32, {5, 3}}}, "(gather C5)");
}

TEST(GatherConstraints, C6_TooManySharedDimensions) {
  Refusal().expect(ir::OpKind::k_gather, gather_attrs(0, 1, 2), {{kF32, {2, 3}}, {kI32, {2}}}, "(gather C6)");
}

TEST(GatherConstraints, RankOfTheResult) {
  Net net;
  IGatherLayer* rows = net->addGather(net.input("x", Dims{5, {1, 1, 1, 1, 1}}),
                                      net.input("at", Dims{5, {1, 1, 1, 1, 1}}, DataType::kINT32), 0);
  rows->setName("rows");
  net->markOutput(*rows->getOutput(0));
  expect_refused(net, {"layer 'rows'", "output 0 has rank 9; at most 8"});
}

TEST(ShuffleConstraints, C1_AxisTwice) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {1, 1}, {}), {{kF32, {2, 3}}}, "(shuffle C1)");
}

TEST(ShuffleConstraints, C2_TwoToInfer) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {}, {-1, -1}), {{kF32, {2, 3}}}, "(shuffle C2)");
}

TEST(ShuffleConstraints, C2_InferredBesideZero) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {}, {0, -1}, false), {{kF32, {2, 3}}}, "(shuffle C2)");
}

TEST(ShuffleConstraints, C3_Volumes) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {}, {4, 2}), {{kF32, {2, 3}}}, "(shuffle C3)");
}

TEST(ShuffleConstraints, C4_NothingToCopy) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {}, {2, 3, 0}), {{kF32, {2, 3}}}, "(shuffle C4)");
}

TEST(ShuffleConstraints, C5_NegativeExtent) {
  Refusal r;
  r.expect(ir::OpKind::k_shuffle, shuffle_attrs(r, {}, {-2, 3}), {{kF32, {2, 3}}}, "(shuffle C5)");
}

}  // namespace rondo::test
