#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "ops/structured/recurrent/rnn_v2.h"
#include "ops/test_graph.h"

// Every structured op, over random shapes (empty, unit, broadcast, symbolic) and element types: its own reference in
// double and the references of the primitives it expands to must agree. Constants that an expansion makes are stored in
// the op's element type, which sets the tolerance.

namespace rondo::ops {
namespace {

using ir::OpKind;
using ir::ValueId;
using Ints = std::vector<int64_t>;

constexpr int kRounds = 60;

/// One random network under construction with the inputs to run it on.
class Case {
 public:
  explicit Case(uint32_t seed) : random_(seed) {}

  TestGraph g;
  std::vector<Tensor> inputs;
  DType dtype = DType::kFloat32;

  int64_t number(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  double real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  bool flip() { return number(0, 1) != 0; }

  Ints shape(int64_t low_rank, int64_t high_rank, int64_t low_extent = 0) {
    Ints dims(static_cast<size_t>(number(low_rank, high_rank)));
    for (int64_t& extent : dims) extent = number(0, 9) == 0 ? low_extent : number(1, 4);
    return dims;
  }

  Tensor values(const Ints& dims, double low, double high) {
    Tensor x = tensor(dtype, dims, {});
    x.data.resize(static_cast<size_t>(x.volume()));
    for (double& v : x.data)
      v = is_float(dtype) ? round_to(dtype, real(low, high)) : static_cast<double>(number(-9, 9));
    if (dtype == DType::kBool) {
      for (double& v : x.data) v = v > 0;
    }
    return x;
  }

  /// An input; each extent is symbolic every other time, but for those marked fixed.
  ValueId input(const Tensor& x, bool fixed = false) {
    Ints declared = x.dims;
    for (int64_t& extent : declared) extent = !fixed && flip() ? -1 : extent;
    inputs.push_back(x);
    return g.input("in" + std::to_string(inputs.size()), x.dtype, declared);
  }
  ValueId input(const Ints& dims, double low = -3, double high = 3) { return input(values(dims, low, high)); }

  ValueId constant(const Ints& dims, double low = -1, double high = 1) {
    return g.constant(dtype, dims, values(dims, low, high).data);
  }

  void output(ValueId v) {
    for (ValueId result : g.results_of(v)) g.output(result);
  }

 private:
  std::mt19937 random_;
};

double tolerance(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return 4e-3;
    case DType::kBFloat16:
      return 4e-2;
    default:
      return 1e-6;
  }
}

void check(const Case& c) {
  const auto structured = c.g.run(c.inputs), expanded = c.g.run_expanded(c.inputs);
  ASSERT_EQ(structured.size(), expanded.size());
  for (size_t i = 0; i < structured.size(); ++i) expect_near(expanded[i], structured[i], tolerance(c.dtype));
}

void repeat(const std::vector<DType>& dtypes, const std::function<void(Case&)>& build) {
  for (uint32_t seed = 1; seed <= kRounds; ++seed) {
    for (DType dtype : dtypes) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << dtype_name(dtype));
      Case c(seed);
      c.dtype = dtype;
      build(c);
      check(c);
      if (testing::Test::HasFailure()) return;
    }
  }
}

const std::vector<DType> kFloats{DType::kFloat32, DType::kFloat16, DType::kBFloat16};

TEST(Conformance, Elementwise) {
  const auto build = [](Case& c, int64_t low, int64_t high) {
    const Ints a = c.shape(0, 4);
    Ints x = a, y = a;
    for (size_t i = 0; i < a.size(); ++i) {
      if (c.number(0, 3) == 0) (c.flip() ? x : y)[i] = 1;
    }
    // Extents of 1 stay declared: an open extent that meets another is taken to be equal.
    const ValueId left = c.input(c.values(x, 0.1, 3), true), right = c.input(c.values(y, 0.1, 3), true);
    c.output(c.g.add(OpKind::k_elementwise, {{"op", c.number(low, high)}}, {left, right}));
  };
  repeat({DType::kFloat32, DType::kFloat16, DType::kInt32, DType::kInt64, DType::kInt8, DType::kUint8}, [&](Case& c) {
    if (c.dtype == DType::kUint8) return build(c, 11, 13);
    build(c, 0, 7);
  });
  repeat({DType::kFloat32, DType::kInt32, DType::kBool}, [&](Case& c) { build(c, 11, 13); });
  repeat({DType::kBool}, [&](Case& c) { build(c, 8, 10); });
}

