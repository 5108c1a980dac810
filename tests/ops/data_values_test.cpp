// The interpreter on graphs whose extents are read from data.
#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"
#include "ops/interpreter.h"
#include "ops/op_def.h"

namespace rondo::ops {
namespace {

ir::Graph graph_of(const char* text) {
  ir::Graph graph = ir::parse_graph(text);
  infer_graph(graph);
  return graph;
}

Tensor i64(std::vector<double> values) {
  const auto count = static_cast<int64_t>(values.size());
  return {DType::kInt64, {count}, std::move(values)};
}

constexpr const char* kReshape = R"(symbol a data 0 [0, 2, 8]
symbol b data 1 [0, 2, 8]
%0 = input {index = 0} "x" : f32[6]
%1 = input {index = 1} "n" : i64[2]
%2 = read_values(%1) {values = dims[a, b]} "read" : i64[2]
%3 = reshape(%0) {shape = dims[a, b]} : f32[a, b]
output "y" %3
)";

TEST(DataValues, DecideTheShapeOfAResult) {
  const ir::Graph graph = graph_of(kReshape);
  const Tensor x{DType::kFloat32, {6}, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(interpret(graph, {x, i64({2, 3})})[0].dims, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(interpret(graph, {x, i64({6, 1})})[0].data, x.data);
}

TEST(DataValues, ChecksAndRangesAreMadeWhenTheyAreKnown) {
  const ir::Graph graph = graph_of(kReshape);
  const Tensor x{DType::kFloat32, {6}, {1, 2, 3, 4, 5, 6}};
  for (const auto& wrong : {i64({2, 2}), i64({9, 1}), i64({-1, -6})}) {
    try {
      interpret(graph, {x, wrong});
      ADD_FAILURE() << wrong.data[0];
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kFailedExecution) << error.what();
    }
  }
}

TEST(DataValues, StandForWhatTheOperandIsKnownToHold) {
  const ir::Graph graph = graph_of(R"(symbol x.0 input_dim 0 0 [1, 4, 8]
symbol d data 0 [0, 2, 8]
%0 = input {index = 0} "x" : f32[x.0]
%1 = shape(%0) {to = 8} : i64[1]
%2 = read_values(%1) {values = dims[d]} "read" : i64[1]
%3 = reshape(%0) {shape = dims[d]} : f32[d]
output "y" %3
)");
  const ir::TensorType& y = graph.type(graph.region(graph.main()).results[0]);
  EXPECT_EQ(graph.dims().to_string(y.dims[0]), "x.0");
}

}  // namespace
}  // namespace rondo::ops
