// reason: the cases share one fixture for graphs and one comparison.
// Graphs whose extents depend on data, from the passes to the runtime: every result against the interpreter, in all
// schedules, on one thread and on three with the same bits (docs/design/0008).
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "ir/text.h"
#include "passes/equivalence.h"
#include "passes/net.h"
#include "plan/plan_file.h"
#include "runtime/context.h"
#include "schedule/schedule.h"

namespace rondo {
namespace {

using ir::ValueId;
using passes::Net;
using Tensors = std::vector<ops::Tensor>;

/// A network under construction that can read values from data.
struct DataNet : Net {
  using Net::Net;
  /// The elements of x as symbols in [0, max].
  ir::Dims read(ValueId x, int64_t max, int64_t count = 1) {
    ir::Dims symbols;
    for (int64_t i = 0; i < count; ++i) symbols.push_back(symbol(max));
    last_read = op(ir::OpKind::k_read_values, {{"values", symbols}}, {x});
    return symbols;
  }
  ir::Dim symbol(int64_t max) {
    const ir::Dim dim =
        graph.dims().symbol({"d" + std::to_string(graph.dims().symbol_count()), ir::SymbolSource::kData, -1, 0});
    graph.dims().set_range(dim, {0, max / 2, max});
    return dim;
  }
  /// How many elements of x [n] are above 0, an i64 scalar.
  ValueId count_positive(ValueId x) {
    const ValueId above = pointwise("greater", {x, filled({1}, 0)});
    const ir::Attrs attrs{{"op", int64_t{0}}, {"axes", int64_t{1}}, {"keep", int64_t{0}}};
    return op(ir::OpKind::k_reduce, attrs, {cast(above, DType::kInt64)});
  }
  /// The first `size` elements of x along its first axis, from `start`.
  ValueId take(ValueId x, ir::Dim start, ir::Dim size) {
    ir::Dims sizes = graph.type(x).dims, starts(sizes.size(), graph.dims().constant(0));
    starts[0] = start;
    sizes[0] = size;
    return op(ir::OpKind::k_slice, {{"start", starts}, {"size", sizes}, {"stride", Ints(sizes.size(), 1)}}, {x});
  }
  ValueId sum(ValueId x) {
    const int64_t all = (int64_t{1} << graph.type(x).rank()) - 1;
    return op(ir::OpKind::k_reduce, {{"op", int64_t{0}}, {"axes", all}, {"keep", int64_t{0}}}, {x});
  }
  ir::Dim zero() { return graph.dims().constant(0); }

  ValueId last_read;
};

std::vector<uint8_t> bytes_of(const ops::Tensor& tensor) {
  std::vector<uint8_t> bytes(tensor.data.size() * dtype_bytes(tensor.dtype) + 1);
  ops::to_bytes(tensor, bytes.data());
  return bytes;
}

/// Memory for outputs, by binding.
struct Placer final : runtime::OutputPlacer {
  void* place(uint32_t binding, std::span<const int64_t>, size_t bytes) override {
    memory[binding].resize(bytes + 64);
    ++calls;
    return memory[binding].data();
  }
  std::map<uint32_t, std::vector<uint8_t>> memory;
  int calls = 0;
};

struct Runner {
  Runner(const ir::Graph& graph, int threads, const passes::PassOptions& options = {}, bool optimise = true) {
    ir::Graph form = graph;
    if (optimise) passes::run_pipeline(form, options);
    plan::Program program = schedule::make_program(form, options);
    plan::verify(program);
    // Through the file, as a user would.
    const auto bytes = plan::write_plan(program);
    runtime::ContextOptions context_options;
    context_options.threads = threads;
    context_options.policy = threads > 1 ? runtime::TeamPolicy::kAll : runtime::TeamPolicy::kPaying;
    context_options.placer = &placer;
    context = std::make_unique<runtime::Context>(
        std::make_shared<const runtime::Engine>(plan::read_plan(bytes.data(), bytes.size())), context_options);
  }

