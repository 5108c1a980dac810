// If, Loop, Scan and sequences: what they refuse, and the ways a loop is written. Values are compared with ONNX Runtime
// by python/tests/onnx_recurrent_run.py.

#include "onnx/model.h"

namespace rondo::onnx_test {
namespace {

using onnx::ErrorCode;

void expect_refused(Model const& model, ErrorCode code, std::string const& said) {
  const Refusal refusal = refuse(model.bytes());
  EXPECT_EQ(refusal.code, code) << refusal.text;
  EXPECT_NE(refusal.text.find(said), std::string::npos) << refusal.text;
}

Array flag(bool value) { return {DataType::kBOOL, {}, {value ? 1.0 : 0.0}}; }

/// A body (i, go, s) -> (go, op(s, x), s) with x of outside; without a scan output where scan is false.
proto::GraphProto adding_body(bool scan, std::string const& op = "Add",
                              std::vector<proto::AttributeProto> const& attributes = {}) {
  proto::GraphProto graph;
  Graph body(graph);
  body.input("i", DataType::kINT64, {}).input("go", DataType::kBOOL, {}).input("s", DataType::kFLOAT, {2});
  body.node(op, {"s", "x"}, {"next"}, attributes);
  body.node("Identity", {"go"}, {"go_on"});
  body.output("go_on", DataType::kBOOL).output("next");
  if (scan) {
    body.node("Identity", {"s"}, {"seen"});
    body.output("seen");
  }
  return graph;
}

Model loop_model(proto::GraphProto const& body, std::string const& trips, std::string const& condition, bool scan) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).input("n", DataType::kINT64, {}).input("c", DataType::kBOOL, {});
  model.constant("three", ints({}, {3})).constant("start", floats({2}, {1, 2}));
  std::vector<std::string> outputs{"y"};
  if (scan) outputs.push_back("all");
  model.node("Loop", {trips, condition, "start"}, outputs, {attribute("body", body)});
  for (std::string const& output : outputs) model.output(output);
  return model;
}

