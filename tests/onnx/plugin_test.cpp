// Nodes that become plugins: who is looked up, what the attributes become, where such nodes may stand, what is refused.

#include <cmath>

#include "onnx/model.h"
#include "plugin/plugin_case.h"

namespace rondo::onnx_test {
namespace {

using onnx::ErrorCode;
using test::Above;
using test::CreatorV3;
using test::Registered;
using test::Scale;
using test::ScaleCreator;
using test::Spread;
using test::witness;

bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

/// A creator that writes down what it is given. Lists a field of each type under the type's name.
class Scribe final : public IPluginCreator {
 public:
  Scribe() {
    static constexpr char const* kNames[] = {"half", "float", "double", "int8", "int16", "int32",
                                             "char", "dims",  "bytes",  "bf16", "int64"};
    for (int32_t i = 0; i < 11; ++i) listed_.emplace_back(kNames[i], nullptr, static_cast<PluginFieldType>(i), 1);
    collection_ = {static_cast<int32_t>(listed_.size()), listed_.data()};
  }
  char const* getPluginName() const noexcept override { return "Scribe"; }
  char const* getPluginVersion() const noexcept override { return "2"; }
  PluginFieldCollection const* getFieldNames() noexcept override { return &collection_; }
  IPluginV2* createPlugin(char const* name, PluginFieldCollection const* fc) noexcept override {
    written() = std::string(name) + ":";
    for (int32_t i = 0; i < fc->nbFields; ++i) {
      PluginField const& f = fc->fields[i];
      written() += std::string(" ") + f.name + "/" + std::to_string(static_cast<int32_t>(f.type)) + "=" + values(f);
    }
    return new Scale(2);
  }
  IPluginV2* deserializePlugin(char const*, void const*, size_t) noexcept override { return nullptr; }
  void setPluginNamespace(char const*) noexcept override {}
  char const* getPluginNamespace() const noexcept override { return "own"; }

  static std::string& written() {
    static std::string text;
    return text;
  }

