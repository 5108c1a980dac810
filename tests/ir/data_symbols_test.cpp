// Dependences through data symbols.
#include "ir/data_symbols.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"
#include "ir/verify.h"

namespace rondo::ir {
namespace {

constexpr const char* kText = R"(symbol d data 0 [0, 2, 8]
%0 = input {index = 0} "x" : f32[8]
%1 = input {index = 1} "n" : i64[1]
%2 = read_values(%1) {values = dims[d]} "read" : i64[1]
%3 = slice(%0) {size = dims[d], start = dims[0], stride = [1]} : f32[d]
output "y" %3
)";

TEST(DataSymbols, TheReaderOfASymbolIsNeeded) {
  const Graph graph = parse_graph(kText);
  EXPECT_EQ(to_string(graph), kText);
  const DataSymbols data(graph);
  const std::vector<OpId>& ops = graph.region(graph.main()).ops;
  const ValueId read = graph.op(ops[2]).results[0];
  EXPECT_TRUE(data.any());
  EXPECT_EQ(data.definition(0), read);
  EXPECT_EQ(data.needed_by(ops[3]), std::vector<ValueId>{read});
  EXPECT_TRUE(data.needed_by(ops[2]).empty()) << "its own symbol";
  EXPECT_TRUE(data.needed_by(ops[0]).empty());
  EXPECT_TRUE(data.depends_on_region(ops[3], graph.main()));
}

TEST(DataSymbols, AUseBeforeTheReadIsNoGraph) {
  std::string text = kText;
  const std::string slice = "%3 = slice(%0) {size = dims[d], start = dims[0], stride = [1]} : f32[d]\n";
  text.erase(text.find(slice), slice.size());
  text.insert(text.find("%2 ="), slice);
  EXPECT_THROW(parse_graph(text), Error);
}

TEST(DataSymbols, EqualitiesAreNeverToldInData) {
  DimPool pool;
  const Dim x = pool.symbol({"x.0", SymbolSource::kInputDim, 0, 0});
  const Dim d = pool.symbol({"d", SymbolSource::kData, -1, 0}), e = pool.symbol({"e", SymbolSource::kData, -1, 0});
  const Dim two = pool.constant(2);
  EXPECT_TRUE(pool.mentions_data(pool.floor_div(pool.add(x, d), two)));
  EXPECT_FALSE(pool.mentions_data(pool.mul(x, two)));
  ASSERT_TRUE(pool.assume_equal(x, pool.mul(d, two), "rule"));
  EXPECT_EQ(pool.resolve(x), x) << "x is known before d";
  EXPECT_TRUE(pool.same(x, pool.mul(d, two)));
  ASSERT_TRUE(pool.assume_equal(d, e, "rule"));
  EXPECT_EQ(pool.resolve(d), d);
  EXPECT_EQ(pool.resolve(e), e);
  ASSERT_TRUE(pool.assume_equal(e, x, "rule"));
  EXPECT_EQ(pool.resolve(e), x);
  EXPECT_EQ(pool.checks().size(), 3u);
}

TEST(DataSymbols, DefinitionsReplaceWithoutACheck) {
  DimPool pool;
  const Dim d = pool.symbol({"d", SymbolSource::kData, -1, 0});
  pool.define(d, pool.constant(5));
  EXPECT_EQ(pool.value(pool.resolve(pool.add(d, d))), 10);
  pool.define(d, pool.constant(6));
  EXPECT_EQ(pool.value(pool.resolve(d)), 5);
  EXPECT_TRUE(pool.checks().empty());
}

}  // namespace
}  // namespace rondo::ir