  Tensors operator()(const Tensors& inputs) {
    std::vector<std::vector<uint8_t>> in;
    for (const ops::Tensor& input : inputs) in.push_back(bytes_of(input));
    for (uint32_t i = 0; i < inputs.size(); ++i) {
      context->set_dims(i, inputs[i].dims);
      context->set_address(i, in[i].data());
    }
    const auto& bindings = context->program().bindings;
    std::vector<std::vector<uint8_t>> out(bindings.size());
    for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b) {
      if (context->is_placed_by_run(b)) continue;
      size_t bytes = dtype_bytes(bindings[b].dtype);
      for (const int64_t extent : context->dims(b)) bytes *= static_cast<size_t>(extent);
      out[b].resize(bytes + 1);
      context->set_address(b, out[b].data());
    }
    context->run();
    Tensors results;
    for (uint32_t b = static_cast<uint32_t>(inputs.size()); b < bindings.size(); ++b) {
      const auto& memory = placer.memory.count(b) != 0 && out[b].empty() ? placer.memory[b] : out[b];
      results.push_back(ops::from_bytes(bindings[b].dtype, context->dims(b), memory.data()));
    }
    return results;
  }

  Placer placer;
  std::unique_ptr<runtime::Context> context;
};

/// Interpreter = every form of the graph and of its schedule, one thread = three threads.
void expect_agreement(const ir::Graph& graph, const std::vector<Tensors>& feeds) {
  std::vector<std::string> off{""};
  for (const passes::Pass& pass : passes::pipeline()) {
    if (!pass.required) off.push_back(pass.name);
  }
  off.insert(off.end(), schedule::phases().begin(), schedule::phases().end());
  for (const std::string& name : off) {
    try {
      Runner one(graph, 1, passes::without(name)), three(graph, 3, passes::without(name));
      for (const Tensors& inputs : feeds) {
        const Tensors expected = ops::interpret(graph, inputs);
        const Tensors actual = one(inputs);
        ASSERT_EQ(passes::difference(expected, actual, 1e-5), "") << "without '" << name << "'\n"
                                                                  << ir::to_string(graph);
        ASSERT_EQ(passes::difference(actual, three(inputs), 0), "") << "three threads, without '" << name << "'";
      }
    } catch (const std::exception& error) {
      FAIL() << "without '" << name << "': " << error.what() << "\n" << ir::to_string(graph);
    }
  }
}

ops::Tensor floats(const Net::Ints& dims, std::vector<double> values) {
  return {DType::kFloat32, dims, std::move(values)};
}

const std::vector<Tensors> kVectors = {{floats({8}, {1, -2, 3, -4, 5, 6, -7, 8})},
                                       {floats({8}, {-1, -2, -3, -4, -5, -6, -7, -8})},
                                       {floats({8}, {1, 2, 3, 4, 5, 6, 7, 8})}};

TEST(DataGraphs, SliceAndTailOfComputedSize) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  const ValueId part = net.take(x, net.zero(), n);
  net.output(net.tanh(net.mul(part, part)), "y");
  net.output(net.sum(part), "s");
  expect_agreement(net.graph, kVectors);
}

TEST(DataGraphs, SliceFromComputedStart) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 4)[0];
  net.output(net.sigmoid(net.take(x, n, net.graph.dims().constant(4))), "y");
  expect_agreement(net.graph,
                   {{floats({8}, {1, -2, 3, -4, -5, -6, -7, 8})}, {floats({8}, {-1, -2, -3, 4, -5, -6, -7, -8})}});
}

