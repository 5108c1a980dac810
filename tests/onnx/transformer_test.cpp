// A block of a transformer as exporters write it: shapes taken apart and put together, nothing simplified, batch and
// length dynamic.

#include <cmath>

#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

constexpr int64_t kHidden = 8;
constexpr int64_t kHeads = 2;
constexpr int64_t kWidth = kHidden / kHeads;
constexpr int64_t kVocabulary = 11;

/// The extents of dimension `axis` of `tensor` as a list of one: Shape, Gather, Unsqueeze.
std::string extent(Model& model, std::string const& tensor, int axis, std::string const& name) {
  model.node("Shape", {tensor}, {name + "_shape"});
  model.node("Constant", {}, {name + "_index"}, {attribute("value_int", axis)});
  model.node("Gather", {name + "_shape", name + "_index"}, {name + "_scalar"}, {attribute("axis", 0)});
  model.constant(name + "_zero", ints({1}, {0}));
  model.node("Unsqueeze", {name + "_scalar", name + "_zero"}, {name});
  return name;
}

/// x W + b with W [hidden, hidden].
void linear(Model& model, std::string const& x, std::string const& y, unsigned seed) {
  model.constant(y + "_w", noise({kHidden, kHidden}, seed)).constant(y + "_b", noise({kHidden}, seed + 1));
  model.node("MatMul", {x, y + "_w"}, {y + "_product"});
  model.node("Add", {y + "_b", y + "_product"}, {y});
}

/// [B, S, hidden] -> [B, heads, S, width] with the shape computed from that of x.
void split_heads(Model& model, std::string const& x, std::string const& y) {
  const std::string batch = extent(model, x, 0, y + "_batch");
  const std::string length = extent(model, x, 1, y + "_length");
  model.constant(y + "_heads", ints({1}, {kHeads})).constant(y + "_width", ints({1}, {kWidth}));
  model.node("Concat", {batch, length, y + "_heads", y + "_width"}, {y + "_dims"}, {attribute("axis", 0)});
  model.node("Reshape", {x, y + "_dims"}, {y + "_split"});
  model.node("Transpose", {y + "_split"}, {y}, {attribute("perm", std::vector<int64_t>{0, 2, 1, 3})});
}

/// Layer normalization written out, as before version 17 of the operator set.
void normalize(Model& model, std::string const& x, std::string const& y) {
  model.constant(y + "_two", floats({}, {2})).constant(y + "_eps", floats({}, {1e-12}));
  model.constant(y + "_gain", noise({kHidden}, 91)).constant(y + "_shift", noise({kHidden}, 92));
  const std::vector<int64_t> last{-1};
  model.node("ReduceMean", {x}, {y + "_mean"}, {attribute("axes", last)});
  model.node("Sub", {x, y + "_mean"}, {y + "_centered"});
  model.node("Pow", {y + "_centered", y + "_two"}, {y + "_squares"});
  model.node("ReduceMean", {y + "_squares"}, {y + "_variance"}, {attribute("axes", last)});
  model.node("Add", {y + "_variance", y + "_eps"}, {y + "_safe"});
  model.node("Sqrt", {y + "_safe"}, {y + "_deviation"});
  model.node("Div", {y + "_centered", y + "_deviation"}, {y + "_unit"});
  model.node("Mul", {y + "_unit", y + "_gain"}, {y + "_scaled"});
  model.node("Add", {y + "_scaled", y + "_shift"}, {y});
}

Model attention_block() {
  Model model(14);
  model.input("ids", DataType::kINT64, {-1, -1}).input("mask", DataType::kINT64, {-1, -1}).output("y");
  for (int d = 0; d < 2; ++d) {  // the same two names for both inputs
    for (int i = 0; i < 2; ++i) {
      auto& type = *model.proto().mutable_graph()->mutable_input(i)->mutable_type()->mutable_tensor_type();
      type.mutable_shape()->mutable_dim(d)->set_dim_param(d == 0 ? "batch" : "sequence");
    }
  }
  model.constant("table", noise({kVocabulary, kHidden}, 3));
  model.node("Gather", {"table", "ids"}, {"x"});
  linear(model, "x", "q", 10);
  linear(model, "x", "k", 20);
  linear(model, "x", "v", 30);
  for (std::string const name : {"q", "k", "v"}) split_heads(model, name, name + "h");
  model.node("Transpose", {"kh"}, {"kt"}, {attribute("perm", std::vector<int64_t>{0, 1, 3, 2})});
  model.node("MatMul", {"qh", "kt"}, {"scores"});
  model.constant("root", floats({}, {std::sqrt(static_cast<double>(kWidth))}));
  model.node("Div", {"scores", "root"}, {"scaled"});
  model.constant("axes", ints({2}, {1, 2})).constant("one", floats({}, {1})).constant("far", floats({}, {-10000}));
  model.node("Unsqueeze", {"mask", "axes"}, {"mask4"});
  model.node("Cast", {"mask4"}, {"maskf"}, {attribute("to", 1)});
  model.node("Sub", {"one", "maskf"}, {"holes"});
  model.node("Mul", {"holes", "far"}, {"bias"});
  model.node("Add", {"scaled", "bias"}, {"masked"});
  model.node("Softmax", {"masked"}, {"weights"}, {attribute("axis", -1)});
  model.node("MatMul", {"weights", "vh"}, {"mixed"});
  model.node("Transpose", {"mixed"}, {"rows"}, {attribute("perm", std::vector<int64_t>{0, 2, 1, 3})});
  const std::string batch = extent(model, "rows", 0, "out_batch");
  const std::string length = extent(model, "rows", 1, "out_length");
  model.constant("width", ints({1}, {kHidden}));
  model.node("Concat", {batch, length, "width"}, {"out_dims"}, {attribute("axis", 0)});
  model.node("Reshape", {"rows", "out_dims"}, {"joined"});
  model.node("Add", {"joined", "x"}, {"residual"});
  normalize(model, "residual", "y");
  return model;
}

