// Single nodes that ask for the impossible: sizes without end, divisors of zero, positions outside, numbers that
// overflow. Each is refused, clearly, in little time and memory; the table says how much.

#include <cstdio>
#include <limits>
#include <random>

#include "onnx/budget.h"
#include "onnx/model.h"

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size);

namespace rondo::onnx_test {
namespace {

using Attributes = std::vector<proto::AttributeProto>;
using P = proto::TensorProto;

constexpr int64_t kMany = int64_t{1} << 40;
constexpr int64_t kHuge = int64_t{1} << 62;

struct Hostile {
  char const* name;
  char const* op;
  std::map<std::string, Extents> inputs;      ///< float
  std::vector<proto::TensorProto> constants;  ///< the inputs behind them
  Attributes attributes;
  char const* says;
  int64_t opset = 21;
};

proto::TensorProto numbers(std::vector<int64_t> const& values, bool scalar = false) {
  proto::TensorProto result;
  result.set_data_type(P::INT64);
  if (!scalar) result.add_dims(static_cast<int64_t>(values.size()));
  for (int64_t value : values) result.add_int64_data(value);
  return result;
}
proto::TensorProto flags(size_t count) {
  return tensor("", {DataType::kBOOL, {static_cast<int64_t>(count)}, std::vector<double>(count, 1)});
}
proto::TensorProto number(int64_t value) { return numbers({value}, true); }
proto::TensorProto zeros(Extents const& dims) { return tensor("", noise(dims)); }

std::vector<Hostile> hostile_windows_and_cells() {
  const std::map<std::string, Extents> image{{"x", {1, 4, 6, 6}}};
  const auto kernel = zeros({2, 4, 3, 3});
  const auto ints_of = [](char const* name, std::vector<int64_t> values) { return attribute(name, values); };
  return {
      {"pool_of_2e31_rows",
       "AveragePool",
       {{"x", {1, 1, int64_t{1} << 30, 8}}},
       {},
       {ints_of("kernel_shape", {2, 2}), ints_of("dilations", {2, 2})},
       "is above 1048576"},
      {"pool_strides",
       "MaxPool",
       image,
       {},
       {ints_of("kernel_shape", {2, 2}), ints_of("strides", {kHuge, kHuge})},
       "is above 2147483647"},
      {"conv_no_groups", "Conv", image, {kernel}, {attribute("group", 0)}, "'group' is 0"},
      {"conv_negative_groups", "Conv", image, {kernel}, {attribute("group", -4)}, "'group' is -4"},
      {"deconv_no_groups", "ConvTranspose", image, {zeros({4, 2, 3, 3})}, {attribute("group", 0)}, "'group' is 0"},
      {"norm_no_groups",
       "GroupNormalization",
       image,
       {zeros({4}), zeros({4})},
       {attribute("num_groups", 0)},
       "'num_groups' is 0"},
      {"linear_attention_rank",
       "LinearAttention",
       {{"q", {4}}, {"k", {4}}, {"v", {4}}},
       {},
       {attribute("q_num_heads", 1), attribute("kv_num_heads", 1), attribute("update_rule", "linear")},
       "rank 3",
       27},
      {"tile_times", "Tile", {{"x", {3, 2}}}, {numbers({kHuge, 1})}, {}, "more than 2^63"},
      {"col2im_block_0", "Col2Im", {{"x", {1, 4, 4}}}, {numbers({3, 3}), numbers({0, 0})}, {}, "below 1"},
      {"col2im_image", "Col2Im", {{"x", {1, 4, 4}}}, {numbers({kMany, kMany}), numbers({2, 2})}, {}, "is above"},
      {"depth_to_space_0", "DepthToSpace", image, {}, {attribute("blocksize", 0)}, "'blocksize' is 0"},
      {"quantize_block",
       "DequantizeLinear",
       image,
       {zeros({1, 4, 6, 1})},
       {attribute("block_size", -3)},
       "'block_size' is -3"},
      {"attention_heads_0",
       "Attention",
       {{"k", {1, 4, 8}}, {"q", {1, 4, 8}}, {"v", {1, 4, 8}}},
       {},
       {attribute("q_num_heads", 0), attribute("kv_num_heads", 0)},
       "are needed",
       23},
      {"attention_heads_3",
       "Attention",
       {{"k", {1, 4, 8}}, {"q", {1, 4, 8}}, {"v", {1, 4, 8}}},
       {},
       {attribute("q_num_heads", 4), attribute("kv_num_heads", 3)},
       "",
       23},
      {"lstm_hidden",
       "LSTM",
       {{"x", {2, 1, 3}}},
       {zeros({1, 4, 3}), zeros({1, 4, 1})},
       {attribute("hidden_size", kHuge)},
       "hidden size"},
  };
}

std::vector<Hostile> hostile_shapes() {
  const std::map<std::string, Extents> image{{"x", {1, 4, 6, 6}}};
  return {
      {"range", "Range", {}, {number(0), number(kMany), number(1)}, {}, "a range of"},
      {"range_step_0", "Range", {}, {number(0), number(5), number(0)}, {}, "delta is 0"},
      {"window", "HannWindow", {}, {number(kMany)}, {}, "a window of"},
      {"transform", "DFT", {{"x", {1, 8, 1}}}, {number(kMany), number(1)}, {}, "up to 8192"},
      {"reshape", "Reshape", image, {numbers({kHuge, kHuge})}, {}, "more elements than 64 bits"},
      {"reshape_two_open", "Reshape", image, {numbers({-1, -1})}, {}, "cannot take the shape"},
      {"reshape_rank", "Reshape", image, {numbers(std::vector<int64_t>(4096, 1))}, {}, "is above 8"},
      {"transpose", "Transpose", image, {}, {attribute("perm", std::vector<int64_t>(100000, 0))}, "no permutation"},
      {"split", "Split", image, {}, {attribute("num_outputs", int64_t{1} << 31)}, "num_outputs is"},
      {"split_to_parts", "SplitToSequence", {{"x", {kMany, 2}}}, {}, {}, "the most is 1024"},
      {"top_k", "TopK", image, {numbers({kHuge})}, {}, "k is"},
      {"slice_step_0", "Slice", image, {numbers({0}), numbers({3}), numbers({0}), numbers({0})}, {}, "step 0"},
      {"gather_outside", "Gather", {}, {numbers({1, 2, 3}), numbers({7})}, {}, "outside of 3 elements"},
      {"gather_by_reals", "Gather", image, {zeros({2})}, {}, "must be integers"},
      {"axis", "Softmax", image, {}, {attribute("axis", std::numeric_limits<int64_t>::min())}, "is outside"},
      {"scale_nan",
       "Upsample",
       image,
       {tensor("", floats({4}, {1, 1, std::numeric_limits<double>::quiet_NaN(), 1}))},
       {},
       "not above 0",
       9},
      {"fill_of_terabytes", "ConstantOfShape", {}, {numbers({kHuge, 4})}, {}, "does not fit 64 bits"},
      {"left_out_pads", "Pad", image, {proto::TensorProto()}, {}, "not nothing"},
      {"long_condition", "Compress", {{"x", {3, 2}}}, {flags(6)}, {attribute("axis", 1)}, "the condition has 6"},
      {"left_out", "Concat", image, {proto::TensorProto()}, {attribute("axis", 1)}, "is left out"},
      {"equation", "Einsum", image, {}, {attribute("equation", std::string("ab\0\xff->", 6))}, "einsum"},
  };
}

std::string bytes_of(Hostile const& hostile) {
  Model model(hostile.opset);
  std::vector<std::string> names;
  for (auto const& [name, dims] : hostile.inputs) {
    model.input(name, DataType::kFLOAT, dims);
    names.push_back(name);
  }
  for (proto::TensorProto const& constant : hostile.constants) {
    names.push_back(constant.data_type() ? "c" + std::to_string(names.size()) : "");
    if (!constant.data_type()) continue;
    proto::TensorProto& initializer = *model.proto().mutable_graph()->add_initializer();
    initializer = constant;
    initializer.set_name(names.back());
  }
  model.node(hostile.op, names, {"y"}, hostile.attributes).set_name("hostile");
  model.output("y");
  return model.bytes();
}

TEST(Hostile, nodes_are_refused_at_little_cost) {
  std::printf("%-24s %8s %8s  %s\n", "node", "ms", "KB", "refused with");
  std::vector<Hostile> all = hostile_windows_and_cells();
  for (Hostile& hostile : hostile_shapes()) all.push_back(std::move(hostile));
  for (Hostile const& hostile : all) {
    SCOPED_TRACE(hostile.name);
    const std::string bytes = bytes_of(hostile);
    Refusal refusal;
    const Cost cost = measure([&] { refusal = refuse(bytes); });
    expect_cheap(cost);
    EXPECT_EQ(refusal.node, "hostile");
    EXPECT_EQ(refusal.op, hostile.op);
    EXPECT_FALSE(refusal.text.empty());
    EXPECT_NE(refusal.code, onnx::ErrorCode::kINTERNAL_ERROR) << refusal.text;
    EXPECT_NE(refusal.text.find(hostile.says), std::string::npos) << refusal.text;
    std::printf("%-24s %8.2f %8lld  %.100s\n", hostile.name, cost.cpu_ms,
                static_cast<long long>(cost.growth_bytes / 1024), refusal.text.c_str());
  }
}

/// A recorder that dies with its last reference, as programs write them.
class Recorder final : public IErrorRecorder {
 public:
  explicit Recorder(std::vector<std::string>& heard) : heard_(heard) {}
  int32_t getNbErrors() const override { return static_cast<int32_t>(heard_.size()); }
  rondo::ErrorCode getErrorCode(int32_t) const override { return rondo::ErrorCode::kINVALID_ARGUMENT; }
  ErrorDesc getErrorDesc(int32_t index) const override { return heard_[static_cast<size_t>(index)].c_str(); }
  bool hasOverflowed() const override { return false; }
  void clear() override { heard_.clear(); }
  bool reportError(rondo::ErrorCode, ErrorDesc text) override {
    heard_.emplace_back(text);
    return false;
  }
  RefCount incRefCount() override { return ++count_; }
  RefCount decRefCount() override {
    const RefCount left = --count_;
    if (left == 0) delete this;
    return left;
  }