TEST(DataGraphs, ReshapeByValuesOfTheDevice) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ValueId shape = net.input("shape", {2}, DType::kInt32);
  const ir::Dims dims = net.read(net.pointwise("abs", {shape}), 8, 2);
  const ValueId y = net.op(ir::OpKind::k_reshape, {{"shape", dims}}, {net.tanh(x)});
  net.output(net.transpose(y, {1, 0}), "y");
  const ops::Tensor values = floats({8}, {1, 2, 3, 4, 5, 6, 7, 8});
  expect_agreement(net.graph, {{values, {DType::kInt32, {2}, {2, 4}}}, {values, {DType::kInt32, {2}, {-8, 1}}}});
  Runner run(net.graph, 1);
  try {
    run({values, {DType::kInt32, {2}, {3, 3}}});
    FAIL() << "3 x 3 is not 8";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kFailedExecution) << error.what();
    EXPECT_NE(std::string(error.what()).find("for the data of this run"), std::string::npos) << error.what();
  }
  EXPECT_EQ(run({values, {DType::kInt32, {2}, {4, 2}}})[0].dims, (Net::Ints{2, 4}));
  try {
    run({values, {DType::kInt32, {2}, {9, 1}}});
    FAIL() << "9 is outside of the symbol's range";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("must be in [0, 8]"), std::string::npos) << error.what();
  }
}

TEST(DataGraphs, ConcatOfPiecesOfUnknownLength) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  const ValueId squares = net.mul(x, x);
  net.output(net.concat({net.take(x, net.zero(), n), net.tanh(squares), net.take(squares, net.zero(), n)}, 0), "y");
  expect_agreement(net.graph, kVectors);
}

TEST(DataGraphs, ShapeOfADataTensorUsedAsData) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  const ValueId part = net.take(x, net.zero(), n);
  const ValueId extent = net.extent(part, 0);
  net.output(net.mul(net.cast(extent, DType::kFloat32), net.sum(part)), "y");
  net.output(extent, "n");
  net.output(net.pointwise("add", {net.last_read, net.last_read}), "twice");
  expect_agreement(net.graph, kVectors);
}

TEST(DataGraphs, LengthThatDiffersInEachIteration) {
  DataNet net;
  const ValueId x = net.input("x", {4, 8});
  const ValueId h0 = net.filled({}, 0.5), length = net.i32(4);
  Net::Loop loop = net.open(length, {h0}, {{x, 0, false}});
  const ValueId row = loop.slices[0];
  const ir::Dim n = net.read(net.count_positive(row), 8)[0];
  const ValueId part = net.take(row, net.zero(), n);
  const ValueId h = net.tanh(net.add(loop.carried[0], net.sum(net.mul(part, part))));
  const std::vector<ValueId> results = net.close(loop, {h}, {{h, length, 0, false}});
  net.output(results[1], "all");
  net.output(results[0], "last");
  std::vector<double> values;
  for (int i = 0; i < 32; ++i) values.push_back((i * 7 % 11 - 5) / 16.0);
  std::vector<double> others(32, 0.125);
  expect_agreement(net.graph, {{floats({4, 8}, values)}, {floats({4, 8}, others)}});
}

TEST(DataGraphs, TripCountAndOutputLengthFromData) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  net.read(net.count_positive(x), 8);
  const ValueId count = net.last_read;
  Net::Loop loop = net.open(count, {net.filled({3}, 1)}, {});
  const ValueId h = net.mul(loop.carried[0], net.filled({1}, 0.5));
  const std::vector<ValueId> results = net.close(loop, {h}, {{h, count, 0, false}, {h, count, 1, true}});
  net.output(results[1], "rows");
  net.output(results[2], "columns");
  net.output(results[0], "last");
  expect_agreement(net.graph, kVectors);
}

/// if (sum(x) > 0) then tanh of the positive part's length else a constant length.
TEST(DataGraphs, LengthInsideABranch) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ValueId flag =
      net.op(ir::OpKind::k_reshape, {{"shape", ir::Dims{}}},
             {net.pointwise("greater", {net.op(ir::OpKind::k_reshape, {{"shape", net.constants({1})}}, {net.sum(x)}),
                                        net.filled({1}, 0)})});
  const ir::OpId branch = net.graph.add_op(net.graph.main(), ir::OpKind::k_conditional, {}, {flag}, 2, "branch");
  const ir::Dim length = net.symbol(8);
  net.graph.op(branch).attrs.set("values", ir::Dims{length});
  for (int side = 0; side < 2; ++side) {
    const ir::RegionId region = net.graph.add_region(branch);
    net.enter(region);
    ValueId part;
    if (side == 0) {
      part = net.take(x, net.zero(), net.read(net.count_positive(x), 8)[0]);
    } else {
      part = net.tanh(net.slice(x, 0, 2, 3));
    }
    net.graph.region(region).results = {part, net.sum(part)};
  }
  net.enter(net.graph.main());
  ops::infer_op(net.graph, branch);
  const std::vector<ValueId> results = net.graph.op(branch).results;
  net.output(net.sigmoid(results[0]), "part");
  net.output(results[1], "sum");
  expect_agreement(net.graph, kVectors);
}

