// reason: one small language for writing test graphs; splitting it would hide its size.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "ops/interpreter.h"
#include "ops/op_def.h"

namespace rondo::passes {

/// Writes graphs for tests the way a program does: layer after layer, loops opened and closed around their bodies.
class Net {
 public:
  using Ints = std::vector<int64_t>;
  using Values = std::vector<ir::ValueId>;

  struct Iter {
    ir::ValueId source;
    int axis = 0;
    bool reverse = false;
  };
  struct Out {
    ir::ValueId value;
    ir::ValueId length;
    int axis = 0;
    bool reverse = false;
  };
  /// A loop whose body is being written.
  struct Loop {
    ir::OpId op;
    ir::RegionId outer;
    ir::ValueId step;
    Values carried, slices;
  };

  ir::Graph graph;

  explicit Net(uint32_t seed = 1) : random_(seed) {}

  /// A network input, in front of all other ops wherever the writing is; dims of -1 are symbols.
  ir::ValueId input(const std::string& name, const Ints& dims, DType dtype = DType::kFloat32) {
    const int64_t index = static_cast<int64_t>(graph.inputs().size());
    ir::TensorType type{dtype, {}};
    for (size_t i = 0; i < dims.size(); ++i) {
      const ir::Symbol symbol{name + "." + std::to_string(i), ir::SymbolSource::kInputDim, static_cast<int32_t>(index),
                              static_cast<int32_t>(i)};
      type.dims.push_back(dims[i] < 0 ? graph.dims().symbol(symbol) : graph.dims().constant(dims[i]));
    }
    const std::vector<ir::OpId>& ops = graph.region(graph.main()).ops;
    const ir::OpId before = graph.inputs().size() < ops.size() ? ops[graph.inputs().size()] : ir::OpId{};
    const ir::OpId op = graph.add_op(graph.main(), ir::OpKind::k_input, {{"index", index}}, {}, 1, name, before);
    graph.inputs().push_back(op);
    const ir::ValueId value = graph.op(op).results[0];
    graph.value(value).info.type = type;
    graph.value(value).name = name;
    return value;
  }
  /// An i32 scalar on the host, known to shapes as a symbol.
  ir::ValueId host_scalar(const std::string& name) {
    const int32_t index = static_cast<int32_t>(graph.inputs().size());
    const ir::ValueId value = input(name, {}, DType::kInt32);
    const ir::Dim symbol = graph.dims().symbol({name, ir::SymbolSource::kInputValue, index, 0});
    graph.value(value).info.contents = std::vector<ir::Dim>{symbol};
    return value;
  }

  ir::ValueId constant(const Ints& dims, const std::vector<double>& values, DType dtype = DType::kFloat32) {
    const ops::Tensor tensor{dtype, dims, values};
    Bytes bytes(values.size() * dtype_bytes(dtype));
    ops::to_bytes(tensor, bytes.data());
    const int64_t data = graph.add_constant_data(dtype, std::move(bytes));
    return op(ir::OpKind::k_constant, {{"data", data}, {"dims", dims}}, {});
  }
  ir::ValueId i32(int64_t value) { return constant({}, {static_cast<double>(value)}, DType::kInt32); }
  ir::ValueId filled(const Ints& dims, double value) {
    return constant(dims, std::vector<double>(static_cast<size_t>(volume(dims)), value));
  }
  /// Constants in [-0.5, 0.5], multiples of 1/64: sums of products of few of them are exact in f32.
  ir::ValueId weights(const Ints& dims) {
    std::vector<double> values(static_cast<size_t>(volume(dims)));
    for (double& value : values) value = std::uniform_int_distribution<int>(-32, 32)(random_) / 64.0;
    return constant(dims, values);
  }