TEST(Conformance, Unary) {
  repeat(kFloats, [](Case& c) {
    int64_t op = c.number(0, 24);
    if (op == 20) op = 0;
    c.output(c.g.add(OpKind::k_unary, {{"op", op}}, {c.input(c.shape(0, 4), -2, 2)}));
  });
  repeat({DType::kInt8, DType::kInt32, DType::kInt64}, [](Case& c) {
    const int64_t ops[] = {4, 5, 21};
    c.output(c.g.add(OpKind::k_unary, {{"op", ops[c.number(0, 2)]}}, {c.input(c.shape(0, 4))}));
  });
}

TEST(Conformance, Activation) {
  repeat(kFloats, [](Case& c) {
    const int64_t type = c.number(0, 13);
    const double alpha = round_to(c.dtype, c.real(-0.5, 0.5)), beta = round_to(c.dtype, c.real(0.5, 1.5));
    c.output(
        c.g.add(OpKind::k_activation, {{"type", type}, {"alpha", alpha}, {"beta", beta}}, {c.input(c.shape(0, 4))}));
  });
}

TEST(Conformance, MatrixMultiply) {
  repeat(kFloats, [](Case& c) {
    const int64_t op0 = c.number(0, 2), op1 = c.number(0, 2), m = c.number(0, 4), k = c.number(0, 4),
                  n = c.number(0, 4);
    const Ints lead = c.shape(0, 2, 1);
    Ints a = lead, b = lead;
    for (size_t i = 0; i < lead.size(); ++i) {
      if (c.number(0, 2) == 0) (c.flip() ? a : b)[i] = 1;
    }
    const auto side = [](Ints dims, int64_t op, bool left, int64_t outer, int64_t inner) {
      if (op == 2) {
        dims.push_back(inner);
      } else {
        const bool inner_last = left == (op == 0);
        dims.insert(dims.end(), {inner_last ? outer : inner, inner_last ? inner : outer});
      }
      return dims;
    };
    const ValueId x = c.input(c.values(side(a, op0, true, m, k), -1, 1), true);
    const Ints b_dims = side(b, op1, false, n, k);
    const ValueId y = c.flip() ? c.constant(b_dims) : c.input(c.values(b_dims, -1, 1), true);
    c.output(c.g.add(OpKind::k_matrix_multiply, {{"op0", op0}, {"op1", op1}}, {x, y}));
  });
}

TEST(Conformance, FullyConnected) {
  repeat(kFloats, [](Case& c) {
    const Ints dims = c.shape(3, 5, 1);
    const int64_t outputs = c.number(1, 4),
                  volume = dims[dims.size() - 1] * dims[dims.size() - 2] * dims[dims.size() - 3];
    std::vector<ValueId> operands{c.input(c.values(dims, -1, 1), c.flip()), c.constant({outputs * volume})};
    if (c.flip()) operands.push_back(c.constant({outputs}));
    c.output(c.g.add(OpKind::k_fully_connected, {{"outputs", outputs}}, operands));
  });
}

TEST(Conformance, Scale) {
  repeat(kFloats, [](Case& c) {
    const Ints dims = c.shape(2, 5, 1);
    const int64_t mode = c.number(0, 2), axis = c.number(0, static_cast<int64_t>(dims.size()) - 1);
    int64_t wanted = mode == 0 ? 1 : dims[static_cast<size_t>(axis)];
    for (size_t i = static_cast<size_t>(axis) + 1; mode == 2 && i < dims.size(); ++i) wanted *= dims[i];
    const ValueId x = c.input(c.values(dims, 0.5, 2), true);
    const auto weights = [&](double neutral) {
      const int64_t count = c.flip() ? wanted : 1;
      if (c.number(0, 2) != 0) return c.constant({count}, 0.5, 1.5);
      return c.g.constant(c.dtype, {count}, std::vector<double>(static_cast<size_t>(count), neutral));
    };
    c.output(
        c.g.add(OpKind::k_scale, {{"mode", mode}, {"channel_axis", axis}}, {x, weights(0), weights(1), weights(1)}));
  });
}

TEST(Conformance, Softmax) {
  repeat(kFloats, [](Case& c) {
    const Ints dims = c.shape(1, 4);
    c.output(
        c.g.add(OpKind::k_softmax, {{"axis", c.number(0, static_cast<int64_t>(dims.size()) - 1)}}, {c.input(dims)}));
  });
}