 private:
  std::vector<std::string>& heard_;
  RefCount count_ = 0;
};

TEST(Hostile, refusals_of_the_network_reach_the_recorder_of_the_program) {
  std::vector<std::string> heard;
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  auto* recorder = new Recorder(heard);
  network->setErrorRecorder(recorder);
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  Model model;
  model.input("x", DataType::kFLOAT, {2}).constant("shape", ints({2}, {double(kHuge), double(kHuge)})).output("y");
  model.node("Reshape", {"x", "shape"}, {"y"});
  const std::string bytes = model.bytes();
  EXPECT_FALSE(parser->parse(bytes.data(), bytes.size()));
  EXPECT_EQ(network->getErrorRecorder(), recorder);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_NE(std::string(parser->getError(0)->desc()).find(heard[0]), std::string::npos);
}

TEST(Hostile, the_fuzzers_entry_takes_any_bytes) {
  Model model;
  model.input("x", DataType::kFLOAT, {2, 3}).constant("shape", ints({2}, {3, -1})).output("y");
  model.node("Reshape", {"x", "shape"}, {"z"});
  model.node("Softmax", {"z"}, {"y"}, {attribute("axis", 1)});
  const std::string bytes = model.bytes();
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string changed = bytes.substr(0, round % 3 == 0 ? random() % bytes.size() : bytes.size());
    for (uint32_t edits = random() % 3; edits > 0 && !changed.empty(); --edits) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<uint8_t const*>(changed.data()), changed.size()), 0);
  }
}

