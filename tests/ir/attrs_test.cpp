#include "ir/attrs.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rondo::ir {
namespace {

TEST(AttrsTest, SortedByNameAndComparable) {
  const Attrs a{{"axis", int64_t{1}}, {"alpha", 0.5}};
  Attrs b;
  b.set("alpha", 0.5).set("axis", int64_t{1});
  EXPECT_EQ(a, b);
  EXPECT_EQ(b.items()[0].first, "alpha");
  b.set("axis", int64_t{2});
  EXPECT_NE(a, b);
  EXPECT_EQ(b.integer("axis"), 2);
  b.erase("axis");
  EXPECT_FALSE(b.has("axis"));
}

TEST(AttrsTest, GettersNameWhatIsWrong) {
  const Attrs a{
      {"fn", std::string("add")}, {"axes", std::vector<int64_t>{0, 1}}, {"shape", Dims{Dim{}}}, {"keep", int64_t{1}}};
  EXPECT_EQ(a.string("fn"), "add");
  EXPECT_EQ(a.integers("axes").size(), 2u);
  EXPECT_EQ(a.dims("shape").size(), 1u);
  EXPECT_TRUE(a.flag("keep"));
  EXPECT_THROW(a.integer("fn"), InternalError);
  EXPECT_THROW(a.real("missing"), InternalError);
}

}  // namespace
}  // namespace rondo::ir
