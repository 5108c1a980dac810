#include <gtest/gtest.h>

#include "ops/test_graph.h"

namespace rondo::ops {
namespace {

using Ints = std::vector<int64_t>;

struct Spec {
  Ints perm1{};
  bool has_reshape = false;
  Ints reshape{};
  Ints perm2{};
  bool zero_is_placeholder = true;
};

ir::ValueId add(TestGraph& g, ir::ValueId x, const Spec& s) {
  ir::Dims reshape;
  for (int64_t extent : s.reshape) reshape.push_back(g.graph.dims().constant(extent));
  return g.add(ir::OpKind::k_shuffle,
               {{"perm1", s.perm1},
                {"has_reshape", int64_t{s.has_reshape}},
                {"reshape", reshape},
                {"zero_is_placeholder", int64_t{s.zero_is_placeholder}},
                {"perm2", s.perm2}},
               {x}, "sh");
}

void expect(const Spec& s, const Ints& dims, const Tensor& y) {
  TestGraph g;
  g.output(add(g, g.input("x", DType::kFloat32, Ints(dims.size(), -1)), s));
  Tensor x = f32(dims, {});
  for (size_t i = 0; i < y.data.size(); ++i) x.data.push_back(static_cast<double>(i));
  expect_output(g, {x}, y);
}

TEST(Shuffle, WithoutSettingsCopies) { expect({}, {2, 2}, f32({2, 2}, {0, 1, 2, 3})); }
TEST(Shuffle, Transposes) { expect({.perm1 = {1, 0}}, {2, 3}, f32({3, 2}, {0, 3, 1, 4, 2, 5})); }
TEST(Shuffle, TransposeReshapeTranspose) {
  expect({.perm1 = {1, 0}, .has_reshape = true, .reshape = {2, 3}, .perm2 = {1, 0}}, {2, 3},
         f32({3, 2}, {0, 4, 3, 2, 1, 5}));
}
TEST(Shuffle, ZeroCopiesAndMinusOneInfers) {
  expect({.has_reshape = true, .reshape = {0, -1}}, {2, 3, 1}, f32({2, 3}, {0, 1, 2, 3, 4, 5}));
  expect({.has_reshape = true, .reshape = {-1}}, {2, 3}, f32({6}, {0, 1, 2, 3, 4, 5}));
  expect({.has_reshape = true, .reshape = {3, -1}}, {2, 3}, f32({3, 2}, {0, 1, 2, 3, 4, 5}));
  expect({.has_reshape = true, .reshape = {}}, {1, 1}, f32({}, {0}));
}
TEST(Shuffle, RealZeros) {
  expect({.has_reshape = true, .reshape = {0, 7}, .zero_is_placeholder = false}, {3, 0}, f32({0, 7}, {}));
}

TEST(Shuffle, SymbolicTypes) {
  TestGraph g;
  const auto x = g.input("x", DType::kFloat32, {-1, -1, 6});
  EXPECT_EQ(g.type_text(add(g, x, {.has_reshape = true, .reshape = {0, 0, 2, -1}})), "f32[x.0, x.1, 2, 3]");
  EXPECT_EQ(g.type_text(add(g, x, {.has_reshape = true, .reshape = {-1, 6}})), "f32[x.0*x.1, 6]");
  EXPECT_EQ(g.type_text(add(g, x, {.perm1 = {1, 0, 2}})), "f32[x.1, x.0, 6]");
}

TEST(Shuffle, Refusals) {
  const auto message = [](const Ints& dims, const Spec& s) {
    TestGraph g;
    const auto x = g.input("x", DType::kFloat32, dims);
    return error_of([&] { add(g, x, s); });
  };
  EXPECT_NE(message({2, 3}, {.perm1 = {0, 0}}).find("shuffle 'sh': [0, 0] is not a permutation"), std::string::npos);
  EXPECT_NE(message({2, 3}, {.has_reshape = true, .reshape = {-1, -1}}).find("(shuffle C2)"), std::string::npos);
  EXPECT_NE(message({2, 0}, {.has_reshape = true, .reshape = {0, 0, -1}}).find("(shuffle C2)"), std::string::npos);
  EXPECT_NE(message({2, 3}, {.has_reshape = true, .reshape = {0, 0, 0}}).find("(shuffle C4)"), std::string::npos);
  EXPECT_NE(message({2, 3}, {.has_reshape = true, .reshape = {7}}).find("(shuffle C3)"), std::string::npos);
  EXPECT_NE(message({2, 3}, {.has_reshape = true, .reshape = {4, -1}}).find("(shuffle C3)"), std::string::npos);
  EXPECT_NE(message({2, 3}, {.has_reshape = true, .reshape = {-2, 3}}).find("(shuffle C5)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