TEST(OnnxLoop, CarriesAndCollects) {
  Engine engine(loop_model(adding_body(true), "n", "c", true).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  for (const int trips : {0, 1, 4}) {
    const auto outputs =
        engine.run({{"x", floats({2}, {10, 100})}, {"n", ints({}, {double(trips)})}, {"c", flag(true)}});
    expect_near(outputs.at("y"), floats({2}, {1.0 + 10 * trips, 2.0 + 100 * trips}));
    EXPECT_EQ(outputs.at("all").dims, (Extents{trips, 2}));
  }
  const auto none = engine.run({{"x", floats({2}, {10, 100})}, {"n", ints({}, {4})}, {"c", flag(false)}});
  expect_near(none.at("y"), floats({2}, {1, 2}));
  EXPECT_EQ(none.at("all").dims, (Extents{0, 2}));
}

// A length that only the run knows is part of an index here.
TEST(OnnxLoop, LastOfWhatALoopAppends) {
  proto::GraphProto graph = adding_body(false);
  Graph body(graph);
  body.node("SequenceInsert", {"q", "next"}, {"q_next"});
  graph.mutable_node(1)->set_op_type("Less");
  graph.mutable_node(1)->clear_input();
  graph.mutable_node(1)->add_input("i");
  graph.mutable_node(1)->add_input("two");
  graph.add_input()->set_name("q");
  graph.add_output()->set_name("q_next");
  Model model;
  model.input("x", DataType::kFLOAT, {2});
  model.constant("trips", ints({}, {40}))
      .constant("two", ints({}, {2}))
      .constant("start", floats({2}, {1, 2}))
      .constant("last", ints({}, {-1}));
  model.node("SequenceEmpty", {}, {"e"});
  model.node("Loop", {"trips", "", "start", "e"}, {"", "s"}, {attribute("body", graph)});
  model.node("SequenceAt", {"s", "last"}, {"y"});
  model.output("y");
  expect_near(run(model, {{"x", floats({2}, {10, 100})}}), floats({2}, {31, 302}));
}

TEST(OnnxLoop, WritesOutAStateThatGrows) {
  const auto growing = adding_body(false, "Concat", {attribute("axis", 0)});
  Engine engine(loop_model(growing, "three", "", false).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  const auto outputs = engine.run({{"x", floats({2}, {5, 6})}, {"n", ints({}, {0})}, {"c", flag(true)}});
  expect_near(outputs.at("y"), floats({8}, {1, 2, 5, 6, 5, 6, 5, 6}));
  expect_refused(loop_model(growing, "n", "", false), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "state 0 changes its shape from [2] to [4]");
  expect_refused(loop_model(growing, "three", "c", false), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "needs a condition that is known at import");
}

TEST(OnnxLoop, Refuses) {
  expect_refused(loop_model(adding_body(false), "", "", false), ErrorCode::kUNSUPPORTED_GRAPH,
                 "neither a trip count nor a condition");
  expect_refused(loop_model(adding_body(false), "x", "", false), ErrorCode::kINVALID_NODE, "one int64 is needed");
  expect_refused(loop_model(adding_body(false), "n", "x", false), ErrorCode::kINVALID_NODE, "one bool is needed");
  expect_refused(loop_model(adding_body(false, "Less"), "n", "", false), ErrorCode::kINVALID_NODE, "state 0 starts as");
  proto::GraphProto short_body = adding_body(false);
  short_body.mutable_output()->RemoveLast();
  expect_refused(loop_model(short_body, "n", "", false), ErrorCode::kINVALID_NODE, "the body gives 1 outputs");
}

proto::GraphProto branch(std::string const& op, std::vector<std::string> const& inputs,
                         std::vector<proto::AttributeProto> const& attributes = {}) {
  proto::GraphProto graph;
  Graph body(graph);
  body.node(op, inputs, {"out"}, attributes);
  body.output("out");
  return graph;
}

Model if_model(proto::GraphProto const& then, proto::GraphProto const& otherwise) {
  Model model;
  model.input("x", DataType::kFLOAT, {2}).input("c", DataType::kBOOL, {});
  model.constant("two_axes", ints({1}, {0}));
  model.node("If", {"c"}, {"y"}, {attribute("then_branch", then), attribute("else_branch", otherwise)});
  model.output("y");
  return model;
}

TEST(OnnxIf, BranchesOfOneRank) {
  Engine engine(if_model(branch("Concat", {"x", "x"}, {attribute("axis", 0)}), branch("Neg", {"x"})).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  expect_near(engine.run({{"x", floats({2}, {1, 2})}, {"c", flag(true)}}).at("y"), floats({4}, {1, 2, 1, 2}));
  expect_near(engine.run({{"x", floats({2}, {1, 2})}, {"c", flag(false)}}).at("y"), floats({2}, {-1, -2}));
}

TEST(OnnxIf, Refuses) {
  expect_refused(if_model(branch("Unsqueeze", {"x", "two_axes"}), branch("Neg", {"x"})),
                 ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "different ranks");
  expect_refused(if_model(branch("Less", {"x", "x"}), branch("Neg", {"x"})), ErrorCode::kINVALID_NODE,
                 "their types must be equal");
  expect_refused(if_model(branch("SequenceConstruct", {"x", "x"}), branch("SequenceConstruct", {"x"})),
                 ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "that needs a constant condition");
  proto::GraphProto two = branch("Neg", {"x"});
  Graph(two).output("out");
  expect_refused(if_model(two, branch("Neg", {"x"})), ErrorCode::kINVALID_NODE, "the branches give 2 and 1 outputs");
}

TEST(OnnxScan, Refuses) {
  proto::GraphProto graph;
  Graph(graph).input("row", DataType::kFLOAT, {2});
  Graph(graph).node("Neg", {"row"}, {"out"});
  Graph(graph).output("out");
  const auto model = [&](std::vector<proto::AttributeProto> attributes) {
    attributes.push_back(attribute("body", graph));
    Model scan;
    scan.input("x", DataType::kFLOAT, {3, 2});
    scan.node("Scan", {"x"}, {"y"}, attributes);
    scan.output("y");
    return scan;
  };
  expect_near(run(model({attribute("num_scan_inputs", 1)}), {{"x", floats({3, 2}, {1, 2, 3, 4, 5, 6})}}),
              floats({3, 2}, {-1, -2, -3, -4, -5, -6}));
  expect_refused(model({attribute("num_scan_inputs", 2)}), ErrorCode::kINVALID_NODE,
                 "'num_scan_inputs' is 2 of 1 inputs");
  expect_refused(model({attribute("num_scan_inputs", 1), attribute("scan_input_directions", std::vector<int64_t>{2})}),
                 ErrorCode::kUNSUPPORTED_NODE_ATTR, "'scan_input_directions' holds 2");
  expect_refused(model({attribute("num_scan_inputs", 1), attribute("scan_input_axes", std::vector<int64_t>{2})}),
                 ErrorCode::kINVALID_NODE, "scan input axis 2 is outside");
}

/// y = sum of the elements of the sequence (x, second): a loop takes element i in iteration i.
Model summing(std::string const& trips, Array const& second) {
  proto::GraphProto graph;
  Graph body(graph);
  body.input("i", DataType::kINT64, {}).input("go", DataType::kBOOL, {}).input("s", DataType::kFLOAT, {});
  body.node("SequenceAt", {"elements", "i"}, {"element"});
  body.node("ReduceSum", {"element"}, {"part"}, {attribute("keepdims", 0)});
  body.node("Add", {"s", "part"}, {"next"});
  body.node("Identity", {"go"}, {"go_on"});
  body.output("go_on", DataType::kBOOL).output("next");
  Model model;
  model.input("x", DataType::kFLOAT, {2}).input("n", DataType::kINT64, {}).constant("second", second);
  model.constant("zero", floats({}, {0}));
  model.node("SequenceConstruct", {"x", "second"}, {"elements"});
  model.node("SequenceLength", {"elements"}, {"length"});
  model.node("Loop", {trips, "", "zero"}, {"y"}, {attribute("body", graph)});
  model.output("y");
  return model;
}

TEST(OnnxSequence, IsReadAtPositionsThatTheRunKnows) {
  Engine engine(summing("n", floats({2}, {100, 1000})).bytes());
  ASSERT_TRUE(engine.built()) << engine.log();
  const auto sum = [&](double trips) {
    return engine.run({{"x", floats({2}, {1, 10})}, {"n", ints({}, {trips})}}).at("y");
  };
  expect_near(sum(0), floats({}, {0}));
  expect_near(sum(1), floats({}, {11}));
  expect_near(sum(2), floats({}, {1111}));
}

TEST(OnnxSequence, OfUnequalElementsIsReadInALoopOfKnownLength) {
  const Array longer = floats({3}, {100, 1000, 10000});
  expect_near(run(summing("length", longer), {{"x", floats({2}, {1, 10})}, {"n", ints({}, {0})}}), floats({}, {11111}));
  expect_refused(summing("n", longer), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, "the position (input 1)");
}

TEST(OnnxSequence, Refuses) {
  const auto model = [](std::string const& op, std::vector<std::string> const& inputs) {
    Model sequence;
    sequence.input("x", DataType::kFLOAT, {2}).input("n", DataType::kINT64, {});
    sequence.constant("five", ints({}, {5}));
    sequence.node("SequenceConstruct", {"x", "x"}, {"s"});
    sequence.node("SequenceConstruct", {"x", "five"}, {"unlike"});
    sequence.node("SequenceEmpty", {}, {"e"});
    sequence.node("Optional", {}, {"none"});
    sequence.node(op, inputs, {"y"});
    sequence.output("y");
    return sequence;
  };
  expect_refused(model("SequenceAt", {"unlike", "n"}), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                 "the position (input 1) must be a constant");
  expect_refused(model("SequenceAt", {"s", "five"}), ErrorCode::kINVALID_NODE,
                 "position 5 is outside of a sequence of 2");
  expect_refused(model("SequenceAt", {"e", "five"}), ErrorCode::kINVALID_NODE, "the sequence is empty");
  expect_refused(model("SequenceLength", {"x"}), ErrorCode::kINVALID_NODE, "not a sequence");
  expect_refused(model("OptionalGetElement", {"none"}), ErrorCode::kINVALID_NODE, "the optional is empty");
}

}  // namespace
}  // namespace rondo::onnx_test