TEST(DataGraphs, BranchesOfDifferentShape) {
  DataNet net;
  const ValueId x = net.input("x", {-1});
  net.graph.dims().set_range(net.graph.type(x).dims[0], {4, 8, 8});
  const ValueId wide = net.op(ir::OpKind::k_reshape, {{"shape", net.constants({1})}}, {net.sum(x)});
  const ValueId flag =
      net.op(ir::OpKind::k_reshape, {{"shape", ir::Dims{}}}, {net.pointwise("greater", {wide, net.filled({1}, 0)})});
  const ir::Dim c = net.symbol(1);
  const ValueId condition = net.op(ir::OpKind::k_read_values, {{"values", ir::Dims{c}}}, {flag});
  const ir::OpId branch = net.graph.add_op(net.graph.main(), ir::OpKind::k_conditional, {}, {condition}, 1, "branch");
  for (int side = 0; side < 2; ++side) {
    const ir::RegionId region = net.graph.add_region(branch);
    net.enter(region);
    net.graph.region(region).results = {side == 0 ? net.tanh(x) : net.slice(net.mul(x, x), 0, 1, 3)};
  }
  net.enter(net.graph.main());
  ops::infer_op(net.graph, branch);
  net.output(net.add(net.graph.op(branch).results[0], net.filled({1}, 1)), "y");
  auto feeds = kVectors;
  feeds.push_back({floats({4}, {1, 2, 3, 4})});
  expect_agreement(net.graph, feeds);
}

/// A recurrent cell over the rows that data choose: products, states and outputs of a size that is read.
TEST(DataGraphs, RecurrentCellOverChosenRows) {
  DataNet net(5);
  const ValueId x = net.input("x", {6, 5, 7});  // [rows, T, I]
  const ValueId picks = net.input("picks", {6});
  const ir::Dim n = net.read(net.count_positive(picks), 6)[0];
  const ValueId rows = net.take(x, net.zero(), n);
  const ValueId h0 = net.op(ir::OpKind::k_broadcast, {{"shape", ir::Dims{n, net.graph.dims().constant(4)}}},
                            {net.filled({1, 4}, 0.25)});
  const ValueId steps = net.i32(5);
  const ValueId w = net.weights({7, 12}), r = net.weights({4, 12}), b = net.weights({1, 12});
  Net::Loop loop = net.open(steps, {h0, h0}, {{rows, 1, false}});
  const ValueId gates = net.add(net.add(net.matmul(loop.slices[0], w), net.matmul(loop.carried[0], r)), b);
  const auto gate = [&](int i) { return net.slice(gates, 1, 4 * i, 4); };
  const ValueId c =
      net.add(net.mul(net.sigmoid(gate(0)), loop.carried[1]), net.mul(net.sigmoid(gate(1)), net.tanh(gate(2))));
  const ValueId h = net.tanh(net.add(c, loop.carried[0]));
  const std::vector<ValueId> results = net.close(loop, {h, c}, {{h, steps, 1, false}, {c, steps, 0, true}});
  net.output(results[2], "all");
  net.output(results[3], "cells");
  net.output(net.matmul(results[0], net.weights({4, 3})), "last");
  std::vector<Tensors> feeds;
  for (const int count : {3, 0, 6}) {
    std::vector<double> values, chosen;
    for (int i = 0; i < 210; ++i) values.push_back((i * 37 % 64 - 32) / 64.0);
    for (int i = 0; i < 6; ++i) chosen.push_back(i < count ? 1 : -1);
    feeds.push_back({floats({6, 5, 7}, values), floats({6}, chosen)});
  }
  expect_agreement(net.graph, feeds);
}

