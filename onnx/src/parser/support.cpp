#include "parser/support.h"

#include "import/graph.h"
#include "import/network_io.h"
#include "model/proto.h"

namespace rondo::onnx {
namespace {

/// Whether an input of the node, or a name of outside that its bodies use, is an output of a node that failed.
bool depends_on(Context& context, proto::NodeProto const& node, std::set<std::string> const& failed) {
  for (std::string const& name : node.input()) {
    if (failed.count(name)) return true;
  }
  for (proto::AttributeProto const& attribute : node.attribute()) {
    if (!attribute.has_g()) continue;
    for (std::string const& name : context.free_names(attribute.g())) {
      if (failed.count(name)) return true;
    }
  }
  return false;
}

/// Runs work; what it throws is reported, and false.
template <typename Work>
bool attempt(std::function<void(ImportError const&)> const& report, Work&& work) {
  try {
    work();
    return true;
  } catch (ImportError const& error) {
    report(error);
    return false;
  }
}

}  // namespace

Support find_support(INetworkDefinition& network, proto::ModelProto const& model,
                     std::shared_ptr<TensorSource const> const& source, bool plugins_override,
                     std::function<void(ImportError const&)> const& report) {
  Support support;
  const std::unique_ptr<INetworkDefinition> scratch(network.getBuilder().createNetworkV2(network.getFlags()));
  check(scratch != nullptr, ErrorCode::kINTERNAL_ERROR, "the builder makes no scratch network");
  std::vector<HostTensorPtr> kept;
  Context context(
      *scratch, model, kept, [](ILogger::Severity, std::string const&) {}, plugins_override);
  Scope scope(read_opsets(model), source);
  define_initializers(scope, model.graph());
  for (proto::ValueInfoProto const& input : model.graph().input()) {
    if (scope.defines(input.name())) continue;
    support.graph &= attempt(report, [&] { scope.define(input.name(), add_network_input(context, input)); });
  }
  std::set<std::string> failed;
  for (int32_t index : topological_order(context, model.graph())) {
    proto::NodeProto const& node = model.graph().node(index);
    const bool reachable = !depends_on(context, node, failed);
    const bool ok = reachable ? attempt(report, [&] { import_node(context, scope, node, index); })
                              : operator_known(context, scope, node);
    if (!ok || !reachable) failed.insert(node.output().begin(), node.output().end());
    support.order.push_back(index);
    support.nodes.push_back(ok);
  }
  for (proto::ValueInfoProto const& output : model.graph().output()) {
    if (failed.count(output.name())) continue;
    support.graph &= attempt(report, [&] {
      Value const* value = scope.find(output.name());
      check(value != nullptr, ErrorCode::kINVALID_GRAPH,
            text("graph output '", output.name(), "' is no input, no initializer and no node's output"));
      mark_network_output(context, output, *value);
    });
  }
  return support;
}

}  // namespace rondo::onnx