TEST(Hostile, sequences_are_no_tensors) {
  for (char const* op : {"Transpose", "Reshape", "Shape", "Size", "Relu", "Add", "Concat", "Loop", "Flatten", "Cast"}) {
    Model model;
    model.input("x", DataType::kFLOAT, {2}).constant("n", ints({1}, {2})).output("y");
    model.node("SequenceConstruct", {"x"}, {"s"});
    const bool two = op == std::string("Reshape") || op == std::string("Add");
    model.node(op, two ? std::vector<std::string>{"s", "n"} : std::vector<std::string>{"s"}, {"y"});
    const Refusal refusal = refuse(model.bytes());
    EXPECT_EQ(refusal.op, op);
    EXPECT_NE(refusal.code, onnx::ErrorCode::kINTERNAL_ERROR) << refusal.text;
  }
}

TEST(Hostile, names_are_utf8_and_errors_printable) {
  for (std::string const& name : {std::string("a\xff"), std::string("a\xc0\x80"), std::string("a\0b", 3),
                                  std::string("\xed\xa0\x80"), std::string("\xe2\x82")}) {
    Model model;
    model.input("x", DataType::kFLOAT, {2}).output("y");
    model.node("Relu", {"x"}, {name});
    model.node("Relu", {name}, {"y"});
    const Refusal refusal = refuse(model.bytes());
    EXPECT_EQ(refusal.code, onnx::ErrorCode::kINVALID_GRAPH);
    EXPECT_NE(refusal.text.find("\\x"), std::string::npos) << refusal.text;
    for (char c : refusal.text) EXPECT_TRUE(c >= ' ' && c <= '~');
  }
  Model long_names;
  const std::string name(size_t{1} << 20, 'a');
  long_names.input("x", DataType::kFLOAT, {2}).output("y");
  long_names.node("Relu", {"x"}, {name});
  long_names.node("Relu", {name}, {"y"});
  const std::string bytes = long_names.bytes();
  expect_cheap(measure([&] { EXPECT_EQ(refuse(bytes).code, onnx::ErrorCode::kINVALID_NODE); }));
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node("Relu", {"x"}, {"größe 大小"});
  model.node("Relu", {"größe 大小"}, {"y"});
  EXPECT_TRUE(Engine(model.bytes()).built());
}

}  // namespace
}  // namespace rondo::onnx_test