  ir::ValueId op(ir::OpKind kind, ir::Attrs attrs, Values operands, size_t results = 1) {
    const ir::OpId id = graph.add_op(region_, kind, std::move(attrs), std::move(operands), results, name_);
    ops::infer_op(graph, id);
    return graph.op(id).results[0];
  }
  ir::ValueId pointwise(const std::string& fn, Values operands) {
    return op(ir::OpKind::k_pointwise, {{"fn", fn}}, std::move(operands));
  }
  ir::ValueId add(ir::ValueId a, ir::ValueId b) { return pointwise("add", {a, b}); }
  ir::ValueId mul(ir::ValueId a, ir::ValueId b) { return pointwise("mul", {a, b}); }
  ir::ValueId sigmoid(ir::ValueId x) { return pointwise("sigmoid", {x}); }
  ir::ValueId tanh(ir::ValueId x) { return pointwise("tanh", {x}); }
  ir::ValueId cast(ir::ValueId x, DType to) {
    return op(ir::OpKind::k_pointwise, {{"fn", std::string("cast")}, {"to", static_cast<int64_t>(to)}}, {x});
  }
  ir::ValueId matmul(ir::ValueId a, ir::ValueId b) { return op(ir::OpKind::k_matmul, {}, {a, b}); }
  /// The structured product; operations: 0 none, 1 transpose, 2 vector.
  ir::ValueId matrix_multiply(ir::ValueId a, int64_t op0, ir::ValueId b, int64_t op1) {
    return op(ir::OpKind::k_matrix_multiply, {{"op0", op0}, {"op1", op1}}, {a, b});
  }
  ir::ValueId reshape(ir::ValueId x, const Ints& shape) {
    return op(ir::OpKind::k_reshape, {{"shape", constants(shape)}}, {x});
  }
  ir::ValueId transpose(ir::ValueId x, const Ints& perm) { return op(ir::OpKind::k_transpose, {{"perm", perm}}, {x}); }
  ir::ValueId concat(Values parts, int64_t axis) {
    return op(ir::OpKind::k_concat, {{"axis", axis}}, std::move(parts));
  }
  ir::ValueId slice(ir::ValueId x, int axis, int64_t start, int64_t size) {
    ir::Dims sizes = graph.type(x).dims, starts(sizes.size(), graph.dims().constant(0));
    starts[static_cast<size_t>(axis)] = graph.dims().constant(start);
    sizes[static_cast<size_t>(axis)] = graph.dims().constant(size);
    return op(ir::OpKind::k_slice, {{"start", starts}, {"size", sizes}, {"stride", Ints(sizes.size(), 1)}}, {x});
  }
  ir::ValueId gather(ir::ValueId data, ir::ValueId index, int64_t axis) {
    return op(ir::OpKind::k_gather, {{"mode", int64_t{0}}, {"axis", axis}, {"elementwise_dims", int64_t{0}}},
              {data, index});
  }
  ir::ValueId extent(ir::ValueId x, int64_t axis) {
    const ir::ValueId shape = op(ir::OpKind::k_shape, {{"to", static_cast<int64_t>(DType::kInt32)}}, {x});
    return reshape(slice(shape, 0, axis, 1), {});
  }

  /// Opens a loop; `count` invalid for a kWHILE loop without kCOUNT.
  Loop open(ir::ValueId count, const Values& initial, const std::vector<Iter>& iters, bool has_while = false) {
    Values operands;
    Ints axes, reverse;
    if (count.valid()) operands.push_back(count);
    operands.insert(operands.end(), initial.begin(), initial.end());
    for (const Iter& iter : iters) {
      operands.push_back(iter.source);
      axes.push_back(iter.axis);
      reverse.push_back(iter.reverse ? 1 : 0);
    }
    const ir::Attrs attrs{{"count", int64_t{count.valid()}},
                          {"while", int64_t{has_while}},
                          {"carried", static_cast<int64_t>(initial.size())},
                          {"iter_axes", axes},
                          {"iter_reverse", reverse},
                          {"out_axes", Ints{}},
                          {"out_reverse", Ints{}}};
    Loop loop;
    loop.outer = region_;
    loop.op = graph.add_op(region_, ir::OpKind::k_loop, attrs, operands, 0, name_);
    region_ = graph.add_region(loop.op);
    loop.step = graph.add_argument(region_, {{DType::kInt64, {}}, std::nullopt});
    for (ir::ValueId value : initial)
      loop.carried.push_back(graph.add_argument(region_, {graph.type(value), std::nullopt}));
    for (const Iter& iter : iters) {
      ir::TensorType type = graph.type(iter.source);
      type.dims.erase(type.dims.begin() + iter.axis);
      loop.slices.push_back(graph.add_argument(region_, {type, std::nullopt}));
    }
    return loop;
  }
  /// Closes the loop and returns its results: last values, then collected ones.
  Values close(const Loop& loop, const Values& next, const std::vector<Out>& outs, ir::ValueId flag = {}) {
    Values yields = next;
    Ints axes, reverse;
    for (const Out& out : outs) {
      yields.push_back(out.value);
      graph.op(loop.op).operands.push_back(out.length);
      axes.push_back(out.axis);
      reverse.push_back(out.reverse ? 1 : 0);
    }
    if (flag.valid()) yields.push_back(flag);
    graph.region(region_).results = yields;
    graph.op(loop.op).attrs.set("out_axes", axes).set("out_reverse", reverse);
    for (size_t i = 0; i < next.size() + outs.size(); ++i) graph.add_result(loop.op, {});
    region_ = loop.outer;
    ops::infer_op(graph, loop.op);
    return graph.op(loop.op).results;
  }

  /// Enters and leaves a region by hand, for conditionals.
  ir::RegionId region() const { return region_; }
  void enter(ir::RegionId region) { region_ = region; }

  void output(ir::ValueId value, const std::string& name) {
    graph.region(graph.main()).results.push_back(value);
    graph.output_names().push_back(name);
    if (graph.value(value).name.empty()) graph.value(value).name = name;
  }
  /// Name of the layers added from here on.
  void named(const std::string& name) { name_ = name; }
  std::mt19937& random() { return random_; }

  ir::Dims constants(const Ints& values) {
    ir::Dims dims;
    for (int64_t value : values) dims.push_back(graph.dims().constant(value));
    return dims;
  }
  static int64_t volume(const Ints& dims) {
    int64_t product = 1;
    for (int64_t dim : dims) product *= dim;
    return product;
  }

 private:
  ir::RegionId region_{0};
  std::string name_;
  std::mt19937 random_;
};

}  // namespace rondo::passes