/// Two reads of one tensor are one, and a nested loop reads anew in each of its iterations.
TEST(DataGraphs, NestedLoopsAndSharedReads) {
  DataNet net;
  const ValueId x = net.input("x", {3, 8});
  const ValueId two = net.i32(2), three = net.i32(3);
  Net::Loop outer = net.open(three, {net.filled({}, 0)}, {{x, 0, false}});
  const ValueId row = outer.slices[0];
  const ValueId count = net.count_positive(row);
  const ir::Dim n = net.read(count, 8)[0];
  const ir::Dim again = net.read(count, 6)[0];
  Net::Loop inner = net.open(two, {outer.carried[0]}, {});
  const ValueId part = net.take(row, net.zero(), n);
  const ValueId shifted =
      net.add(part, net.op(ir::OpKind::k_reshape, {{"shape", net.constants({1})}}, {inner.carried[0]}));
  const ir::Dim m = net.read(net.count_positive(shifted), 8)[0];
  const ValueId kept = net.take(shifted, net.zero(), m);
  const ValueId next = net.tanh(net.sum(kept));
  const std::vector<ValueId> last = net.close(inner, {next}, {});
  const ValueId both = net.add(last[0], net.sum(net.take(row, net.zero(), again)));
  const std::vector<ValueId> results = net.close(outer, {both}, {{both, three, 0, true}});
  net.output(results[0], "last");
  net.output(results[1], "all");
  std::vector<double> values;
  for (int i = 0; i < 24; ++i) values.push_back((i * 13 % 17 - 9) / 16.0);
  expect_agreement(net.graph, {{floats({3, 8}, values)}});
}

TEST(DataGraphs, DeadReadsGoAndCheckedOnesStay) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  const ValueId unused = net.take(x, net.zero(), n);
  net.tanh(unused);
  net.output(net.sigmoid(x), "y");
  Runner run(net.graph, 1);
  EXPECT_TRUE(run.context->program().reads.empty());

  DataNet checked;
  const ValueId z = checked.input("x", {8});
  const ir::Dim m = checked.read(checked.count_positive(z), 8)[0];
  checked.output(checked.op(ir::OpKind::k_reshape, {{"shape", ir::Dims{m}}}, {checked.tanh(z)}), "y");
  Runner second(checked.graph, 1);
  EXPECT_EQ(second.context->program().reads.size(), 1u);
  EXPECT_EQ(second(kVectors[2])[0].dims, (Net::Ints{8}));
  EXPECT_THROW(second(kVectors[0]), Error);
}

TEST(DataGraphs, MemoryStaysFlat) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  const ValueId part = net.take(x, net.zero(), n);
  net.output(net.concat({net.tanh(part), part, part}, 0), "y");
  Runner run(net.graph, 1);
  for (int i = 0; i < 1000; ++i) {
    const Tensors expected = ops::interpret(net.graph, kVectors[static_cast<size_t>(i % 3)]);
    ASSERT_EQ(passes::difference(expected, run(kVectors[static_cast<size_t>(i % 3)]), 1e-5), "");
  }
  EXPECT_EQ(run.placer.calls, 1000);
  EXPECT_EQ(run.context->dims(1), (Net::Ints{15}));
  run.context->set_dims(0, Net::Ints{8});
  EXPECT_EQ(run.context->largest_dims(1), (Net::Ints{24}));
}

TEST(DataGraphs, TextOfDataSymbols) {
  DataNet net;
  const ValueId x = net.input("x", {8});
  const ir::Dim n = net.read(net.count_positive(x), 8)[0];
  net.output(net.take(x, net.zero(), n), "y");
  const std::string text = ir::to_string(net.graph);
  EXPECT_NE(text.find("symbol d0 data 0 [0, 4, 8]"), std::string::npos) << text;
  EXPECT_EQ(ir::to_string(ir::parse_graph(text)), text);
}

}  // namespace
}  // namespace rondo
