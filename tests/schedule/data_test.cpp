// Programs that read sizes from data, with every phase off in turn, against the interpreter.
#include "ir/text.h"
#include "schedule/scheduled.h"

namespace rondo::schedule {
namespace {

ops::Tensor floats(const std::vector<int64_t>& dims, std::vector<double> values) {
  return {DType::kFloat32, dims, std::move(values)};
}

ir::Graph inferred(const char* text) {
  ir::Graph graph = ir::parse_graph(text);
  ops::infer_graph(graph);
  return graph;
}

TEST(DataDependentPrograms, PiecesAreStoredWhereTheirOffsetIsKnown) {
  const ir::Graph graph = inferred(R"(symbol d data 0 [0, 2, 4]
%0 = input {index = 0} "x" : f32[4]
%1 = input {index = 1} "n" : i64[1]
%2 = pointwise(%0, %0) {fn = "mul"} "square" : f32[4]
%3 = pointwise(%1, %1) {fn = "max"} "most" : i64[1]
%4 = read_values(%3) {values = dims[d]} "read" : i64[1]
%5 = slice(%0) {size = dims[d], start = dims[0], stride = [1]} : f32[d]
%6 = pointwise(%5) {fn = "tanh"} : f32[d]
%7 = concat(%6, %2) {axis = 0} : f32[d + 4]
output "y" %7
)");
  const plan::Program program = make_program(optimised(graph), {});
  ASSERT_EQ(program.reads.size(), 1u);
  EXPECT_EQ(program.symbols[0].source, plan::Symbol::Source::kData);
  for (const double n : {0., 1., 4.}) {
    EXPECT_EQ(check_schedules(graph, {floats({4}, {1, 2, 3, 4}), {DType::kInt64, {1}, {n}}}), "") << n;
  }
}

TEST(DataDependentPrograms, TheReadOfAnIterationComesBeforeItsSizes) {
  const ir::Graph graph = inferred(R"(symbol d data 0 [0, 2, 4]
%0 = input {index = 0} "x" : f32[3, 4]
%1 = input {index = 1} "n" : i64[3]
%2 = constant {data = hex:03000000, dims = []} : i32[]
%3 = constant {data = hex:0000003f, dims = []} : f32[]
%4, %5 = loop(%2, %3, %0, %1, %2) {carried = 1, count = 1, iter_axes = [0, 0], iter_reverse = [0, 0], out_axes = [0], out_reverse = [0], while = 0} "loop" : f32[], f32[3] {
  (%6: i64[], %7: f32[], %8: f32[4], %9: i64[])
  %10 = read_values(%9) {values = dims[d]} "read" : i64[]
  %11 = slice(%8) {size = dims[d], start = dims[0], stride = [1]} : f32[d]
  %12 = pointwise(%11) {fn = "sigmoid"} : f32[d]
  %13 = reduce(%12) {axes = 1, keep = 0, op = 0} : f32[]
  %14 = pointwise(%7, %13) {fn = "add"} : f32[]
  yield %14, %14
}
output "last" %4
output "all" %5
)");
  const std::vector<double> x{1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6};
  EXPECT_EQ(check_schedules(graph, {floats({3, 4}, x), {DType::kInt64, {3}, {4, 0, 1}}}), "");
}

}  // namespace
}  // namespace rondo::schedule
