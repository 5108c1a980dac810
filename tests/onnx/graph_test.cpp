// What the importer does around operators: names, order, initializers, types, functions, the parser's own calls.

#include <cmath>

#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

using P = proto::TensorProto;

TEST(Graph, keeps_names_of_inputs_outputs_nodes_and_dimensions) {
  Model model;
  model.input("x", DataType::kFLOAT, {-1, 3}).output("y");
  model.node("Relu", {"x"}, {"hidden"}).set_name("first");
  model.node("Exp", {"hidden"}, {"y"}).set_name("second");
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  INetworkDefinition& network = engine.network();
  EXPECT_STREQ(network.getInput(0)->getName(), "x");
  EXPECT_STREQ(network.getInput(0)->getDimensionName(0), "x_0");
  EXPECT_STREQ(network.getOutput(0)->getName(), "y");
  EXPECT_STREQ(network.getLayer(0)->getName(), "first");
  EXPECT_STREQ(network.getLayer(1)->getName(), "second");
  EXPECT_STREQ(engine.parser().getLayerOutputTensor("first", 0)->getName(), "hidden");
  EXPECT_EQ(engine.parser().getLayerOutputTensor("first", 1), nullptr);
  EXPECT_EQ(engine.parser().getLayerOutputTensor("third", 0), nullptr);
}

TEST(Graph, takes_nodes_in_any_order) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node("Exp", {"b"}, {"y"});
  model.node("Neg", {"a"}, {"b"});
  model.node("Relu", {"x"}, {"a"});
  expect_near(run(model, {{"x", floats({2}, {-1, 2})}}), floats({2}, {1, std::exp(-2.0)}));
}

TEST(Graph, takes_initializers_over_inputs_and_ignores_unused_ones) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).input("w", DataType::kFLOAT, {2}).output("y");
  model.constant("w", floats({2}, {3, 4})).constant("unused", floats({2}, {0, 0}));
  model.node("Mul", {"x", "w"}, {"y"});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  EXPECT_EQ(engine.network().getNbInputs(), 1);
  expect_near(engine.run({{"x", floats({2}, {1, 2})}}).at("y"), floats({2}, {3, 8}));
}

TEST(Graph, gives_inputs_constants_and_shared_tensors_as_outputs) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("c").output("a").output("b");
  model.constant("c", floats({2}, {5, 6}));
  model.node("Relu", {"x"}, {"a"});
  model.node("Identity", {"a"}, {"b"});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  auto outputs = engine.run({{"x", floats({2}, {-1, 2})}});
  expect_near(outputs.at("c"), floats({2}, {5, 6}));
  expect_near(outputs.at("a"), floats({2}, {0, 2}));
  expect_near(outputs.at("b"), floats({2}, {0, 2}));
}

TEST(Graph, narrows_double_with_a_warning_and_keeps_int64) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y").output("n", DataType::kINT64);
  auto& type = *model.proto().mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  type.set_elem_type(P::DOUBLE);
  model.proto().mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(P::DOUBLE);
  proto::TensorProto& half = *model.proto().mutable_graph()->add_initializer();
  half.set_name("half");
  half.set_data_type(P::DOUBLE);
  half.add_double_data(0.5);
  model.constant("big", ints({1}, {4294967296.0}));
  model.node("Mul", {"x", "half"}, {"y"});
  model.node("Identity", {"big"}, {"n"});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  EXPECT_NE(engine.log().find("graph input 'x' is double; it becomes float32"), std::string::npos) << engine.log();
  auto outputs = engine.run({{"x", floats({2}, {1, 2})}});
  expect_near(outputs.at("y"), floats({2}, {0.5, 1}));
  EXPECT_EQ(outputs.at("n").values[0], 4294967296.0);
}

