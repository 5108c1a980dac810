#include "ir/dim.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"

namespace rondo::ir {
namespace {

class DimTest : public ::testing::Test {
 protected:
  Dim make(const char* name, SymbolSource source = SymbolSource::kInputDim) {
    return pool_.symbol(Symbol{name, source, 0, static_cast<int32_t>(pool_.symbol_count())});
  }
  Dim c(int64_t value) { return pool_.constant(value); }
  std::string str(Dim d) { return pool_.to_string(d); }

  DimPool pool_;
  Dim x_ = make("x.0");
  Dim y_ = make("y.0");
};

TEST_F(DimTest, DefaultHandleIsZero) { EXPECT_EQ(pool_.value(Dim{}), 0); }

TEST_F(DimTest, SumsAndProductsMeetInOneForm) {
  EXPECT_EQ(pool_.add(pool_.mul(x_, c(2)), x_), pool_.mul(c(3), x_));
  EXPECT_EQ(pool_.mul(pool_.add(x_, c(1)), pool_.sub(x_, c(1))), pool_.sub(pool_.mul(x_, x_), c(1)));
  EXPECT_EQ(pool_.sub(pool_.add(x_, y_), y_), x_);
  EXPECT_EQ(pool_.mul(x_, c(0)), c(0));
  EXPECT_EQ(str(pool_.add(pool_.mul(pool_.mul(y_, x_), c(2)), c(3))), "2*x.0*y.0 + 3");
  EXPECT_EQ(str(pool_.sub(c(3), x_)), "-x.0 + 3");
  EXPECT_EQ(pool_.product(std::vector<Dim>{x_, c(4), y_}), pool_.mul(pool_.mul(y_, x_), c(4)));
  EXPECT_EQ(pool_.product({}), c(1));
}

TEST_F(DimTest, ConstantQuotientsSplit) {
  EXPECT_EQ(pool_.floor_div(pool_.add(pool_.mul(x_, c(2)), c(3)), c(2)), pool_.add(x_, c(1)));
  EXPECT_EQ(str(pool_.ceil_div(x_, c(2))), "floordiv(x.0 + 1, 2)");
  EXPECT_EQ(pool_.floor_div(pool_.add(x_, c(5)), c(2)), pool_.add(pool_.floor_div(pool_.add(x_, c(1)), c(2)), c(2)));
  EXPECT_EQ(pool_.floor_div(pool_.floor_div(x_, c(2)), c(3)), pool_.floor_div(x_, c(6)));
  EXPECT_EQ(str(pool_.floor_div(pool_.add(pool_.mul(x_, c(4)), c(3)), c(6))), "floordiv(2*x.0 + 1, 3)");
  EXPECT_EQ(pool_.floor_div(c(-7), c(2)), c(-4));
  EXPECT_EQ(pool_.ceil_div(c(-7), c(2)), c(-3));
  EXPECT_EQ(pool_.floor_div(c(7), c(-2)), c(-4));
}

TEST_F(DimTest, SymbolicQuotientsSimplifyWhenExact) {
  const Dim xy4 = pool_.mul(pool_.mul(x_, y_), c(4));
  EXPECT_EQ(pool_.floor_div(xy4, x_), pool_.mul(y_, c(4)));
  EXPECT_EQ(pool_.floor_div(xy4, xy4), c(1));
  const Dim sum = pool_.add(x_, c(1));
  EXPECT_EQ(pool_.ceil_div(pool_.mul(sum, pool_.add(x_, y_)), sum), pool_.add(x_, y_));
  EXPECT_EQ(str(pool_.ceil_div(x_, y_)), "ceildiv(x.0, y.0)");
  EXPECT_THROW(pool_.floor_div(x_, c(0)), Error);
}

TEST_F(DimTest, MinimumAndMaximum) {
  EXPECT_EQ(pool_.min(x_, pool_.add(x_, c(2))), x_);
  EXPECT_EQ(pool_.max(x_, c(0)), x_);
  EXPECT_EQ(pool_.min(pool_.min(x_, y_), c(4)), pool_.min(x_, pool_.min(c(4), y_)));
  EXPECT_EQ(pool_.max(c(3), c(7)), c(7));
  EXPECT_EQ(str(pool_.max(y_, x_)), "max(x.0, y.0)");
  const Dim v = make("v", SymbolSource::kInputValue);
  EXPECT_NE(pool_.max(v, c(0)), v) << "values may be negative";
}

TEST_F(DimTest, OverflowIsAnError) {
  EXPECT_THROW(pool_.add(c(INT64_MAX), c(1)), Error);
  EXPECT_THROW(pool_.mul(pool_.mul(x_, c(INT64_MAX)), c(2)), Error);
  EXPECT_THROW(pool_.floor_div(c(INT64_MIN), c(-1)), Error);
  Dim power = pool_.add(x_, y_);
  EXPECT_THROW(for (int i = 0; i < 12; ++i) power = pool_.mul(power, power), Error);
}

TEST_F(DimTest, AssumedSymbolsAreReplaced) {
  EXPECT_TRUE(pool_.assume_equal(y_, x_, "y is x"));
  EXPECT_EQ(pool_.resolve(y_), x_);
  EXPECT_EQ(pool_.add(x_, y_), pool_.mul(x_, c(2)));
  EXPECT_TRUE(pool_.same(pool_.floor_div(y_, c(2)), pool_.floor_div(x_, c(2))));
  EXPECT_TRUE(pool_.assume_equal(y_, x_, "again"));
  ASSERT_EQ(pool_.checks().size(), 1u);
  EXPECT_EQ(pool_.checks()[0].a, y_);
  EXPECT_EQ(pool_.checks()[0].b, x_);
  EXPECT_TRUE(pool_.assume_equal(x_, c(4), "x is 4"));
  EXPECT_EQ(pool_.value(y_), 4);
  EXPECT_FALSE(pool_.assume_equal(y_, c(5), "no"));
}

TEST_F(DimTest, AssumedSumsAreSolved) {
  EXPECT_TRUE(pool_.assume_equal(pool_.mul(x_, c(6)), pool_.add(pool_.mul(y_, c(3)), c(9)), ""));
  EXPECT_EQ(pool_.resolve(y_), pool_.sub(pool_.mul(x_, c(2)), c(3)));
  EXPECT_FALSE(pool_.assume_equal(pool_.mul(x_, c(2)), c(5), "")) << "no integer";
  EXPECT_FALSE(pool_.assume_equal(x_, pool_.add(x_, c(1)), ""));
  EXPECT_FALSE(pool_.assume_equal(pool_.add(x_, c(3)), c(1), "")) << "a dimension below 0";
}

TEST_F(DimTest, AssumedQuotientBecomesAConstant) {
  EXPECT_TRUE(pool_.assume_equal(pool_.floor_div(x_, c(2)), c(4), ""));
  EXPECT_EQ(pool_.floor_div(x_, c(2)), c(4));
  EXPECT_TRUE(pool_.assume_equal(y_, x_, ""));
  EXPECT_TRUE(pool_.same(pool_.floor_div(y_, c(2)), c(4)));
}

TEST_F(DimTest, UnsolvedAssumptionsAreRemembered) {
  const Dim a = pool_.mul(x_, y_);
  const Dim z = make("z"), w = make("w");
  const Dim b = pool_.mul(z, w);
  EXPECT_FALSE(pool_.same(a, b));
  EXPECT_TRUE(pool_.assume_equal(a, b, ""));
  EXPECT_TRUE(pool_.same(b, a));
  EXPECT_TRUE(pool_.same(pool_.add(a, c(1)), pool_.add(b, c(1))));
  EXPECT_TRUE(pool_.assume_equal(a, b, ""));
  EXPECT_EQ(pool_.checks().size(), 1u);
}

TEST_F(DimTest, AssumptionsNeverLoop) {
  const Dim z = make("z");
  EXPECT_TRUE(pool_.assume_equal(x_, pool_.max(x_, y_), ""));
  EXPECT_TRUE(pool_.assume_equal(pool_.floor_div(x_, c(2)), pool_.floor_div(z, c(2)), ""));
  EXPECT_TRUE(pool_.assume_equal(z, x_, ""));
  EXPECT_EQ(pool_.resolve(pool_.add(x_, z)), pool_.mul(x_, c(2)));
}

TEST_F(DimTest, RangesFollowTheExpression) {
  pool_.set_range(x_, {1, 3, 6});
  pool_.set_range(y_, {2, 2, 5});
  EXPECT_EQ(pool_.range(pool_.add(pool_.mul(x_, y_), c(1))), (Range{3, 7, 31}));
  EXPECT_EQ(pool_.range(pool_.sub(x_, y_)), (Range{-4, 1, 4}));
  EXPECT_EQ(pool_.range(pool_.floor_div(x_, y_)), (Range{0, 1, 3}));
  EXPECT_EQ(pool_.range(pool_.max(x_, y_)), (Range{2, 3, 6}));
  pool_.set_range(x_, {0, 1, INT64_MAX});
  EXPECT_EQ(pool_.range(pool_.mul(x_, y_)).max, INT64_MAX);
}

TEST_F(DimTest, Evaluates) {
  const int64_t values[] = {7, 2};
  EXPECT_EQ(pool_.evaluate(pool_.add(pool_.floor_div(x_, y_), pool_.mul(x_, x_)), values), 52);
  const int64_t zero[] = {7, 0};
  EXPECT_THROW(pool_.evaluate(pool_.floor_div(x_, y_), zero), Error);
  const int64_t large[] = {INT64_MAX, 2};
  EXPECT_THROW(pool_.evaluate(pool_.mul(x_, y_), large), Error);
}

TEST_F(DimTest, ParsesWhatItPrints) {
  for (const char* text : {"4", "-9223372036854775808", "x.0", "2*x.0*y.0 + 3", "floordiv(x.0 + 1, 2)", "max(x.0, y.0)",
                           "-x.0 + 3", "x.0 - 2*y.0", "min(2*x.0, 7, y.0)", "ceildiv(x.0, y.0) + x.0"}) {
    EXPECT_EQ(str(pool_.parse(text)), text);
  }
  EXPECT_EQ(pool_.parse(" ( x.0+1 )*(x.0 - 1) "), pool_.sub(pool_.mul(x_, x_), c(1)));
  const Dim odd = make("a \"b\"\n");
  EXPECT_EQ(str(odd), "\"a \\\"b\\\"\\n\"");
  EXPECT_EQ(pool_.parse(str(odd)), odd);
  const Dim reserved = make("min");
  EXPECT_EQ(pool_.parse(str(reserved)), reserved);
}

TEST_F(DimTest, RefusesMalformedText) {
  for (const char* text : {"", "x", "x.0 +", "1 2", "floordiv(x.0)", "floordiv(x.0, 0)", "min(x.0", "*",
                           "99999999999999999999", "\"x.0", "x.0)", "9223372036854775808"}) {
    EXPECT_THROW(pool_.parse(text), Error) << text;
  }
  EXPECT_THROW(pool_.parse(std::string(100000, '(')), Error);
  std::string nested = "x.0";
  for (int i = 0; i < 100; ++i) nested = "min(" + nested + ", 1)";
  EXPECT_THROW(pool_.parse(nested), Error);
}

TEST_F(DimTest, NamesAreUnique) { EXPECT_THROW(make("x.0"), Error); }

// The normal form must not change values: random expressions against direct arithmetic.
TEST_F(DimTest, NormalFormKeepsValues) {
  std::mt19937_64 random(1);
  const auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const auto floor_of = [](int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); };
  for (int round = 0; round < 2000; ++round) {
    const int64_t values[] = {pick(0, 9), pick(0, 9)};
    std::vector<std::pair<Dim, int64_t>> made{{x_, values[0]}, {y_, values[1]}, {c(pick(-5, 5)), 0}};
    made[2].second = pool_.value(made[2].first);
    for (int step = 0; step < 6; ++step) {
      const auto [a, va] = made[pick(0, static_cast<int64_t>(made.size()) - 1)];
      const auto [b, vb] = made[pick(0, static_cast<int64_t>(made.size()) - 1)];
      const int64_t d = pick(1, 4) * (pick(0, 1) ? 1 : -1);
      switch (pick(0, 5)) {
        case 0:
          made.emplace_back(pool_.add(a, b), va + vb);
          break;
        case 1:
          made.emplace_back(pool_.sub(a, b), va - vb);
          break;
        case 2:
          made.emplace_back(pool_.min(a, b), std::min(va, vb));
          break;
        case 3:
          made.emplace_back(pool_.max(a, b), std::max(va, vb));
          break;
        case 4:
          made.emplace_back(pool_.floor_div(a, c(d)), floor_of(va, d));
          break;
        default:
          made.emplace_back(pool_.ceil_div(a, c(d)), -floor_of(-va, d));
          break;
      }
      ASSERT_EQ(pool_.evaluate(made.back().first, values), made.back().second) << str(made.back().first);
      ASSERT_EQ(pool_.parse(str(made.back().first)), made.back().first) << str(made.back().first);
    }
  }
}

}  // namespace
}  // namespace rondo::ir
