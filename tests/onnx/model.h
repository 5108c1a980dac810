/// Models written in C++, and what the parser and the engine make of them.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/proto.h"
#include "rondo/onnx_parser.h"
#include "rondo/rondo.h"

namespace rondo::onnx_test {

namespace proto = ::rondo::onnx_proto;

using Extents = std::vector<int64_t>;

/// Keeps messages of severity kWARNING and worse.
class Log : public ILogger {
 public:
  void log(Severity severity, char const* message) noexcept override;
  std::string const& text() const { return text_; }

 private:
  std::string text_;
};

/// Elements of one tensor as double, whatever its type.
struct Array {
  DataType type = DataType::kFLOAT;
  Extents dims;
  std::vector<double> values;
};

/// Attributes of a node: Attr("axis", 1), Attr("mode", "linear"), Attr("axes", {0, 1}), Attr("scale", 0.5F).
proto::AttributeProto attribute(std::string const& name, int64_t value);
proto::AttributeProto attribute(std::string const& name, int value);
proto::AttributeProto attribute(std::string const& name, float value);
proto::AttributeProto attribute(std::string const& name, std::string const& value);
proto::AttributeProto attribute(std::string const& name, char const* value);
proto::AttributeProto attribute(std::string const& name, std::vector<int64_t> const& values);
proto::AttributeProto attribute(std::string const& name, std::vector<float> const& values);
proto::AttributeProto attribute(std::string const& name, proto::GraphProto const& graph);
proto::AttributeProto attribute(std::string const& name, proto::TensorProto const& tensor);

/// A constant; values are rounded to the type.
proto::TensorProto tensor(std::string const& name, Array const& array);
Array floats(Extents dims, std::vector<double> values);
Array ints(Extents dims, std::vector<double> values);
/// Values of a fixed sequence between -1 and 1.
Array noise(Extents dims, unsigned seed = 1);

/// A graph under construction: the main one, or a body.
class Graph {
 public:
  explicit Graph(proto::GraphProto& graph) : graph_(graph) {}

  /// -1 in dims becomes a dimension named after the input and its index.
  Graph& input(std::string const& name, DataType type, Extents const& dims);
  Graph& output(std::string const& name, DataType type = DataType::kFLOAT);
  Graph& constant(std::string const& name, Array const& array);
  /// Adds a node; its name is its first output's.
  proto::NodeProto& node(std::string const& op, std::vector<std::string> const& inputs,
                         std::vector<std::string> const& outputs,
                         std::vector<proto::AttributeProto> const& attributes = {});

 private:
  proto::GraphProto& graph_;
};

/// A model of one graph.
class Model : public Graph {
 public:
  explicit Model(int64_t opset = 17);

  proto::ModelProto& proto() { return *model_; }
  std::string bytes() const { return model_->SerializeAsString(); }

 private:
  explicit Model(std::shared_ptr<proto::ModelProto> model);
  std::shared_ptr<proto::ModelProto> model_;
};

/// A parsed model and its engine. Dynamic inputs get a profile from 1 to 64 with 4 as optimum, inputs that decide shapes
/// values from -16 to 16.
class Engine {
 public:
  explicit Engine(std::string const& bytes, std::string const& path = "");

  bool parsed() const { return parsed_; }
  bool built() const { return engine_ != nullptr; }
  std::string const& log() const { return log_.text(); }
  onnx::IParser& parser() { return *parser_; }
  INetworkDefinition& network() { return *network_; }

  /// Runs the engine; the inputs give the shapes.
  std::map<std::string, Array> run(std::map<std::string, Array> const& inputs);

 private:
  bool build();

  Log log_;
  std::unique_ptr<IBuilder> builder_;
  std::unique_ptr<INetworkDefinition> network_;
  std::unique_ptr<onnx::IParser> parser_;
  std::unique_ptr<IRuntime> runtime_;
  std::unique_ptr<ICudaEngine> engine_;
  bool parsed_ = false;
};

/// Parses, builds and runs; the only output of the model.
Array run(Model const& model, std::map<std::string, Array> const& inputs);

/// Expects equal extents and values up to tolerance (absolute and relative).
void expect_near(Array const& found, Array const& expected, double tolerance = 1e-5);

/// The only error of a model that must be refused; INTERNAL_ERROR with an empty text if it is not.
struct Refusal {
  onnx::ErrorCode code = onnx::ErrorCode::kINTERNAL_ERROR;
  std::string text;
  std::string node;
  std::string op;
};
Refusal refuse(std::string const& bytes, std::string const& path = "");

}  // namespace rondo::onnx_test
