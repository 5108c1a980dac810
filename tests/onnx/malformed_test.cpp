// Models that must be refused: each with its code, a text that says what is wrong, the node, in little time and memory.

#include <functional>

#include "onnx/budget.h"
#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

using onnx::ErrorCode;
using P = proto::TensorProto;

/// y = relu(x + w), x [2, 3].
Model small_model() {
  Model model;
  model.input("x", DataType::kFLOAT, {2, 3}).constant("w", floats({3}, {1, 2, 3})).output("y");
  model.node("Add", {"x", "w"}, {"sum"});
  model.node("Relu", {"sum"}, {"y"});
  return model;
}

struct Case {
  char const* name;
  ErrorCode code;
  char const* says;
  std::function<void(proto::ModelProto&)> damage;
  char const* node = "";
};

void PrintTo(Case const& c, std::ostream* out) { *out << c.name; }

class Malformed : public testing::TestWithParam<Case> {};

TEST_P(Malformed, is_refused_with_code_text_and_node) {
  Model model = small_model();
  GetParam().damage(model.proto());
  const std::string bytes = model.bytes();
  Refusal refusal;
  expect_cheap(measure([&] { refusal = refuse(bytes); }));
  EXPECT_EQ(refusal.code, GetParam().code) << refusal.text;
  EXPECT_NE(refusal.text.find(GetParam().says), std::string::npos) << refusal.text;
  EXPECT_EQ(refusal.node, GetParam().node);
}

proto::NodeProto& node(proto::ModelProto& model, int index) { return *model.mutable_graph()->mutable_node(index); }
proto::TensorProto& weight(proto::ModelProto& model) { return *model.mutable_graph()->mutable_initializer(0); }

