#include "tile/op_table.h"

#include <gtest/gtest.h>

namespace rondo::tile {
namespace {

constexpr double kTwo31 = 2147483648.0, kTwo63 = 9223372036854775808.0;

TEST(Evaluate, SumsAndDifferencesOfIntegersWrap) {
  EXPECT_EQ(evaluate(PointwiseFn::f_add, ValueType::kS32, {kTwo31 - 1, 1, 0}), -kTwo31);
  EXPECT_EQ(evaluate(PointwiseFn::f_sub, ValueType::kS32, {-kTwo31, 1, 0}), kTwo31 - 1);
  EXPECT_EQ(evaluate(PointwiseFn::f_add, ValueType::kS64, {kTwo63, 1, 0}), -kTwo63);
}

TEST(Evaluate, ProductsOfIntegersWrapWhereADoubleWouldRound) {
  EXPECT_EQ(evaluate(PointwiseFn::f_mul, ValueType::kS32, {kTwo31 - 1, kTwo31 - 1, 0}), 1);
  EXPECT_EQ(evaluate(PointwiseFn::f_mul, ValueType::kS64, {kTwo63, -18014398509481984.0, 0}), 18014398509481984.0);
  EXPECT_EQ(evaluate(PointwiseFn::f_pow, ValueType::kS32, {-3, 21, 0}), -1870418611.0);
}

TEST(Evaluate, FloatsDoNotWrap) {
  EXPECT_EQ(evaluate(PointwiseFn::f_mul, ValueType::kF32, {kTwo31, kTwo31, 0}), kTwo31 * kTwo31);
}

}  // namespace
}  // namespace rondo::tile
