// RNN, GRU and LSTM nodes: what their attributes and inputs may not say, and forms that the backend tests of the format
// leave out. Values over all settings are compared with ONNX Runtime by python/tests/onnx_recurrent_run.py, those of
// the cells with plain loops by tests/nn.

#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

using onnx::ErrorCode;
using Attributes = std::vector<proto::AttributeProto>;

/// An attribute with a list of strings.
proto::AttributeProto strings(std::string const& name, std::vector<std::string> const& values) {
  proto::AttributeProto attribute;
  attribute.set_name(name);
  attribute.set_type(proto::AttributeProto::STRINGS);
  for (std::string const& value : values) attribute.add_strings(value);
  return attribute;
}

/// An LSTM of 3 units over x [4, 2, 5], or another input.
Model lstm(Attributes const& attributes, int64_t opset = 17, Extents const& x = {4, 2, 5}) {
  Model model(opset);
  model.input("x", DataType::kFLOAT, x);
  model.constant("w", noise({1, 12, 5}, 1)).constant("r", noise({1, 12, 3}, 2));
  model.node("LSTM", {"x", "w", "r"}, {"y", "y_h", "y_c"}, attributes);
  model.output("y").output("y_h");
  return model;
}

void expect_refused(Attributes const& attributes, ErrorCode code, std::string const& said, int64_t opset = 17) {
  const Refusal refusal = refuse(lstm(attributes, opset).bytes());
  EXPECT_EQ(refusal.code, code) << refusal.text;
  EXPECT_NE(refusal.text.find(said), std::string::npos) << refusal.text;
  EXPECT_EQ(refusal.op, "LSTM");
}

TEST(OnnxRecurrent, RefusesAttributes) {
  expect_refused({strings("activations", {"Sigmoid", "Tanh", "Swish"})}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "'Swish' is none of Sigmoid, Tanh");
  expect_refused({strings("activations", {"Sigmoid"})}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "has 1 entries; 3 are needed");
  expect_refused({strings("activations", {"Sigmoid", "ScaledTanh", "Tanh"})}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "ScaledTanh has no default numbers");
  expect_refused({attribute("activation_alpha", std::vector<float>{0.5F})}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "the activations take 0");
  expect_refused({attribute("direction", "sideways")}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "'sideways'; known are forward, reverse, bidirectional");
  expect_refused({attribute("direction", "bidirectional")}, ErrorCode::kINVALID_NODE, "its first extent must be 2");
  expect_refused({attribute("hidden_size", 4)}, ErrorCode::kINVALID_NODE, "W is [12, 5], [16, 5] is needed");
  expect_refused({attribute("clip", -1.0F)}, ErrorCode::kINVALID_NODE, "the clip bound");
  expect_refused({attribute("input_forget", 2)}, ErrorCode::kUNSUPPORTED_NODE_ATTR, "it takes 0 and 1");
  expect_refused({attribute("layout", 1)}, ErrorCode::kUNSUPPORTED_NODE_ATTR, "'layout' is not known", 13);
  expect_refused({attribute("linear_before_reset", 1)}, ErrorCode::kUNSUPPORTED_NODE_ATTR,
                 "'linear_before_reset' is not known");
}

TEST(OnnxRecurrent, HiddenSizeFromR) {
  Engine engine(lstm({}).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  const auto outputs = engine.run({{"x", noise({4, 2, 5})}});
  EXPECT_EQ(outputs.at("y").dims, (Extents{4, 1, 2, 3}));
  EXPECT_EQ(outputs.at("y_h").dims, (Extents{1, 2, 3}));
}

// One engine for every length and batch.
TEST(OnnxRecurrent, DynamicLengthAndBatch) {
  Engine engine(lstm({}, 17, {-1, -1, 5}).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  const Array x = noise({4, 2, 5});
  const auto whole = engine.run({{"x", x}});
  const auto first = engine.run({{"x", {DataType::kFLOAT, {1, 2, 5}, {x.values.begin(), x.values.begin() + 10}}}});
  EXPECT_EQ(first.at("y").dims, (Extents{1, 1, 2, 3}));
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(first.at("y").values[i], whole.at("y").values[i]) << i;
}

TEST(OnnxRecurrent, EveryVersion) {
  Engine oldest(lstm({}, 7).bytes()), newest(lstm({}, 22).bytes());
  ASSERT_TRUE(oldest.built() && newest.built()) << oldest.log() << newest.log();
  const auto inputs = std::map<std::string, Array>{{"x", noise({4, 2, 5})}};
  EXPECT_EQ(oldest.run(inputs).at("y").values, newest.run(inputs).at("y").values);
}

}  // namespace
}  // namespace rondo::onnx_test