INSTANTIATE_TEST_SUITE_P(
    Graphs, Malformed,
    testing::Values(
        Case{"no_graph", ErrorCode::kINVALID_GRAPH, "no graph", [](auto& m) { m.clear_graph(); }},
        Case{"no_opset", ErrorCode::kINVALID_GRAPH, "imports no operator set", [](auto& m) { m.clear_opset_import(); }},
        Case{"old_opset", ErrorCode::kUNSUPPORTED_GRAPH, "version 6",
             [](auto& m) { m.mutable_opset_import(0)->set_version(6); }},
        Case{"new_opset", ErrorCode::kUNSUPPORTED_GRAPH, "version 99",
             [](auto& m) { m.mutable_opset_import(0)->set_version(99); }},
        Case{"missing_name", ErrorCode::kINVALID_GRAPH, "'ghost'", [](auto& m) { node(m, 1).set_input(0, "ghost"); },
             "y"},
        Case{"name_twice", ErrorCode::kINVALID_GRAPH, "'sum' is defined twice",
             [](auto& m) { *m.mutable_graph()->add_node() = node(m, 0); }, "sum"},
        Case{"cycle", ErrorCode::kINVALID_GRAPH, "cycle", [](auto& m) { node(m, 0).set_input(1, "y"); }},
        Case{"output_missing", ErrorCode::kINVALID_GRAPH, "'z'",
             [](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }},
        Case{"output_type", ErrorCode::kINVALID_GRAPH, "declared int64",
             [](auto& m) {
               m.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(P::INT64);
             }},
        Case{"input_rank_9", ErrorCode::kUNSUPPORTED_GRAPH, "rank 9",
             [](auto& m) {
               auto& shape =
                   *m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
               for (int i = 0; i < 7; ++i) shape.add_dim()->set_dim_value(1);
             }},
        Case{
            "input_without_shape", ErrorCode::kUNSUPPORTED_GRAPH, "has no shape",
            [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape(); }},
        Case{"input_string", ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "string",
             [](auto& m) {
               m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(P::STRING);
             }},
        Case{"input_sequence", ErrorCode::kUNSUPPORTED_GRAPH, "no tensor",
             [](auto& m) { m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type(); }}),
    [](auto const& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(Nodes, Malformed,
                         testing::Values(Case{"unknown_op", ErrorCode::kUNSUPPORTED_NODE, "Frobnicate",
                                              [](auto& m) { node(m, 1).set_op_type("Frobnicate"); }, "y"},
                                         Case{"unknown_domain", ErrorCode::kUNSUPPORTED_NODE,
                                              "operator acme::", [](auto& m) { node(m, 1).set_domain("acme"); }, "y"},
                                         Case{"op_too_new", ErrorCode::kUNSUPPORTED_NODE, "version 17",
                                              [](auto& m) { node(m, 1).set_op_type("Gelu"); }, "y"},
                                         Case{"unknown_attribute", ErrorCode::kUNSUPPORTED_NODE_ATTR, "'slope'",
                                              [](auto& m) { *node(m, 1).add_attribute() = attribute("slope", 1.0F); },
                                              "y"},
                                         Case{"attribute_twice", ErrorCode::kINVALID_NODE, "given twice",
                                              [](auto& m) {
                                                for (int i = 0; i < 2; ++i)
                                                  *node(m, 1).add_attribute() = attribute("alpha", 1.0F);
                                              },
                                              "y"},
                                         Case{"attribute_type", ErrorCode::kINVALID_NODE, "not a float",
                                              [](auto& m) {
                                                node(m, 1).set_op_type("LeakyRelu");
                                                *node(m, 1).add_attribute() = attribute("alpha", 1);
                                              },
                                              "y"},
                                         Case{"attribute_of_no_function", ErrorCode::kINVALID_NODE, "of a function",
                                              [](auto& m) {
                                                node(m, 1).set_op_type("LeakyRelu");
                                                *node(m, 1).add_attribute() = attribute("alpha", 1.0F);
                                                node(m, 1).mutable_attribute(0)->set_ref_attr_name("outer");
                                              },
                                              "y"},
                                         Case{"missing_attribute", ErrorCode::kINVALID_NODE, "'to' is missing",
                                              [](auto& m) { node(m, 1).set_op_type("Cast"); }, "y"},
                                         Case{"too_few_inputs", ErrorCode::kINVALID_NODE, "needs 2 inputs",
                                              [](auto& m) { node(m, 0).mutable_input()->RemoveLast(); }, "sum"},
                                         Case{"too_many_outputs", ErrorCode::kINVALID_NODE, "outputs",
                                              [](auto& m) { node(m, 1).add_output("extra"); }, "y"},
                                         Case{"axis_outside", ErrorCode::kINVALID_NODE, "axis 2",
                                              [](auto& m) {
                                                node(m, 1).set_op_type("Softmax");
                                                *node(m, 1).add_attribute() = attribute("axis", 2);
                                              },
                                              "y"},
                                         Case{"shapes_differ", ErrorCode::kINVALID_NODE, "do not fit",
                                              [](auto& m) {
                                                weight(m) = tensor("w", floats({4}, {1, 2, 3, 4}));
                                              },
                                              "sum"},
                                         Case{"cast_to_complex", ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "complex64",
                                              [](auto& m) {
                                                node(m, 1).set_op_type("Cast");
                                                *node(m, 1).add_attribute() =
                                                    attribute("to", static_cast<int>(P::COMPLEX64));
                                              },
                                              "y"}),
                         [](auto const& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(Tensors, Malformed,
                         testing::Values(Case{"raw_too_short", ErrorCode::kINVALID_VALUE, "need 12",
                                              [](auto& m) { weight(m).mutable_raw_data()->pop_back(); }, "sum"},
                                         Case{"dims_larger_than_data", ErrorCode::kINVALID_VALUE, "bytes of data",
                                              [](auto& m) { weight(m).set_dims(0, 1LL << 40); }, "sum"},
                                         Case{"dims_overflow", ErrorCode::kINVALID_VALUE, "does not fit 64 bits",
                                              [](auto& m) {
                                                weight(m).set_dims(0, 1LL << 32);
                                                weight(m).add_dims(1LL << 32);
                                                weight(m).add_dims(3);
                                              },
                                              "sum"},
                                         Case{"negative_extent", ErrorCode::kINVALID_VALUE, "negative",
                                              [](auto& m) { weight(m).set_dims(0, -3); }, "sum"},
                                         Case{"unknown_type", ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "unknown type 77",
                                              [](auto& m) { weight(m).set_data_type(77); }, "sum"},
                                         Case{"float8", ErrorCode::kUNSUPPORTED_NODE_DATATYPE, "float8e4m3fn",
                                              [](auto& m) { weight(m).set_data_type(P::FLOAT8E4M3FN); }, "sum"},
                                         Case{"two_data_fields", ErrorCode::kINVALID_VALUE, "both raw",
                                              [](auto& m) { weight(m).add_float_data(1); }, "sum"},
                                         Case{"field_of_another_type", ErrorCode::kINVALID_VALUE, "0 elements",
                                              [](auto& m) {
                                                weight(m).clear_raw_data();
                                                weight(m).add_int64_data(1);
                                              },
                                              "sum"},
                                         Case{"int8_out_of_range", ErrorCode::kINVALID_VALUE, "beyond the range",
                                              [](auto& m) {
                                                weight(m).clear_raw_data();
                                                weight(m).set_data_type(P::INT8);
                                                for (int value : {1, 2, 300}) weight(m).add_int32_data(value);
                                              },
                                              "sum"},
                                         Case{"segment", ErrorCode::kUNSUPPORTED_GRAPH, "segmented",
                                              [](auto& m) { weight(m).mutable_segment()->set_end(1); }, "sum"},
                                         Case{"sparse_index_outside", ErrorCode::kINVALID_VALUE, "outside of",
                                              [](auto& m) {
                                                auto& sparse = *m.mutable_graph()->add_sparse_initializer();
                                                *sparse.mutable_values() = tensor("w", floats({1}, {5}));
                                                *sparse.mutable_indices() = tensor("", ints({1}, {-1}));
                                                sparse.add_dims(3);
                                                m.mutable_graph()->clear_initializer();
                                              },
                                              "sum"},
                                         Case{"sparse_of_terabytes", ErrorCode::kUNSUPPORTED_GRAPH, "too sparse",
                                              [](auto& m) {
                                                auto& sparse = *m.mutable_graph()->add_sparse_initializer();
                                                *sparse.mutable_values() = tensor("w", floats({1}, {5}));
                                                *sparse.mutable_indices() = tensor("", ints({1}, {0}));
                                                sparse.add_dims(1LL << 40);
                                                m.mutable_graph()->clear_initializer();
                                              },
                                              "sum"}),
                         [](auto const& info) { return std::string(info.param.name); });

TEST(MalformedBytes, are_refused) {
  const std::string whole = small_model().bytes();
  EXPECT_EQ(refuse("").code, ErrorCode::kMODEL_DESERIALIZE_FAILED);
  EXPECT_EQ(refuse("not a model at all").code, ErrorCode::kMODEL_DESERIALIZE_FAILED);
  for (size_t length = 1; length < whole.size(); ++length) {
    const Refusal refusal = refuse(whole.substr(0, length));
    EXPECT_FALSE(refusal.text.empty()) << "a prefix of " << length << " bytes is taken for a model";
  }
}

TEST(MalformedBytes, every_flipped_byte_is_refused_or_read_without_harm) {
  const std::string whole = small_model().bytes();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
    Engine engine(bytes);
    EXPECT_TRUE(engine.parsed() || engine.parser().getNbErrors() == 1) << at;
  }
}

TEST(MalformedBytes, a_megabyte_of_empty_nodes_is_not_decoded) {
  std::string graph;
  for (int i = 0; i < 500000; ++i) graph += std::string("\x0a\x00", 2);
  std::string bytes = "\x3a";
  for (size_t rest = graph.size();; rest >>= 7) {
    bytes += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    if (rest <= 0x7f) break;
  }
  bytes += graph;
  Refusal refusal;
  expect_cheap(measure([&] { refusal = refuse(bytes); }));
  EXPECT_EQ(refusal.code, ErrorCode::kMODEL_DESERIALIZE_FAILED) << refusal.text;
}

/// A conditional whose branches are conditionals, and so on.
proto::GraphProto nested_if(int depth) {
  proto::GraphProto body;
  Graph graph(body);
  const std::string result = "r" + std::to_string(depth);
  graph.output(result);
  if (depth == 0) {
    graph.node("Relu", {"x"}, {result});
  } else {
    graph.node("If", {"c"}, {result},
               {attribute("then_branch", nested_if(depth - 1)), attribute("else_branch", nested_if(0))});
  }
  return body;
}

TEST(MalformedGraphs, nested_conditionals_cost_as_much_as_they_are_long) {
  for (int depth : {8, 24, 60}) {
    Model model;
    model.input("c", DataType::kBOOL, {}).input("x", DataType::kFLOAT, {2}).output("y");
    model.node("If", {"c"}, {"y"},
               {attribute("then_branch", nested_if(depth)), attribute("else_branch", nested_if(0))});
    const std::string bytes = model.bytes();
    Log log;
    std::unique_ptr<IBuilder> builder(createInferBuilder(log));
    std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    std::unique_ptr<onnx::IParser> parser(onnx::createParser(*network, log));
    expect_cheap(measure([&] { parser->parse(bytes.data(), bytes.size()); }));
  }
}

proto::FunctionProto calling(std::string const& name, std::string const& callee, int times) {
  proto::FunctionProto function;
  function.set_name(name);
  function.set_domain("own");
  function.add_input("a0");
  function.add_output("a" + std::to_string(times));
  for (int i = 0; i < times; ++i) {
    proto::NodeProto& node = *function.add_node();
    node.set_op_type(callee);
    node.set_domain(callee == "Relu" ? "" : "own");
    node.add_input("a" + std::to_string(i));
    node.add_output("a" + std::to_string(i + 1));
  }
  function.add_opset_import()->set_version(17);
  proto::OperatorSetIdProto& own = *function.add_opset_import();
  own.set_domain("own");
  own.set_version(1);
  return function;
}

Model model_calling(std::string const& function) {
  Model model;
  proto::OperatorSetIdProto& own = *model.proto().add_opset_import();
  own.set_domain("own");
  own.set_version(1);
  model.input("x", DataType::kFLOAT, {2}).output("y");
  model.node(function, {"x"}, {"y"}).set_domain("own");
  return model;
}

TEST(MalformedGraphs, functions_that_call_themselves_are_refused) {
  Model model = model_calling("f");
  *model.proto().add_functions() = calling("f", "g", 1);
  *model.proto().add_functions() = calling("g", "f", 1);
  const Refusal refusal = refuse(model.bytes());
  EXPECT_EQ(refusal.code, ErrorCode::kINVALID_GRAPH);
  EXPECT_NE(refusal.text.find("calls itself"), std::string::npos) << refusal.text;
}

TEST(MalformedGraphs, functions_that_multiply_are_refused) {
  Model model = model_calling("f0");
  for (int i = 0; i < 30; ++i) {
    *model.proto().add_functions() =
        calling("f" + std::to_string(i), i == 29 ? "Relu" : "f" + std::to_string(i + 1), 4);
  }
  const std::string bytes = model.bytes();
  Refusal refusal;
  expect_cheap(measure([&] { refusal = refuse(bytes); }));
  EXPECT_EQ(refusal.code, ErrorCode::kUNSUPPORTED_GRAPH) << refusal.text;
}

}  // namespace
}  // namespace rondo::onnx_test