using Matrix = std::vector<std::vector<double>>;

Matrix naive_linear(Matrix const& x, unsigned seed) {
  const Array w = noise({kHidden, kHidden}, seed);
  const Array b = noise({kHidden}, seed + 1);
  Matrix y(x.size(), b.values);
  for (size_t s = 0; s < x.size(); ++s) {
    for (size_t o = 0; o < kHidden; ++o) {
      for (size_t i = 0; i < kHidden; ++i) y[s][o] += x[s][i] * w.values[i * kHidden + o];
    }
  }
  return y;
}

std::vector<double> naive_normalize(std::vector<double> row) {
  double mean = 0;
  double variance = 0;
  for (double v : row) mean += v / kHidden;
  for (double v : row) variance += (v - mean) * (v - mean) / kHidden;
  const Array gain = noise({kHidden}, 91);
  const Array shift = noise({kHidden}, 92);
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = (row[i] - mean) / std::sqrt(variance + 1e-12) * gain.values[i] + shift.values[i];
  }
  return row;
}

/// One sequence of the block, naively, in double.
Matrix naive_block(std::vector<int64_t> const& ids, std::vector<int64_t> const& mask) {
  const Array table = noise({kVocabulary, kHidden}, 3);
  Matrix x;
  for (int64_t id : ids) x.emplace_back(table.values.begin() + id * kHidden, table.values.begin() + (id + 1) * kHidden);
  const Matrix q = naive_linear(x, 10);
  const Matrix k = naive_linear(x, 20);
  const Matrix v = naive_linear(x, 30);
  Matrix y = x;
  for (size_t s = 0; s < ids.size(); ++s) {
    for (size_t h = 0; h < kHeads; ++h) {
      std::vector<double> weights;
      double total = 0;
      for (size_t t = 0; t < ids.size(); ++t) {
        double score = 0;
        for (size_t d = h * kWidth; d < (h + 1) * kWidth; ++d) score += q[s][d] * k[t][d];
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(kWidth)) - (mask[t] ? 0 : 10000)));
        total += weights.back();
      }
      for (size_t t = 0; t < ids.size(); ++t) {
        for (size_t d = h * kWidth; d < (h + 1) * kWidth; ++d) y[s][d] += weights[t] / total * v[t][d];
      }
    }
    y[s] = naive_normalize(y[s]);
  }
  return y;
}

TEST(Transformer, block_without_simplification_runs_at_every_shape) {
  Engine engine(attention_block().bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  EXPECT_EQ(engine.log(), "");
  for (auto const& [batch, length] : {std::pair<int64_t, int64_t>{1, 1}, {2, 5}, {3, 64}}) {
    Array ids = ints({batch, length}, {});
    Array mask = ids;
    Array expected = floats({batch, length, kHidden}, {});
    for (int64_t b = 0; b < batch; ++b) {
      std::vector<int64_t> words;
      std::vector<int64_t> present;
      for (int64_t s = 0; s < length; ++s) {
        words.push_back((5 * b + 3 * s + 1) % kVocabulary);
        present.push_back(s == 0 || (b + s) % 3 != 0);
      }
      ids.values.insert(ids.values.end(), words.begin(), words.end());
      mask.values.insert(mask.values.end(), present.begin(), present.end());
      for (auto const& row : naive_block(words, present))
        expected.values.insert(expected.values.end(), row.begin(), row.end());
    }
    expect_near(engine.run({{"ids", ids}, {"mask", mask}}).at("y"), expected, 2e-5);
  }
}

}  // namespace
}  // namespace rondo::onnx_test
