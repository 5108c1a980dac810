#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/test_graph.h"

// nms, non_zero, ragged_softmax, parametric_relu

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

ir::Dims length(TestGraph& g) {
  const ir::Dim symbol = g.graph.dims().symbol({"length", ir::SymbolSource::kData, -1, 0});
  g.graph.dims().set_range(symbol, {0, 1, 100});
  return {symbol};
}

struct NmsCase {
  Tensor boxes, scores;
  int64_t max = 3;
  double iou = 0.5, score = 0;
  int64_t format = 0, topk = 5000;
};

/// Rows of (batch, class, box).
void expect_selected(const NmsCase& c, const std::vector<double>& rows) {
  TestGraph g;
  const ValueId boxes = g.input("boxes", c.boxes.dtype, c.boxes.dims),
                scores = g.input("scores", c.scores.dtype, c.scores.dims);
  const ValueId iou = g.constant(DType::kFloat32, {}, {c.iou}), score = g.constant(DType::kFloat32, {}, {c.score});
  const ValueId v = g.add(OpKind::k_nms,
                          {{"max", ir::Dims{g.graph.dims().constant(c.max)}},
                           {"count", length(g)},
                           {"format", c.format},
                           {"topk", c.topk},
                           {"indices", static_cast<int64_t>(DType::kInt32)}},
                          {boxes, scores, iou, score});
  for (ValueId result : g.results_of(v)) g.output(result);
  const auto count = static_cast<int64_t>(rows.size() / 3);
  for (const auto& results : {g.run({c.boxes, c.scores}), g.run_expanded({c.boxes, c.scores})}) {
    EXPECT_EQ(results[0].dims, (Ints{count, 3}));
    EXPECT_EQ(results[0].data, rows);
    EXPECT_EQ(results[1].data, std::vector<double>{static_cast<double>(count)});
  }
}

const std::vector<double> kCorners{0, 0,  1, 1,  0, 0.1,  1, 1.1,  0, -0.1, 1, 0.9,
                                   0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100,  1, 101};
const std::vector<double> kScores{0.9, 0.75, 0.6, 0.95, 0.5, 0.3};

TEST(Nms, TheExampleOfOnnx) {
  const Tensor boxes = f32({1, 6, 4}, kCorners), scores = f32({1, 6, 1}, kScores);
  expect_selected({boxes, scores}, {0, 0, 3, 0, 0, 0, 0, 0, 5});
  expect_selected({.boxes = boxes, .scores = scores, .max = 2}, {0, 0, 3, 0, 0, 0});
  expect_selected({.boxes = boxes, .scores = scores, .max = 0}, {});
  expect_selected({.boxes = boxes, .scores = scores, .score = 0.4}, {0, 0, 3, 0, 0, 0});
  expect_selected({.boxes = boxes, .scores = scores, .iou = 1}, {0, 0, 3, 0, 0, 0, 0, 0, 1});
  expect_selected({.boxes = boxes, .scores = scores, .topk = 2}, {0, 0, 3, 0, 0, 0});
}

TEST(Nms, ClassesDoNotHideEachOther) {
  const Tensor boxes = f32({1, 2, 4}, {0, 0, 1, 1, 0, 0, 1, 1});
  const Tensor scores = f32({1, 2, 2}, {0.5, 0.9, 0.5, 0.2});
  expect_selected({boxes, scores}, {0, 0, 0, 0, 1, 0});
  // The limit counts candidates of all classes.
  expect_selected({.boxes = boxes, .scores = scores, .topk = 1}, {0, 1, 0});
}

TEST(Nms, CentersAndFlippedCorners) {
  const Tensor scores = f32({1, 2, 1}, {0.5, 0.9});
  expect_selected({.boxes = f32({1, 2, 4}, {0.5, 0.5, 1, 1, 0.5, 0.6, 1, 1}), .scores = scores, .format = 1},
                  {0, 0, 1});
  expect_selected({.boxes = f32({1, 2, 4}, {1, 1, 0, 0, 0, 1, 1, 0}), .scores = scores}, {0, 0, 1});
}

TEST(Nms, NothingToSelectFrom) {
  expect_selected({f32({0, 3, 4}, {}), f32({0, 3, 2}, {})}, {});
  expect_selected({f32({2, 0, 4}, {}), f32({2, 0, 2}, {})}, {});
}

TEST(NonZero, LexicographicColumns) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, 3});
  g.output(g.add(OpKind::k_non_zero, {{"count", length(g)}, {"indices", static_cast<int64_t>(DType::kInt64)}}, {x}));
  const Tensor value = f32({2, 3}, {0, 2, 0, NAN, -0.0, -1});
  expect_output(g, {value}, tensor(DType::kInt64, {2, 3}, {0, 1, 1, 1, 0, 2}));
  expect_output(g, {f32({0, 3}, {})}, tensor(DType::kInt64, {2, 0}, {}));
}

TEST(RaggedSoftmax, RowsEndAtTheirBounds) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {-1, 3}), n = g.input("n", DType::kInt32, {-1, 1});
  g.output(g.add(OpKind::k_ragged_softmax, {}, {x, n}));
  const double infinity = std::numeric_limits<double>::infinity();
  expect_output(
      g, {f32({4, 3}, {1, 1, 9, 5, 5, 5, 2, 2, 2, 7, infinity, NAN}), tensor(DType::kInt32, {4, 1}, {2, 0, 9, 1})},
      f32({4, 3}, {0.5, 0.5, 0, 0, 0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1, 0, 0}));
}

TEST(ParametricRelu, SlopesBroadcast) {
  TestGraph g;
  const ValueId x = g.input("x", DType::kFloat32, {2, 3}), slope = g.constant(DType::kFloat32, {1, 3}, {0.5, 2, -1});
  g.output(g.add(OpKind::k_parametric_relu, {}, {x, slope}));
  expect_output(g, {f32({2, 3}, {-2, -2, -2, 3, 0, -0.5})}, f32({2, 3}, {-1, -4, 2, 3, 0, 0.5}));
}

}  // namespace
}  // namespace rondo::ops
