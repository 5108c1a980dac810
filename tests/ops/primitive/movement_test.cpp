#include <gtest/gtest.h>

#include "ops/test_graph.h"

// transpose, reshape, broadcast, slice, concat

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

ir::Dims dims_of(TestGraph& g, const Ints& values) {
  ir::Dims dims;
  for (int64_t v : values) dims.push_back(g.graph.dims().constant(v));
  return dims;
}

ValueId slice(TestGraph& g, ValueId x, const Ints& start, const Ints& size, const Ints& stride) {
  return g.add(OpKind::k_slice, {{"start", dims_of(g, start)}, {"size", dims_of(g, size)}, {"stride", stride}}, {x},
               "cut");
}

TEST(Transpose, Permutes) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 1, 3});
  g.output(g.add(OpKind::k_transpose, {{"perm", Ints{2, 0, 1}}}, {x}));
  expect_output(g, {f32({2, 1, 3}, {1, 2, 3, 4, 5, 6})}, f32({3, 2, 1}, {1, 4, 2, 5, 3, 6}));
  EXPECT_NE(error_of([&] {
              g.add(OpKind::k_transpose, {{"perm", Ints{0, 1}}}, {x});
            }).find("(transpose C1)"),
            std::string::npos);
}

TEST(Reshape, VolumesMustAgree) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, 4}), z = g.input("z", DType::kFloat32, {6});
  const auto reshape = [&](ValueId v, ir::Dims shape) {
    return g.add(OpKind::k_reshape, {{"shape", std::move(shape)}}, {v}, "r");
  };
  const ValueId y = reshape(x, dims_of(g, {2, 8}));
  EXPECT_EQ(g.type_text(y), "f32[2, 8]");
  EXPECT_EQ(g.graph.dims().value_or_unknown(g.graph.dims().resolve(g.graph.type(x).dims[0])), 4);
  EXPECT_NE(error_of([&] { reshape(z, dims_of(g, {4})); }).find("(reshape C1)"), std::string::npos);
}

TEST(Broadcast, RepeatsExtentsOfOne) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 1});
  g.output(g.add(OpKind::k_broadcast, {{"shape", dims_of(g, {2, 3})}}, {x}));
  expect_output(g, {f32({2, 1}, {1, 2})}, f32({2, 3}, {1, 1, 1, 2, 2, 2}));
  const auto message = [&](const Ints& shape) {
    return error_of([&] { g.add(OpKind::k_broadcast, {{"shape", dims_of(g, shape)}}, {x}); });
  };
  EXPECT_NE(message({2}).find("(broadcast C1)"), std::string::npos);
  EXPECT_NE(message({3, 3}).find("(broadcast C2)"), std::string::npos);
}

TEST(Slice, StridesOfAnySign) {
  const auto expect = [](const Ints& start, const Ints& size, const Ints& stride, std::vector<double> y) {
    TestGraph g;
    g.output(slice(g, g.input("x", DType::kFloat32, {2, 3}), start, size, stride));
    expect_output(g, {f32({2, 3}, {1, 2, 3, 4, 5, 6})}, f32(size, std::move(y)));
  };
  expect({0, 1}, {2, 2}, {1, 1}, {2, 3, 5, 6});
  expect({1, 2}, {2, 2}, {-1, -2}, {6, 4, 3, 1});
  expect({0, 1}, {2, 2}, {0, 0}, {2, 2, 2, 2});
  expect({0, 9}, {2, 0}, {1, 1}, {});
}

TEST(Slice, BoundsAreStrict) {
  const auto message = [](const Ints& start, const Ints& size, const Ints& stride) {
    TestGraph g;
    const ValueId x = g.input("x", DType::kFloat32, {2, 3});
    return error_of([&] { slice(g, x, start, size, stride); });
  };
  EXPECT_NE(message({0}, {1}, {1}).find("(slice C1)"), std::string::npos);
  EXPECT_NE(message({0, 0}, {1, -1}, {1, 1}).find("(slice C2)"), std::string::npos);
  EXPECT_NE(message({0, -1}, {1, 1}, {1, 1}).find("(slice C3)"), std::string::npos);
  EXPECT_NE(message({0, 0}, {1, 2}, {1, 3}).find("slice 'cut': dimension 1 of f32[2, 3] is read at index 3"),
            std::string::npos);
  EXPECT_NE(message({0, 1}, {1, 3}, {1, -1}).find("(slice C3)"), std::string::npos);
  EXPECT_EQ(message({1, 2}, {1, 1}, {5, -7}), "");
}

TEST(Slice, SymbolicBoundsAreCheckedAtRunTime) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1});
  g.output(slice(g, x, {2}, {2}, {1}));
  expect_near(g.run({f32({4}, {1, 2, 3, 4})})[0], f32({2}, {3, 4}));
  EXPECT_NE(error_of([&] { g.run({f32({3}, {1, 2, 3})}); }).find("slice reads index 3"), std::string::npos);
}

TEST(Concat, JoinsAlongAnAxis) {
  TestGraph g;
  const ValueId a = g.input("a", DType::kFloat32, {2, 1}), b = g.input("b", DType::kFloat32, {2, -1});
  const ValueId y = g.add(OpKind::k_concat, {{"axis", int64_t{1}}}, {a, b, a});
  EXPECT_EQ(g.type_text(y), "f32[2, b.1 + 2]");
  g.output(y);
  expect_output(g, {f32({2, 1}, {1, 2}), f32({2, 2}, {3, 4, 5, 6})}, f32({2, 4}, {1, 3, 4, 1, 2, 5, 6, 2}));
}

TEST(Concat, Refusals) {
  TestGraph g;
  const ValueId a = g.filled({2, 1}, 1), b = g.filled({3, 1}, 1), c = g.filled({2}, 1),
                i = g.constant(DType::kInt32, {2, 1}, {1, 2});
  const auto message = [&](std::vector<ValueId> parts, int64_t axis) {
    return error_of([&] { g.add(OpKind::k_concat, {{"axis", axis}}, std::move(parts)); });
  };
  EXPECT_NE(message({a, c}, 0).find("(concat C1)"), std::string::npos);
  EXPECT_NE(message({a, a}, 2).find("(concat C2)"), std::string::npos);
  EXPECT_NE(message({a, b}, 1).find("(concat C3)"), std::string::npos);
  EXPECT_NE(message({a, i}, 1).find("(concat C4)"), std::string::npos);
  EXPECT_EQ(message({a, b}, 0), "");
}

}  // namespace
}  // namespace rondo::ops
