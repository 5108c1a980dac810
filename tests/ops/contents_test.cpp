#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

constexpr int64_t kInt32 = 3;

struct ShapeMath : testing::Test {
  TestGraph g;
  ValueId x = g.input("x", DType::kFloat32, {-1, 4, -1});
  ValueId shape = g.add(OpKind::k_shape, {{"to", kInt32}}, {x});

  ValueId ints(std::vector<double> v) { return g.constant(DType::kInt32, {static_cast<int64_t>(v.size())}, v); }
  std::string fn(const std::string& name, std::vector<ValueId> operands) {
    return g.contents_text(g.pointwise(name, std::move(operands)));
  }
};

TEST_F(ShapeMath, Arithmetic) {
  EXPECT_EQ(g.contents_text(shape), "x.0, 4, x.2");
  EXPECT_EQ(fn("add", {shape, ints({1})}), "x.0 + 1, 5, x.2 + 1");
  EXPECT_EQ(fn("sub", {shape, shape}), "0, 0, 0");
  EXPECT_EQ(fn("mul", {shape, ints({2, 3, 4})}), "2*x.0, 12, 4*x.2");
  EXPECT_EQ(fn("div", {ints({-7, 7}), ints({2})}), "-3, 3");
  EXPECT_EQ(fn("floor_div", {ints({-7, 7}), ints({2})}), "-4, 3");
  EXPECT_EQ(fn("floor_div", {shape, ints({2})}), "floordiv(x.0, 2), 2, floordiv(x.2, 2)");
  EXPECT_EQ(fn("div", {shape, ints({0})}), "unknown");
  EXPECT_EQ(fn("max", {shape, ints({0, 9, 0})}), "x.0, 9, x.2");
  EXPECT_EQ(fn("neg", {shape}), "-x.0, -4, -x.2");
  EXPECT_EQ(fn("add", {ints({2147483647}), ints({1})}), "-2147483648");
}

TEST_F(ShapeMath, ComparisonsWhereDecidable) {
  EXPECT_EQ(fn("equal", {shape, shape}), "1, 1, 1");
  EXPECT_EQ(fn("less", {shape, ints({-1})}), "0, 0, 0");
  EXPECT_EQ(fn("greater", {shape, ints({-1})}), "1, 1, 1");
  EXPECT_EQ(fn("greater", {shape, ints({1})}), "unknown");
  const ValueId flags = g.constant(DType::kBool, {3}, {1, 0, 1});
  EXPECT_EQ(fn("select", {flags, shape, ints({7})}), "x.0, 7, x.2");
}

TEST_F(ShapeMath, Movement) {
  const auto dims = [&](Ints v) {
    ir::Dims out;
    for (int64_t d : v) out.push_back(g.graph.dims().constant(d));
    return out;
  };
  const ValueId last =
      g.add(OpKind::k_slice, {{"start", dims({2})}, {"size", dims({1})}, {"stride", Ints{1}}}, {shape});
  EXPECT_EQ(g.contents_text(last), "x.2");
  const ValueId scalar = g.add(OpKind::k_reshape, {{"shape", dims({})}}, {last});
  EXPECT_EQ(g.contents_text(scalar), "x.2");
  EXPECT_EQ(g.contents_text(g.add(OpKind::k_concat, {{"axis", int64_t{0}}}, {last, shape})), "x.2, x.0, 4, x.2");
  const ir::Attrs gather{{"mode", int64_t{0}}, {"axis", int64_t{0}}, {"elementwise_dims", int64_t{0}}};
  EXPECT_EQ(g.contents_text(g.add(OpKind::k_gather, gather, {shape, ints({1, 0, 5})})), "4, x.0, 0");
  const ValueId row = g.add(OpKind::k_reshape, {{"shape", dims({1, 3})}}, {shape});
  const ValueId two = g.add(OpKind::k_broadcast, {{"shape", dims({2, 3})}}, {row});
  EXPECT_EQ(g.contents_text(g.add(OpKind::k_transpose, {{"perm", Ints{1, 0}}}, {two})), "x.0, x.0, 4, 4, x.2, x.2");
  const auto reduce = [&](int64_t op) {
    return g.contents_text(g.add(OpKind::k_reduce, {{"op", op}, {"axes", int64_t{1}}, {"keep", int64_t{0}}}, {shape}));
  };
  EXPECT_EQ(reduce(0), "x.0 + x.2 + 4");
  EXPECT_EQ(reduce(1), "4*x.0*x.2");
  EXPECT_EQ(g.contents_text(g.add(OpKind::k_iota, {{"shape", dims({3})}, {"axis", int64_t{0}}, {"dtype", kInt32}}, {})),
            "0, 1, 2");
  EXPECT_EQ(g.contents_text(g.add(OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", int64_t{8}}}, {shape})),
            "x.0, 4, x.2");
}

TEST_F(ShapeMath, LimitsOfWhatIsKnown) {
  EXPECT_EQ(g.contents_text(g.constant(DType::kInt32, {64}, std::vector<double>(64, 1))).substr(0, 4), "1, 1");
  EXPECT_EQ(g.contents_text(g.constant(DType::kInt32, {65}, std::vector<double>(65, 1))), "unknown");
  EXPECT_EQ(g.contents_text(g.filled({2}, 1)), "unknown");
  const ValueId big = g.constant(DType::kInt64, {1}, {4611686018427387904.0});
  EXPECT_EQ(fn("mul", {big, big}), "unknown");
}

}  // namespace
}  // namespace rondo::ops
