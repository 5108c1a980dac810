// Tile programs that fold rows: what is well-formed and how it reads. tests/runtime/row_stage_test.cpp runs them.
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "tile/tile_program.h"

namespace rondo::tile {
namespace {

TileProgram shifted_by_maximum() {
  TileProgram p;
  p.operand_dtypes = {DType::kFloat32, DType::kFloat16};
  p.row_axes = 1;
  p.insts.resize(4);
  p.insts[0].kind = InstKind::kLoad;
  p.insts[1].kind = InstKind::kRowReduce;
  p.insts[1].operand = static_cast<uint16_t>(RowFold::kMax);
  p.insts[2].kind = InstKind::kPointwise;
  p.insts[2].fn = PointwiseFn::f_sub;
  p.insts[2].args = {0, 1, 0};
  p.insts[3].kind = InstKind::kStore;
  p.insts[3].operand = 1;
  p.insts[3].args[0] = 2;
  return p;
}

TEST(RowProgram, Prints) {
  EXPECT_NO_THROW(verify(shifted_by_maximum()));
  EXPECT_EQ(to_string(shifted_by_maximum()),
            "%0 = load 0 : f32\n%1 = row_max %0 : f32\n%2 = sub %0 %1 : f32\nstore %2 -> 1 : f16\n");
}

template <class Change>
void expect_refused(const std::string& message, Change change) {
  TileProgram p = shifted_by_maximum();
  change(p);
  try {
    verify(p);
    ADD_FAILURE() << "accepted: " << message;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(RowProgram, RefusesWhatIsMalformed) {
  expect_refused("instruction 1: unknown row reduction", [](TileProgram& p) { p.insts[1].operand = 5; });
  expect_refused("instruction 1: argument %1 is not an earlier", [](TileProgram& p) { p.insts[1].args[0] = 1; });
  expect_refused("takes f32 and gives f32", [](TileProgram& p) { p.insts[1].type = ValueType::kS32; });
  expect_refused("takes f32 and gives f32", [](TileProgram& p) {
    p.operand_dtypes[0] = DType::kInt32;
    p.insts[0].type = ValueType::kS32;
  });
  expect_refused("rows of products cannot be folded", [](TileProgram& p) { p.acc_count = 1; });
  expect_refused("rows of 0 axes, but it folds rows", [](TileProgram& p) { p.row_axes = 0; });
  expect_refused("rows of 1 axes, but it folds none", [](TileProgram& p) {
    p.insts[1].kind = InstKind::kPointwise;
    p.insts[1].fn = PointwiseFn::f_exp;
  });
  expect_refused("instruction 4: a program that folds rows loads and folds before it stores",
                 [](TileProgram& p) { p.insts.push_back(p.insts[0]); });
  expect_refused("instruction 4: a program that folds rows loads and folds before it stores",
                 [](TileProgram& p) { p.insts.push_back(p.insts[1]); });
}

}  // namespace
}  // namespace rondo::tile