TEST(Conformance, ShuffleAndIdentity) {
  repeat({DType::kFloat32, DType::kInt8, DType::kBool}, [](Case& c) {
    const Ints dims = c.shape(1, 4, 1);
    const auto permutation = [&](size_t rank) {
      Ints perm(rank);
      for (size_t i = 0; i < rank; ++i) perm[i] = static_cast<int64_t>(i);
      for (size_t i = rank; i > 1; --i)
        std::swap(perm[i - 1], perm[static_cast<size_t>(c.number(0, static_cast<int64_t>(i) - 1))]);
      return c.number(0, 3) == 0 ? Ints{} : perm;
    };
    const Ints perm1 = permutation(dims.size());
    Ints shape = dims;
    for (size_t i = 0; i < perm1.size(); ++i) shape[i] = dims[static_cast<size_t>(perm1[i])];
    const bool has_reshape = c.flip();
    if (has_reshape && shape.size() > 1 && c.flip()) {
      const int64_t last = shape.back();
      shape.pop_back();
      shape.back() *= last;
    }
    const Ints perm2 = permutation(shape.size());
    ir::Dims reshape;
    const auto unknown = static_cast<size_t>(c.number(0, 4));
    for (size_t i = 0; has_reshape && i < shape.size(); ++i) {
      reshape.push_back(c.g.graph.dims().constant(i == unknown ? -1 : i + 1 < shape.size() && c.flip() ? 0 : shape[i]));
    }
    const ValueId y = c.g.add(OpKind::k_shuffle,
                              {{"perm1", perm1},
                               {"has_reshape", int64_t{has_reshape}},
                               {"reshape", reshape},
                               {"zero_is_placeholder", int64_t{1}},
                               {"perm2", perm2}},
                              {c.input(c.values(dims, -3, 3))});
    c.output(c.g.add(OpKind::k_identity, {}, {y}));
  });
}

/// Random weights of a stack with these attributes.
std::vector<ValueId> rnn_weights(Case& c, int64_t op, int64_t layers, int64_t directions, int64_t hidden, int64_t width,
                                 bool skip) {
  const int64_t gates[] = {1, 1, 4, 3};
  std::vector<ValueId> weights;
  for (int64_t pseudo = 0; pseudo < layers * directions; ++pseudo) {
    const bool first = pseudo < directions;
    for (int64_t gate = 0; gate < gates[op]; ++gate) {
      if (!first || !skip) weights.push_back(c.constant({hidden, first ? width : directions * hidden}, -0.5, 0.5));
      weights.push_back(c.constant({hidden, hidden}, -0.5, 0.5));
      weights.push_back(c.constant({hidden}, -0.5, 0.5));
      weights.push_back(c.constant({hidden}, -0.5, 0.5));
    }
  }
  return weights;
}

TEST(Conformance, RnnV2) {
  repeat({DType::kFloat32}, [](Case& c) {
    const int64_t op = c.number(0, 3), layers = c.number(1, 3), directions = c.number(1, 2), hidden = c.number(1, 4);
    const bool skip = c.number(0, 3) == 0;
    const int64_t width = skip ? hidden : c.number(1, 4), steps = c.number(0, 9) == 0 ? 0 : c.number(1, 5);
    const Ints lead = c.shape(0, 2, 1);
    Ints dims = lead, state = lead, lengths_dims = lead;
    dims.insert(dims.end(), {steps, width});
    state.insert(state.end(), {layers * directions, hidden});
    const bool has_h0 = c.flip(), has_c0 = op == RnnLayout::kLstm && c.flip(), has_lengths = c.flip() && steps > 0;
    std::vector<ValueId> operands{c.input(c.values(dims, -1, 1))};
    for (bool has : {has_h0, has_c0}) {
      Ints shape = state;
      const bool may_drop =
          c.g.graph.dims().value_or_unknown(c.g.graph.type(operands[0]).dims[0]) == 1 && lead.size() > 0;
      if (may_drop && c.flip()) shape.erase(shape.begin());
      if (has) operands.push_back(c.input(c.values(shape, -1, 1)));
    }
    if (has_lengths) {
      Tensor lengths = tensor(DType::kInt32, lengths_dims, {});
      for (int64_t i = 0; i < lengths.volume(); ++i) lengths.data.push_back(static_cast<double>(c.number(1, steps)));
      operands.push_back(c.input(lengths));
    }
    const auto weights = rnn_weights(c, op, layers, directions, hidden, width, skip);
    operands.insert(operands.end(), weights.begin(), weights.end());
    c.output(c.g.add(OpKind::k_rnn_v2,
                     {{"op", op},
                      {"direction", directions - 1},
                      {"input_mode", int64_t{skip}},
                      {"layers", layers},
                      {"hidden", hidden},
                      {"has_h0", int64_t{has_h0}},
                      {"has_c0", int64_t{has_c0}},
                      {"has_lengths", int64_t{has_lengths}}},
                     operands));
  });
}

}  // namespace
}  // namespace rondo::ops
