#include <gtest/gtest.h>

#include <limits>

#include "ops/test_graph.h"

// gather, topk

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

struct GatherCase {
  int64_t mode, axis, e;
  Ints data, indices;
  std::vector<double> entries;
  Tensor y;
};

/// Data are 0, 1, 2, ...
void expect(const GatherCase& c) {
  for (bool open : {false, true}) {
    TestGraph g;
    const ValueId data = g.input("data", DType::kFloat32, open && c.mode != 2 ? Ints(c.data.size(), -1) : c.data);
    const ValueId indices = g.input("indices", DType::kInt32, c.indices);
    g.output(g.add(OpKind::k_gather, {{"mode", c.mode}, {"axis", c.axis}, {"elementwise_dims", c.e}}, {data, indices}));
    Tensor x = f32(c.data, {});
    for (int64_t i = 0; i < x.volume(); ++i) x.data.push_back(static_cast<double>(i));
    expect_output(g, {x, tensor(DType::kInt32, c.indices, c.entries)}, c.y);
  }
}

TEST(Gather, DefaultTakesSlicesAndReadsZeroOutside) {
  expect({0, 0, 0, {3, 2}, {2}, {2, 0}, f32({2, 2}, {4, 5, 0, 1})});
  expect({0, 1, 0, {2, 3}, {2, 2}, {0, 2, 1, 1}, f32({2, 2, 2}, {0, 2, 1, 1, 3, 5, 4, 4})});
  expect({0, 0, 0, {3, 2}, {}, {1}, f32({2}, {2, 3})});
  expect({0, 0, 0, {3, 2}, {2}, {3, -1}, f32({2, 2}, {0, 0, 0, 0})});
}

TEST(Gather, DefaultWithASharedDimension) {
  expect({0, 1, 1, {2, 3}, {2, 2}, {0, 2, 1, 1}, f32({2, 2}, {0, 2, 4, 4})});
  expect({0, 2, 1, {2, 2, 2}, {2, 1}, {1, 0}, f32({2, 2, 1}, {1, 3, 4, 6})});
}

TEST(Gather, Element) {
  expect({1, 0, 0, {3, 2}, {2, 2}, {2, 0, 1, 7}, f32({2, 2}, {4, 1, 2, 0})});
  expect({1, 1, 0, {2, 3}, {2, 1}, {2, 0}, f32({2, 1}, {2, 3})});
}

TEST(Gather, Nd) {
  expect({2, 0, 0, {2, 3}, {2, 2}, {1, 2, 0, 1}, f32({2}, {5, 1})});
  expect({2, 0, 0, {2, 3}, {1, 1}, {1}, f32({1, 3}, {3, 4, 5})});
  expect({2, 0, 1, {2, 3}, {2, 1}, {2, 0}, f32({2}, {2, 3})});
  expect({2, 0, 0, {2, 3}, {1, 2}, {1, -1}, f32({1}, {0})});
}

TEST(Gather, Refusals) {
  TestGraph g;
  const ValueId x = g.filled({2, 3}, 1), f = g.filled({2}, 1), i = g.constant(DType::kInt32, {2, 1}, {0, 0});
  const ValueId wide = g.constant(DType::kInt32, {3, 3}, std::vector<double>(9, 0));
  const auto message = [&](ValueId indices, int64_t mode, int64_t axis, int64_t e) {
    return error_of([&] {
      g.add(OpKind::k_gather, {{"mode", mode}, {"axis", axis}, {"elementwise_dims", e}}, {x, indices});
    });
  };
  EXPECT_NE(message(f, 0, 0, 0).find("(gather C1)"), std::string::npos);
  EXPECT_NE(message(i, 0, 2, 0).find("(gather C2)"), std::string::npos);
  EXPECT_NE(message(i, 0, 0, 1).find("(gather C2)"), std::string::npos);
  EXPECT_NE(message(wide, 0, 1, 1).find("(gather C3)"), std::string::npos);
  EXPECT_NE(message(wide, 1, 1, 0).find("(gather C4)"), std::string::npos);
  EXPECT_NE(message(wide, 2, 0, 0).find("(gather C5)"), std::string::npos);
  EXPECT_NE(message(i, 0, 1, 3).find("(gather C6)"), std::string::npos);
}

void expect_topk(int64_t op, int64_t k, int64_t axis, const Tensor& x, const Tensor& values,
                 std::vector<double> indices) {
  TestGraph g;
  const ValueId y =
      g.add(OpKind::k_topk,
            {{"op", op}, {"k", ir::Dims{g.graph.dims().constant(k)}}, {"axis", axis}, {"indices", int64_t{3}}},
            {g.input("x", DType::kFloat32, x.dims)});
  for (ValueId v : g.results_of(y)) g.output(v);
  const auto out = g.run({x});
  expect_near(out[0], values);
  expect_near(out[1], tensor(DType::kInt32, values.dims, std::move(indices)));
}

TEST(TopK, SortedAndTiesKeepTheLowerIndex) {
  expect_topk(0, 3, 1, f32({1, 4}, {2, 7, 2, 9}), f32({1, 3}, {9, 7, 2}), {3, 1, 0});
  expect_topk(1, 2, 1, f32({1, 4}, {2, 7, 2, 9}), f32({1, 2}, {2, 2}), {0, 2});
  expect_topk(0, 1, 0, f32({2, 2}, {1, 4, 3, 2}), f32({1, 2}, {3, 4}), {1, 0});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_topk(0, 2, 0, f32({3}, {nan, -1, 5}), f32({2}, {5, -1}), {2, 1});
}

TEST(TopK, Refusals) {
  TestGraph g;
  const ValueId x = g.filled({2, 3}, 1);
  const auto message = [&](int64_t k, int64_t axis, int64_t indices) {
    return error_of([&] {
      g.add(OpKind::k_topk,
            {{"op", int64_t{0}}, {"k", ir::Dims{g.graph.dims().constant(k)}}, {"axis", axis}, {"indices", indices}},
            {x});
    });
  };
  EXPECT_NE(message(1, 2, 3).find("(topk C1)"), std::string::npos);
  EXPECT_NE(message(4, 1, 3).find("(topk C2)"), std::string::npos);
  EXPECT_NE(message(1, 1, 0).find("(topk C4)"), std::string::npos);
}

}  // namespace
}  // namespace rondo::ops
