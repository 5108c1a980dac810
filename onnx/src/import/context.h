/// Context: what all nodes of one import share.
#pragma once

#include <functional>
#include <set>
#include <unordered_map>

#include "import/node.h"
#include "import/refusals.h"
#include "import/scope.h"

namespace rondo::onnx {

/// The network being filled and the memory it refers to.
/// Threads   one thread at a time
class Context {
 public:
  /// kept takes the constants that layers refer to; it must outlive the build of the network. plugins_override: see
  /// OnnxParserFlag::kENABLE_PLUGIN_OVERRIDE.
  Context(INetworkDefinition& network, proto::ModelProto const& model, std::vector<HostTensorPtr>& kept,
          std::function<void(ILogger::Severity, std::string const&)> log, bool plugins_override);

  INetworkDefinition& network() { return network_; }
  /// What the network refused since the last call; empty if nothing.
  std::string take_refusal() { return refusals_.take(); }
  proto::ModelProto const& model() const { return model_; }
  bool plugins_override() const { return plugins_override_; }

  /// Logs a message, once per text.
  void warn(std::string const& message);

  /// Keeps a constant alive until after the build, for Weights of layers.
  Weights keep(HostTensorPtr const& constant);

  /// The tensor of a constant: the same one whenever the same constant is asked for.
  ITensor& constant_tensor(HostTensorPtr const& constant);

  /// Counts work, so that a small file cannot ask for much of it.
  /// Errors    kUNSUPPORTED_GRAPH when the model has become larger than its file warrants
  void spend_node();

  /// The model's function of that name, or null.
  proto::FunctionProto const* function(std::string const& domain, std::string const& name,
                                       std::string const& overload) const;

  /// Names that a body uses and does not define itself.
  std::set<std::string> const& free_names(proto::GraphProto const& body);

  /// Gives names to layers added since the network had `first` of them: `name` to the last, `name/1`, .. to those before it.
  void name_layers(int32_t first, std::string const& name);

  /// Names a tensor once; what has a name keeps it.
  void name_tensor(ITensor& tensor, std::string const& name);

 private:
  INetworkDefinition& network_;
  Refusals refusals_;
  proto::ModelProto const& model_;
  std::vector<HostTensorPtr>& kept_;
  std::function<void(ILogger::Severity, std::string const&)> log_;
  std::set<std::string> warned_;
  std::unordered_map<HostTensor const*, ITensor*> constants_;
  std::set<ITensor const*> named_;
  std::map<std::string, proto::FunctionProto const*> functions_;
  std::map<proto::GraphProto const*, std::set<std::string>> free_names_;
  int64_t nodes_left_;
  bool plugins_override_;
};

}  // namespace rondo::onnx
