#include "import/context.h"

#include <string_view>

#include "layers/build.h"
#include "model/proto.h"

namespace rondo::onnx {
namespace {

/// Functions may multiply a model; a few nodes of a file may stand for this many, and each node of it for so many more. Bound by
/// the time of an import, about ten microseconds a node; functions that exporters write have some ten to twenty nodes.
constexpr int64_t kNodesAllowed = 1000;
constexpr int64_t kNodesPerNode = 20;

int64_t count_nodes(google::protobuf::RepeatedPtrField<proto::NodeProto> const& nodes) {
  int64_t count = nodes.size();
  for (proto::NodeProto const& node : nodes) {
    for (proto::AttributeProto const& attribute : node.attribute()) {
      if (attribute.has_g()) count += count_nodes(attribute.g().node());
      for (proto::GraphProto const& graph : attribute.graphs()) count += count_nodes(graph.node());
    }
  }
  return count;
}

std::string function_key(std::string const& domain, std::string const& name, std::string const& overload) {
  return (domain == "ai.onnx" ? "" : domain) + '\n' + name + '\n' + overload;
}

}  // namespace

Context::Context(INetworkDefinition& network, proto::ModelProto const& model, std::vector<HostTensorPtr>& kept,
                 std::function<void(ILogger::Severity, std::string const&)> log, bool plugins_override)
    : network_(network),
      refusals_(network),
      model_(model),
      kept_(kept),
      log_(std::move(log)),
      plugins_override_(plugins_override) {
  nodes_left_ = count_nodes(model.graph().node());
  for (proto::FunctionProto const& function : model.functions()) {
    nodes_left_ += count_nodes(function.node());
    const bool added =
        functions_.emplace(function_key(function.domain(), function.name(), function.overload()), &function).second;
    check(added, ErrorCode::kINVALID_GRAPH, text("function '", function.name(), "' is defined twice"));
  }
  nodes_left_ = kNodesAllowed + kNodesPerNode * nodes_left_;
}

void Context::warn(std::string const& message) {
  if (warned_.insert(message).second) log_(ILogger::Severity::kWARNING, message);
}

Weights Context::keep(HostTensorPtr const& constant) {
  kept_.push_back(constant);
  return constant->weights();
}

ITensor& Context::constant_tensor(HostTensorPtr const& constant) {
  ITensor*& tensor = constants_[constant.get()];
  if (!tensor) tensor = &result(network_.addConstant(to_dims(constant->dims()), keep(constant)), "constant");
  return *tensor;
}

void Context::spend_node() {
  check(--nodes_left_ >= 0, ErrorCode::kUNSUPPORTED_GRAPH,
        "functions and bodies expand to far more nodes than the file has; the model is refused");
}

proto::FunctionProto const* Context::function(std::string const& domain, std::string const& name,
                                              std::string const& overload) const {
  const auto found = functions_.find(function_key(domain, name, overload));
  return found == functions_.end() ? nullptr : found->second;
}

std::set<std::string> const& Context::free_names(proto::GraphProto const& body) {
  const auto [at, added] = free_names_.try_emplace(&body);
  if (!added) return at->second;
  std::set<std::string> defined;
  std::set<std::string> used;
  for (proto::ValueInfoProto const& input : body.input()) defined.insert(input.name());
  for (proto::TensorProto const& initializer : body.initializer()) defined.insert(initializer.name());
  for (proto::SparseTensorProto const& initializer : body.sparse_initializer())
    defined.insert(initializer.values().name());
  for (proto::NodeProto const& node : body.node()) {
    defined.insert(node.output().begin(), node.output().end());
    used.insert(node.input().begin(), node.input().end());
    for (proto::AttributeProto const& attribute : node.attribute()) {
      if (attribute.has_g()) used.merge(std::set<std::string>(free_names(attribute.g())));
      for (proto::GraphProto const& graph : attribute.graphs()) used.merge(std::set<std::string>(free_names(graph)));
    }
  }
  for (proto::ValueInfoProto const& output : body.output()) used.insert(output.name());
  for (std::string const& name : used) {
    if (!name.empty() && defined.count(name) == 0) at->second.insert(name);
  }
  return at->second;
}

void Context::name_layers(int32_t first, std::string const& name) {
  int32_t number = 0;
  for (int32_t i = network_.getNbLayers() - 1; i >= first; --i) {
    ILayer* layer = network_.getLayer(i);
    if (std::string_view(layer->getName()).rfind("(Unnamed", 0) != 0) continue;
    layer->setName(number == 0 ? name.c_str() : text(name, "/", number).c_str());
    ++number;
  }
}

void Context::name_tensor(ITensor& tensor, std::string const& name) {
  if (tensor.isNetworkInput() || !named_.insert(&tensor).second) return;
  tensor.setName(name.c_str());
}

}  // namespace rondo::onnx