TEST(Graph, reads_every_form_of_constant) {
  Model model;
  model.output("y").output("s").input("x", DataType::kFLOAT, {2});
  proto::GraphProto& graph = *model.proto().mutable_graph();
  proto::TensorProto& typed = *graph.add_initializer();
  typed.set_name("typed");
  typed.set_data_type(P::FLOAT16);
  typed.add_dims(2);
  typed.add_int32_data(0x3c00);  // 1
  typed.add_int32_data(0xc000);  // -2, by its unsigned bits
  proto::TensorProto packed;
  packed.set_data_type(P::INT4);
  packed.add_dims(3);
  packed.set_raw_data(std::string("\x7f\x08", 2));  // -1, 7, -8
  model.node("Constant", {}, {"four"}, {attribute("value", packed)});
  model.node("Cast", {"four"}, {"y"}, {attribute("to", static_cast<int>(P::FLOAT))});
  model.node("Cast", {"typed"}, {"wide"}, {attribute("to", static_cast<int>(P::FLOAT))});
  auto& sparse = *graph.add_sparse_initializer();
  *sparse.mutable_values() = tensor("sparse", floats({1}, {9}));
  *sparse.mutable_indices() = tensor("", ints({1, 1}, {1}));
  sparse.add_dims(2);
  model.node("Sum", {"wide", "sparse", "x"}, {"s"});
  Engine engine(model.bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  auto outputs = engine.run({{"x", floats({2}, {0, 0})}});
  expect_near(outputs.at("y"), floats({3}, {-1, 7, -8}));
  expect_near(outputs.at("s"), floats({2}, {1, 7}));
}

TEST(Functions, are_expanded_with_their_attributes_and_defaults) {
  Model model;
  auto& own = *model.proto().add_opset_import();
  own.set_domain("own");
  own.set_version(1);
  proto::FunctionProto& function = *model.proto().add_functions();
  function.set_name("Leak");
  function.set_domain("own");
  function.add_input("a");
  function.add_output("b");
  *function.add_attribute_proto() = attribute("slope", 0.5F);
  function.add_opset_import()->set_version(17);
  proto::NodeProto& inner = *function.add_node();
  inner.set_op_type("LeakyRelu");
  inner.add_input("a");
  inner.add_output("b");
  proto::AttributeProto& reference = *inner.add_attribute();
  reference.set_name("alpha");
  reference.set_type(proto::AttributeProto::FLOAT);
  reference.set_ref_attr_name("slope");
  model.input("x", DataType::kFLOAT, {1}).output("y");
  model.node("Leak", {"x"}, {"h"}).set_domain("own");
  model.node("Leak", {"h"}, {"y"}, {attribute("slope", 0.25F)}).set_domain("own");
  expect_near(run(model, {{"x", floats({1}, {-8})}}), floats({1}, {-1}));

  inner.set_op_type("Frobnicate");
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  const std::string bytes = model.bytes();
  ASSERT_FALSE(parser->parse(bytes.data(), bytes.size()));
  ASSERT_EQ(parser->getError(0)->localFunctionStackSize(), 1);
  EXPECT_STREQ(parser->getError(0)->localFunctionStack()[0], "Leak");
  EXPECT_STREQ(parser->getError(0)->nodeOperator(), "Frobnicate");
}

TEST(Parser, cuts_models_into_what_it_can_and_cannot_import) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node("Relu", {"x"}, {"a"});
  model.node("Frobnicate", {"a"}, {"b"});
  model.node("Exp", {"b"}, {"y"});
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  const std::string bytes = model.bytes();
  EXPECT_FALSE(parser->supportsModelV2(bytes.data(), bytes.size()));
  ASSERT_EQ(parser->getNbSubgraphs(), 3);
  EXPECT_TRUE(parser->isSubgraphSupported(0));
  EXPECT_FALSE(parser->isSubgraphSupported(1));
  EXPECT_TRUE(parser->isSubgraphSupported(2));
  int64_t length = 0;
  EXPECT_EQ(parser->getSubgraphNodes(1, length)[0], 1);
  EXPECT_EQ(length, 1);
  EXPECT_EQ(parser->getSubgraphNodes(3, length), nullptr);
  EXPECT_EQ(network->getNbLayers(), 0);
  onnx::SubGraphCollection_t list;
  EXPECT_FALSE(parser->supportsModel(bytes.data(), bytes.size(), list));
  EXPECT_EQ(list.size(), 3U);
  EXPECT_TRUE(parser->supportsOperator("Relu"));
  EXPECT_FALSE(parser->supportsOperator("Frobnicate"));
}

TEST(Parser, takes_initializers_from_the_program) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).constant("w", floats({2}, {0, 0})).output("y");
  model.proto().mutable_graph()->mutable_initializer(0)->clear_raw_data();
  model.node("Add", {"x", "w"}, {"y"});
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
  const std::string bytes = model.bytes();
  const float weights[2] = {1, 2};
  ASSERT_TRUE(parser->loadModelProto(bytes.data(), bytes.size()));
  EXPECT_FALSE(parser->loadInitializer("w", weights, 4));
  EXPECT_FALSE(parser->loadInitializer("v", weights, 8));
  EXPECT_TRUE(parser->loadInitializer("w", weights, 8));
  EXPECT_TRUE(parser->parseModelProto()) << log.text();
  EXPECT_EQ(network->getNbOutputs(), 1);
}

TEST(Parser, keeps_flags_and_tells_its_version) {
  Log log;
  std::unique_ptr<IBuilder> builder(createInferBuilder(log));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  std::unique_ptr<onnx::IParser> parser(static_cast<onnx::IParser*>(
      createNvOnnxParser_INTERNAL(network.get(), static_cast<ILogger*>(&log), NV_ONNX_PARSER_VERSION)));
  ASSERT_NE(parser, nullptr);
  EXPECT_TRUE(parser->getFlag(onnx::OnnxParserFlag::kNATIVE_INSTANCENORM));
  parser->clearFlag(onnx::OnnxParserFlag::kNATIVE_INSTANCENORM);
  parser->setFlag(onnx::OnnxParserFlag::kADJUST_FOR_DLA);
  EXPECT_EQ(parser->getFlags(), 16U);
  EXPECT_EQ(getNvOnnxParserVersion(), NV_ONNX_PARSER_VERSION);
  EXPECT_EQ(createNvOnnxParser_INTERNAL(network.get(), &log, 990000), nullptr);
  EXPECT_FALSE(parser->parseFromFile("/nowhere/model.onnx", 2));
  EXPECT_EQ(parser->getError(0)->code(), onnx::ErrorCode::kMODEL_DESERIALIZE_FAILED);
  EXPECT_EQ(parser->getError(1), nullptr);
  parser->clearErrors();
  EXPECT_EQ(parser->getNbErrors(), 0);
}

}  // namespace
}  // namespace rondo::onnx_test