 private:
  template <typename T>
  static std::string each(PluginField const& f) {
    std::string out;
    for (int32_t i = 0; i < f.length; ++i) {
      const auto value = static_cast<double>(static_cast<T const*>(f.data)[i]);
      out += (i ? "," : "") +
             (value == std::floor(value) ? std::to_string(static_cast<int64_t>(value)) : std::to_string(value));
    }
    return out;
  }
  static std::string values(PluginField const& f) {
    switch (f.type) {
      case PluginFieldType::kFLOAT32:
        return each<float>(f);
      case PluginFieldType::kFLOAT64:
        return each<double>(f);
      case PluginFieldType::kINT32:
        return each<int32_t>(f);
      case PluginFieldType::kINT64:
        return each<int64_t>(f);
      case PluginFieldType::kINT8:
        return each<int8_t>(f);
      case PluginFieldType::kCHAR:
      case PluginFieldType::kUNKNOWN:
        return {static_cast<char const*>(f.data), static_cast<size_t>(f.length)};
      case PluginFieldType::kDIMS: {
        auto const& dims = *static_cast<Dims const*>(f.data);
        std::string out;
        for (int32_t i = 0; i < dims.nbDims; ++i) out += (i ? "x" : "") + std::to_string(dims.d[i]);
        return out;
      }
      default:
        return each<uint16_t>(f);
    }
  }
  std::vector<PluginField> listed_;
  PluginFieldCollection collection_{};
};

const std::vector<proto::AttributeProto> kOwn{attribute("plugin_version", "2"), attribute("plugin_namespace", "own")};

std::vector<proto::AttributeProto> operator+(std::vector<proto::AttributeProto> all, proto::AttributeProto const& one) {
  all.push_back(one);
  return all;
}

/// x [2] through one node.
Model one_node(std::string const& op, std::vector<proto::AttributeProto> const& attributes,
               char const* domain = "any") {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node(op, {"x"}, {"y"}, attributes).set_domain(domain);
  return model;
}

std::string written_for(proto::AttributeProto const& field) {
  const Registered<Scribe> creator("own");
  Scribe::written().clear();
  Engine engine(one_node("Scribe", kOwn + field).bytes());
  EXPECT_TRUE(engine.parsed()) << engine.log();
  return Scribe::written();
}

TEST(OnnxPlugin, is_what_a_node_of_an_unknown_operator_becomes) {
  const Registered<ScaleCreator> creator("");
  witness() = {};
  expect_near(run(one_node("TestScale", {attribute("factor", 3.0F)}), {{"x", floats({2}, {1, -2})}}),
              floats({2}, {3, -6}));
  EXPECT_EQ(witness().alive, 0);
}

TEST(OnnxPlugin, gets_fields_of_the_types_that_it_lists) {
  EXPECT_EQ(written_for(attribute("float", 1.5F)), "y: float/1=1.500000");
  EXPECT_EQ(written_for(attribute("float", 2)), "y: float/1=2");
  EXPECT_EQ(written_for(attribute("half", 1.0F)), "y: half/0=15360");
  EXPECT_EQ(written_for(attribute("bf16", 1.0F)), "y: bf16/9=16256");
  EXPECT_EQ(written_for(attribute("double", std::vector<float>{1, 2})), "y: double/2=1,2");
  EXPECT_EQ(written_for(attribute("int8", std::vector<int64_t>{-128, 127})), "y: int8/3=-128,127");
  EXPECT_EQ(written_for(attribute("int32", -7)), "y: int32/5=-7");
  EXPECT_EQ(written_for(attribute("int64", int64_t{1} << 40)), "y: int64/10=1099511627776");
  EXPECT_EQ(written_for(attribute("dims", std::vector<int64_t>{2, 3})), "y: dims/7=2x3");
  EXPECT_EQ(written_for(attribute("char", "tanh")), "y: char/6=tanh");
  EXPECT_EQ(written_for(attribute("bytes", std::string("\x01\x02", 2))), "y: bytes/8=\x01\x02");
  EXPECT_EQ(written_for(attribute("float", tensor("", floats({2, 2}, {1, 2, 3, 4})))), "y: float/1=1,2,3,4");
  EXPECT_EQ(written_for(attribute("int32", tensor("", ints({2}, {5, 6})))), "y: int32/5=5,6");
}

TEST(OnnxPlugin, gets_what_it_does_not_list_as_it_is) {
  EXPECT_EQ(written_for(attribute("more", 1.5F)), "y: more/1=1.500000");
  EXPECT_EQ(written_for(attribute("more", std::vector<int64_t>{1, 2})), "y: more/5=1,2");
  EXPECT_EQ(written_for(attribute("more", tensor("", ints({1}, {9})))), "y: more/10=9");
  proto::AttributeProto strings = attribute("more", "");
  strings.set_type(proto::AttributeProto::STRINGS);
  strings.add_strings("ab");
  strings.add_strings("c");
  EXPECT_EQ(written_for(strings), "y: more/6=" + std::string("ab\0c\0", 5));
}

TEST(OnnxPlugin, gets_fields_in_the_order_in_which_it_lists_them) {
  const Registered<Scribe> creator("own");
  Engine engine(
      one_node("Scribe", kOwn + attribute("more", 4) + attribute("int32", 3) + attribute("float", 1.0F)).bytes());
  EXPECT_EQ(Scribe::written(), "y: float/1=1 int32/5=3 more/5=4");
  EXPECT_TRUE(
      contains(engine.log(), "attribute 'more' of node 'y' is not among the fields that plugin 'Scribe' version '2'"))
      << engine.log();
}

TEST(OnnxPlugin, of_the_third_generation_takes_shape_inputs) {
  const Registered<CreatorV3<Spread>> creator("tests", "TestSpread");
  Model model;
  model.input("shape", DataType::kINT64, {2}).input("x", DataType::kFLOAT, {1}).output("y");
  model.node("TestSpread", {"shape", "x"}, {"y"},
             {attribute("plugin_namespace", "tests"),
              attribute("tensorrt_plugin_shape_input_indices", std::vector<int64_t>{0})});
  const Array y = run(model, {{"shape", ints({2}, {2, 3})}, {"x", floats({1}, {7})}});
  expect_near(y, floats({2, 3}, {7, 7, 7, 7, 7, 7}));
}

TEST(OnnxPlugin, has_outputs_of_several_types_and_extents_of_its_own) {
  const Registered<CreatorV3<Above>> creator("tests", "TestAbove");
  Model model;
  model.input("x", DataType::kFLOAT, {-1}).output("y").output("n", DataType::kINT32);
  model.node("TestAbove", {"x"}, {"y", "n"}, {attribute("threshold", 0.5F), attribute("plugin_namespace", "tests")});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  const auto outputs = engine.run({{"x", floats({5}, {1, 0, 2, -1, 3})}});
  expect_near(outputs.at("y"), floats({3}, {1, 2, 3}));
  EXPECT_EQ(outputs.at("n").values, std::vector<double>{3});
}

std::vector<proto::AttributeProto> layer_norm_fields(Array const& gamma, Array const& beta) {
  return {attribute("gamma", tensor("", gamma)), attribute("beta", tensor("", beta)), attribute("eps", 1e-5F)};
}

TEST(OnnxPlugin, computes_the_bundled_layer_normalization_in_a_loop) {
  ASSERT_TRUE(initLibNvInferPlugins(nullptr, ""));
  constexpr int64_t kWidth = 8;
  const Array gamma = noise({kWidth}, 1), beta = noise({kWidth}, 2);
  proto::GraphProto graph;
  Graph body(graph);
  body.input("i", DataType::kINT64, {}).input("c", DataType::kBOOL, {}).input("s", DataType::kFLOAT, {-1, kWidth});
  body.node("LayerNorm", {"s"}, {"norm"}, layer_norm_fields(gamma, beta)).set_domain("trt.plugins");
  body.node("Identity", {"c"}, {"go"});
  body.output("go", DataType::kBOOL).output("norm").output("norm");
  Model model;
  model.input("trips", DataType::kINT64, {}).input("x", DataType::kFLOAT, {-1, kWidth}).output("last").output("all");
  model.constant("yes", {DataType::kBOOL, {}, {1}});
  model.node("Loop", {"trips", "yes", "x"}, {"last", "all"}, {attribute("body", graph)});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  for (int64_t trips : {3, 1}) {
    Array x = noise({2, kWidth}, 3);
    const auto outputs = engine.run({{"trips", ints({}, {static_cast<double>(trips)})}, {"x", x}});
    for (int64_t t = 0; t < trips * 2; ++t) {
      double* row = x.values.data() + (t % 2) * kWidth;
      double mean = 0, variance = 0;
      for (int64_t i = 0; i < kWidth; ++i) mean += row[i] / kWidth;
      for (int64_t i = 0; i < kWidth; ++i) variance += (row[i] - mean) * (row[i] - mean) / kWidth;
      for (int64_t i = 0; i < kWidth; ++i) {
        const auto at = static_cast<size_t>(i);
        row[i] = (row[i] - mean) / std::sqrt(variance + 1e-5) * gamma.values[at] + beta.values[at];
      }
    }
    expect_near(outputs.at("last"), x, 1e-5);
    EXPECT_EQ(outputs.at("all").dims, (Extents{trips, 2, kWidth}));
  }
}

TEST(OnnxPlugin, gives_way_to_a_function_of_the_model_unless_asked_for) {
  const Registered<ScaleCreator> creator("");
  Model model = one_node("TestScale", {});
  auto& own = *model.proto().add_opset_import();
  own.set_domain("any");
  own.set_version(1);
  proto::FunctionProto& function = *model.proto().add_functions();
  function.set_name("TestScale");
  function.set_domain("any");
  function.add_input("a");
  function.add_output("b");
  for (char const* name : {"factor", "plugin_namespace"}) function.add_attribute(name);
  function.add_opset_import()->set_version(17);
  proto::NodeProto& inner = *function.add_node();
  inner.set_op_type("Neg");
  inner.add_input("a");
  inner.add_output("b");
  expect_near(run(model, {{"x", floats({2}, {1, 2})}}), floats({2}, {-1, -2}));
  proto::NodeProto& node = *model.proto().mutable_graph()->mutable_node(0);
  *node.add_attribute() = attribute("factor", 4.0F);
  *node.add_attribute() = attribute("plugin_namespace", "");
  expect_near(run(model, {{"x", floats({2}, {1, 2})}}), floats({2}, {4, 8}));
}

/// A creator whose methods throw.
class Thrower final : public IPluginCreator {
 public:
  char const* getPluginName() const override { return "Thrower"; }
  char const* getPluginVersion() const override { return "1"; }
  PluginFieldCollection const* getFieldNames() override { return nullptr; }
  IPluginV2* createPlugin(char const*, PluginFieldCollection const*) override { throw std::runtime_error("no luck"); }
  IPluginV2* deserializePlugin(char const*, void const*, size_t) override { return nullptr; }
  void setPluginNamespace(char const*) override {}
  char const* getPluginNamespace() const override { return ""; }
};

/// TestScale under the name of an operator of ONNX.
class NegCreator final : public IPluginCreator {
 public:
  char const* getPluginName() const noexcept override { return "Neg"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  PluginFieldCollection const* getFieldNames() noexcept override { return nullptr; }
  IPluginV2* createPlugin(char const*, PluginFieldCollection const*) noexcept override { return new Scale(2); }
  IPluginV2* deserializePlugin(char const*, void const*, size_t) noexcept override { return nullptr; }
  void setPluginNamespace(char const*) noexcept override {}
  char const* getPluginNamespace() const noexcept override { return ""; }
};

/// Layers of type kPLUGIN_V2 that a model of one Neg node becomes.
int plugins_of_neg(bool override, std::vector<proto::AttributeProto> const& attributes = {}) {
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  if (override) parser->setFlag(onnx::OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE);
  const std::string bytes = one_node("Neg", attributes, "").bytes();
  EXPECT_TRUE(parser->parse(bytes.data(), bytes.size())) << log.text();
  int count = 0;
  for (int32_t i = 0; i < network->getNbLayers(); ++i)
    count += network->getLayer(i)->getType() == LayerType::kPLUGIN_V2;
  return count;
}

TEST(OnnxPlugin, replaces_an_operator_only_if_told_to) {
  const Registered<NegCreator> creator("");
  EXPECT_EQ(plugins_of_neg(false), 0);
  EXPECT_EQ(plugins_of_neg(true), 1);
  EXPECT_EQ(plugins_of_neg(false, {attribute("plugin_namespace", "")}), 1);
}

TEST(OnnxPlugin, counts_as_supported) {
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node("Frobnicate", {"x"}, {"a"});
  model.node("TestScale", {"a"}, {"y"}, {attribute("factor", 3.0F)}).set_domain("any");
  const std::string bytes = model.bytes(), alone = one_node("TestScale", {attribute("factor", 3.0F)}).bytes();
  EXPECT_FALSE(parser->supportsOperator("TestScale"));
  EXPECT_FALSE(parser->supportsModelV2(alone.data(), alone.size()));
  const Registered<ScaleCreator> creator("");
  EXPECT_TRUE(parser->supportsOperator("TestScale"));
  EXPECT_TRUE(parser->supportsModelV2(alone.data(), alone.size())) << log.text();
  EXPECT_FALSE(parser->supportsModelV2(bytes.data(), bytes.size()));
  ASSERT_EQ(parser->getNbSubgraphs(), 2);
  EXPECT_FALSE(parser->isSubgraphSupported(0));
  EXPECT_TRUE(parser->isSubgraphSupported(1));
}

void expect_refused(Model const& model, ErrorCode code, std::vector<std::string> const& parts) {
  const Refusal refusal = refuse(model.bytes());
  EXPECT_EQ(refusal.code, code) << refusal.text;
  for (std::string const& part : parts) EXPECT_TRUE(contains(refusal.text, part)) << part << " in " << refusal.text;
}

TEST(OnnxPluginRefusal, names_what_was_looked_up_and_what_is_like_it) {
  const Registered<ScaleCreator> creator("");
  expect_refused(one_node("test_scale", {attribute("plugin_version", "3")}), ErrorCode::kUNSUPPORTED_NODE,
                 {"operator any::test_scale is not known", "no plugin 'test_scale' version '3' is registered",
                  "similar ones are 'TestScale' version '1'", "loadLibrary", "node 'y' (test_scale"});
  expect_refused(one_node("Relu", {attribute("plugin_namespace", "fast")}, ""), ErrorCode::kUNSUPPORTED_NODE,
                 {"no plugin 'Relu' version '1' of namespace 'fast' is registered"});
  expect_refused(one_node("Relu", {}, "any"), ErrorCode::kUNSUPPORTED_NODE, {"operator any::Relu is not known"});
}

TEST(OnnxPluginRefusal, names_attributes_that_cannot_be_fields) {
  const Registered<Scribe> creator("own");
  const auto refused = [](proto::AttributeProto const& field, ErrorCode code, char const* part) {
    expect_refused(one_node("Scribe", kOwn + field), code, {std::string("attribute '") + field.name() + "'", part});
  };
  refused(attribute("int8", 128), ErrorCode::kINVALID_NODE, "holds 128, which is outside of INT8");
  refused(attribute("more", int64_t{1} << 40), ErrorCode::kINVALID_NODE, "outside of INT32");
  refused(attribute("int32", 0.5F), ErrorCode::kINVALID_NODE, "holds floats, but the plugin lists the field as INT32");
  refused(attribute("float", "x"), ErrorCode::kINVALID_NODE, "is a string, but the plugin lists the field as FLOAT32");
  refused(attribute("dims", std::vector<int64_t>(9, 1)), ErrorCode::kINVALID_NODE, "at most 8 integers");
  refused(attribute("more", proto::GraphProto()), ErrorCode::kUNSUPPORTED_NODE_ATTR, "numbers, strings or a tensor");
  refused(attribute("tensorrt_plugin_shape_input_indices", std::vector<int64_t>{0}), ErrorCode::kUNSUPPORTED_NODE_ATTR,
          "is no IPluginV3");
}

TEST(OnnxPluginRefusal, names_fields_that_the_creator_does_not_take) {
  const Registered<ScaleCreator> creator("");
  expect_refused(one_node("TestScale", {}), ErrorCode::kINVALID_NODE,
                 {"the creator of plugin 'TestScale' version '1' makes no plugin of the fields none",
                  "it lists factor (FLOAT32, 1)"});
}

TEST(OnnxPluginRefusal, names_what_the_creator_throws) {
  const Registered<Thrower> creator("");
  expect_refused(one_node("Thrower", {}), ErrorCode::kINVALID_NODE,
                 {"plugin 'Thrower' version '1': createPlugin threw: no luck"});
}

TEST(OnnxPluginRefusal, names_inputs_and_outputs_that_do_not_fit) {
  const Registered<ScaleCreator> creator("");
  Model types = one_node("TestScale", {attribute("factor", 1.0F)});
  types.proto().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      proto::TensorProto::INT32);
  expect_refused(types, ErrorCode::kINVALID_NODE, {"plugin 'TestScale' version '1' does not take inputs int32[2]"});
  Model outputs = one_node("TestScale", {attribute("factor", 1.0F)});
  outputs.proto().mutable_graph()->mutable_node(0)->add_output("z");
  expect_refused(outputs, ErrorCode::kINVALID_NODE, {"gives 1 outputs, not 2"});
  Model gap = one_node("TestScale", {attribute("factor", 1.0F)});
  gap.proto().mutable_graph()->mutable_node(0)->set_input(0, "");
  gap.proto().mutable_graph()->mutable_node(0)->add_input("x");
  expect_refused(gap, ErrorCode::kUNSUPPORTED_NODE_INPUT, {"input 0 of plugin 'TestScale' version '1' is left out"});
}

}  // namespace
}  // namespace rondo::onnx_test
