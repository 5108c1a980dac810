#include "tile/tile_program.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace rondo::tile {
namespace {

TileProgram sum_of_two() {
  TileProgram p;
  p.operand_dtypes = {DType::kFloat32, DType::kFloat16, DType::kInt32};
  p.acc_count = 1;
  p.insts.resize(4);
  p.insts[0].kind = InstKind::kLoad;
  p.insts[1].kind = InstKind::kAcc;
  p.insts[2].kind = InstKind::kPointwise;
  p.insts[2].fn = PointwiseFn::f_add;
  p.insts[2].args = {0, 1, 0};
  p.insts[3].kind = InstKind::kStore;
  p.insts[3].operand = 1;
  p.insts[3].args[0] = 2;
  return p;
}

TEST(TileProgram, Prints) {
  EXPECT_EQ(to_string(sum_of_two()),
            "%0 = load 0 : f32\n%1 = acc 0 : f32\n%2 = add %0 %1 : f32\nstore %2 -> 1 : f16\n");
}

TEST(TileProgram, AcceptsWhatIsWellFormed) {
  EXPECT_NO_THROW(verify(sum_of_two()));
  EXPECT_NO_THROW(verify(TileProgram{}));
}

template <class Change>
void expect_refused(Change change) {
  TileProgram p = sum_of_two();
  change(p);
  EXPECT_THROW(verify(p), Error);
}

TEST(TileProgram, RefusesWhatIsNot) {
  expect_refused([](TileProgram& p) { p.insts[2].args[1] = 2; });                 // itself
  expect_refused([](TileProgram& p) { p.insts[2].args[1] = 9; });                 // not there
  expect_refused([](TileProgram& p) { p.insts[0].operand = 3; });                 // no such operand
  expect_refused([](TileProgram& p) { p.insts[0].type = ValueType::kS32; });      // f32 memory
  expect_refused([](TileProgram& p) { p.insts[0].operand = 2; });                 // i32 memory
  expect_refused([](TileProgram& p) { p.insts[1].operand = 1; });                 // no such accumulator
  expect_refused([](TileProgram& p) { p.insts[2].type = ValueType::kS64; });      // add of f32
  expect_refused([](TileProgram& p) { p.insts[2].fn = PointwiseFn::f_and; });     // of f32
  expect_refused([](TileProgram& p) { p.insts[2].fn = PointwiseFn::f_less; });    // gives mask
  expect_refused([](TileProgram& p) { p.insts[2].fn = PointwiseFn::f_select; });  // needs a mask
  expect_refused([](TileProgram& p) { p.insts[2].fn = static_cast<PointwiseFn>(200); });
  expect_refused([](TileProgram& p) { p.insts[2].kind = static_cast<InstKind>(99); });
  expect_refused([](TileProgram& p) { p.insts[2].type = static_cast<ValueType>(7); });
  expect_refused([](TileProgram& p) { p.insts[3].type = ValueType::kMask; });                         // stores an f32
  expect_refused([](TileProgram& p) { p.insts.push_back(p.insts[2]), p.insts.back().args[0] = 3; });  // a store's value
  expect_refused([](TileProgram& p) { p.operand_dtypes[2] = static_cast<DType>(6); });
  expect_refused([](TileProgram& p) { p.operand_dtypes.resize(kMaxOperands + 1); });
  expect_refused([](TileProgram& p) { p.insts.resize(kMaxInsts + 1); });
}

TEST(OpTable, EveryNameParsesToItself) {
  for (size_t i = 0; i < kPointwiseCount; ++i) {
    PointwiseFn fn;
    ASSERT_TRUE(parse_pointwise(kPointwiseTable[i].name, &fn));
    EXPECT_EQ(static_cast<size_t>(fn), i);
    EXPECT_STREQ(pointwise_info(fn).name, kPointwiseTable[i].name);
  }
  PointwiseFn fn;
  EXPECT_FALSE(parse_pointwise("lstm", &fn));
  EXPECT_FALSE(parse_pointwise("", &fn));
}

TEST(OpTable, ReferenceDefinesTheEdges) {
  const auto s32 = [](PointwiseFn fn, double a, double b) { return evaluate(fn, ValueType::kS32, {a, b, 0}); };
  EXPECT_EQ(s32(PointwiseFn::f_div, -7, 2), -3);
  EXPECT_EQ(s32(PointwiseFn::f_floor_div, -7, 2), -4);
  EXPECT_EQ(s32(PointwiseFn::f_div, 7, 0), 0);
  EXPECT_EQ(s32(PointwiseFn::f_floor_div, 7, 0), 0);
  EXPECT_EQ(s32(PointwiseFn::f_pow, 2, -1), 0);
  EXPECT_EQ(s32(PointwiseFn::f_pow, -1, -3), -1);
  EXPECT_EQ(s32(PointwiseFn::f_cast, 1e20, 0), 2147483647);
  EXPECT_EQ(s32(PointwiseFn::f_cast, -1e20, 0), -2147483648.0);
  EXPECT_EQ(s32(PointwiseFn::f_cast, NAN, 0), 0);
  EXPECT_EQ(s32(PointwiseFn::f_cast, -2.7, 0), -2);
  const auto f32 = [](PointwiseFn fn, double a, double b) { return evaluate(fn, ValueType::kF32, {a, b, 0}); };
  EXPECT_EQ(f32(PointwiseFn::f_max, NAN, 2), 2);
  EXPECT_EQ(f32(PointwiseFn::f_min, 2, NAN), 2);
  EXPECT_EQ(f32(PointwiseFn::f_round, 2.5, 0), 2);
  EXPECT_EQ(f32(PointwiseFn::f_round, -3.5, 0), -4);
  EXPECT_EQ(f32(PointwiseFn::f_sigmoid, -800, 0), 0);
  EXPECT_EQ(f32(PointwiseFn::f_floor_div, -7, 2), -4);
  EXPECT_EQ(evaluate(PointwiseFn::f_select, ValueType::kF32, {1, 5, 6}), 5);
  EXPECT_EQ(evaluate(PointwiseFn::f_xor, ValueType::kMask, {1, 1, 0}), 0);
}

TEST(OpTable, TypesOfDtypes) {
  EXPECT_EQ(value_type(DType::kBFloat16), ValueType::kF32);
  EXPECT_EQ(value_type(DType::kUint8), ValueType::kS32);
  EXPECT_EQ(value_type(DType::kInt64), ValueType::kS64);
  EXPECT_EQ(value_type(DType::kBool), ValueType::kMask);
  EXPECT_EQ(value_bytes(ValueType::kMask), 1u);
  EXPECT_EQ(value_bytes(ValueType::kS64), 8u);
}

}  // namespace
}  // namespace rondo::tile
