// From graphs to layers.
//
// Nodes are imported one after the other, each by the function of its row in the operator table; what they give is kept
// under the names of the scope. A body is imported in the middle of its node, in a scope that sees the names around it;
// a function of the model in a scope that does not. All of it is one walk over the file's nodes, except that functions
// are walked once per call: the budget of Context bounds that.

#include "import/graph.h"

#include <algorithm>
#include <queue>

#include "import/network_io.h"
#include "import/plugin_node.h"
#include "layers/build.h"
#include "model/names.h"
#include "model/proto.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using Nodes = google::protobuf::RepeatedPtrField<proto::NodeProto>;

/// Bound by the stack: a level takes a few kilobytes of it. Files nest bodies some thirty deep at most (the wire format's limit).
constexpr int32_t kDeepest = 64;

std::string plain_domain(std::string const& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string node_text(proto::NodeProto const& node, int32_t index) {
  std::string const& name = !node.name().empty() ? node.name() : node.output_size() ? node.output(0) : node.name();
  return text("node '", name, "' (", node.op_type(), ", number ", index, ")");
}

Values resolve_inputs(Scope& scope, proto::NodeProto const& node) {
  Values inputs;
  for (std::string const& name : node.input()) {
    Value const* value = name.empty() ? nullptr : scope.find(name);
    check(name.empty() || value, ErrorCode::kINVALID_GRAPH,
          text("input '", name, "' is no graph input, no initializer and no node's output"));
    inputs.push_back(value ? *value : Value());
  }
  while (!inputs.empty() && inputs.back().absent() && node.input(static_cast<int>(inputs.size()) - 1).empty())
    inputs.pop_back();
  return inputs;
}

void check_counts(OpRow const& row, proto::NodeProto const& node, Values const& inputs) {
  const auto given = static_cast<int32_t>(inputs.size());
  bool enough = given >= row.inputs.least && given <= row.inputs.most;
  for (int32_t i = 0; enough && i < row.inputs.least; ++i) enough = !inputs[static_cast<size_t>(i)].absent();
  const auto range = [](Count count) {
    return count.least == count.most ? text(count.least)
           : count.most == kAny      ? text(count.least, " or more")
                                     : text(count.least, " to ", count.most);
  };
  const bool all_there = row.inputs.most != kAny || row.inputs.least == 0 || given == node.input_size();
  check(all_there, ErrorCode::kINVALID_NODE, text("input ", given, " is left out, and none may be"));
  check(enough, ErrorCode::kINVALID_NODE, text("needs ", range(row.inputs), " inputs, has ", given));
  check(node.output_size() >= row.outputs.least && node.output_size() <= row.outputs.most, ErrorCode::kINVALID_NODE,
        text("gives ", range(row.outputs), " outputs, not ", node.output_size()));
}

/// Version of the operator set that a domain's nodes are written in; 0 if the model imports none.
int64_t opset_of(Scope const& scope, std::string const& domain) {
  const auto found = scope.opsets().find(domain);
  return found == scope.opsets().end() ? 0 : found->second;
}

/// The row of the table, or of plugins where the table has none or the node asks for one.
OpRow const& require_op(Context& context, Scope& scope, proto::NodeProto const& node) {
  const std::string domain = plain_domain(node.domain());
  std::string const& op = node.op_type();
  const int64_t opset = opset_of(scope, domain);
  OpRow const* row = find_op(domain, op, opset);
  if (row && !asks_for_plugin(node)) return *row;
  if (has_plugin(context, scope, node)) return plugin_row();
  check(!row, ErrorCode::kUNSUPPORTED_NODE, missing_plugin_text(context, scope, node));
  const bool known = knows_op(domain, op);
  check(opset > 0 || (!known && !domain.empty()), ErrorCode::kINVALID_GRAPH,
        text("the model imports no version of operator set '", domain.empty() ? "ai.onnx" : domain, "'"));
  const std::string full = domain.empty() ? op : domain + "::" + op;
  throw ImportError(ErrorCode::kUNSUPPORTED_NODE,
                    known ? text("operator ", full, " is not known in version ", opset, " of its set")
                          : text("operator ", full, " is not known, and ", missing_plugin_text(context, scope, node)));
}

void define_outputs(Context& context, Scope& scope, proto::NodeProto const& node, Values const& outputs) {
  for (int i = 0; i < node.output_size(); ++i) {
    std::string const& name = node.output(i);
    if (name.empty()) continue;
    const auto at = static_cast<size_t>(i);
    check(at < outputs.size() && !outputs[at].absent(), ErrorCode::kUNSUPPORTED_NODE,
          text("output ", i, " ('", name, "') is not supported"));
    if (outputs[at].is_tensor()) {
      check(outputs[at].rank() >= 0, ErrorCode::kINVALID_NODE, "the shapes of the inputs do not fit each other");
      context.name_tensor(*outputs[at].tensor(), scope.prefix() + name);
    }
    scope.define(name, outputs[at]);
  }
}

Values import_function(Context& context, Scope& scope, proto::NodeProto const& node,
                       proto::FunctionProto const& function, Values const& inputs) {
  std::vector<std::string> stack = scope.functions();
  check(std::find(stack.begin(), stack.end(), function.name()) == stack.end(), ErrorCode::kINVALID_GRAPH,
        text("function '", function.name(), "' calls itself"));
  check(static_cast<int>(inputs.size()) <= function.input_size() && node.output_size() <= function.output_size(),
        ErrorCode::kINVALID_NODE,
        text("function '", function.name(), "' takes ", function.input_size(), " inputs and gives ",
             function.output_size(), " outputs"));
  stack.push_back(function.name());
  const Attributes given(node, scope.attribute_lookup());
  for (proto::AttributeProto const& attribute : node.attribute()) {
    const auto& names = function.attribute();
    const bool declared =
        std::find(names.begin(), names.end(), attribute.name()) != names.end() ||
        std::any_of(function.attribute_proto().begin(), function.attribute_proto().end(),
                    [&](auto const& with_default) { return with_default.name() == attribute.name(); });
    check(declared, ErrorCode::kUNSUPPORTED_NODE_ATTR,
          text("attribute '", attribute.name(), "' is none of function '", function.name(), "'"));
  }
  Scope inner(function.opset_import_size() ? read_opsets(function) : scope.opsets(), scope.shared_source());
  inner.set_functions(std::move(stack));
  inner.set_depth(scope.depth() + 1);
  inner.set_prefix(scope.prefix() + (node.name().empty() ? function.name() : node.name()) + "/");
  inner.set_attribute_lookup([&](std::string const& name) -> proto::AttributeProto const* {
    if (proto::AttributeProto const* attribute = given.find(name)) return attribute;
    for (proto::AttributeProto const& with_default : function.attribute_proto()) {
      if (with_default.name() == name) return &with_default;
    }
    return nullptr;
  });
  for (int i = 0; i < function.input_size(); ++i) {
    const auto at = static_cast<size_t>(i);
    inner.define(function.input(i), at < inputs.size() ? inputs[at] : Value());
  }
  for (int32_t index : topological_order(context, function)) import_node(context, inner, function.node(index), index);
  Values outputs;
  for (std::string const& name : function.output()) {
    Value const* value = inner.find(name);
    check(value != nullptr, ErrorCode::kINVALID_GRAPH,
          text("output '", name, "' of function '", function.name(), "' is not made"));
    outputs.push_back(*value);
  }
  return outputs;
}

void import_checked(Context& context, Scope& scope, proto::NodeProto const& proto, int32_t index) {
  check(scope.depth() <= kDeepest, ErrorCode::kUNSUPPORTED_GRAPH,
        text("bodies and functions nest deeper than ", kDeepest));
  context.spend_node();
  check_name(proto.name());
  check_name(proto.op_type());
  Values inputs = resolve_inputs(scope, proto);
  const int32_t first_layer = context.network().getNbLayers();
  const std::string domain = plain_domain(proto.domain());
  const bool as_plugin = (context.plugins_override() || asks_for_plugin(proto)) && has_plugin(context, scope, proto);
  proto::FunctionProto const* function = context.function(domain, proto.op_type(), proto.overload());
  if (function && !as_plugin) {
    define_outputs(context, scope, proto, import_function(context, scope, proto, *function, inputs));
    return;
  }
  OpRow const& row = as_plugin ? plugin_row() : require_op(context, scope, proto);
  check_counts(row, proto, inputs);
  Node node(proto, index, scope, row, opset_of(scope, domain), std::move(inputs));
  const Values outputs = row.import(context, node);
  node.attributes.check_all_read();
  define_outputs(context, scope, proto, outputs);
  context.name_layers(first_layer, scope.prefix() + node.name());
}

void import_nodes(Context& context, Scope& scope, proto::GraphProto const& graph,
                  std::unordered_map<std::string, Values>* outputs_by_node) {
  for (int32_t index : topological_order(context, graph)) {
    proto::NodeProto const& node = graph.node(index);
    import_node(context, scope, node, index);
    if (!outputs_by_node) continue;
    Values outputs;
    for (std::string const& name : node.output()) outputs.push_back(name.empty() ? Value() : *scope.find(name));
    outputs_by_node->emplace(node.name().empty() && node.output_size() ? node.output(0) : node.name(),
                             std::move(outputs));
  }
}

}  // namespace

void import_node(Context& context, Scope& scope, proto::NodeProto const& node, int32_t index) {
  try {
    import_checked(context, scope, node, index);
    const std::string refused = context.take_refusal();
    check(refused.empty(), ErrorCode::kINVALID_NODE, "the network refuses a layer's value: " + refused);
  } catch (ImportError& given) {
    const std::string refused = context.take_refusal();
    ImportError error = given;
    if (!refused.empty())
      static_cast<std::runtime_error&>(error) = std::runtime_error(text(given.what(), ": ", refused));
    if (error.node_index < 0) {  // the innermost node is the one to blame
      error.node_index = index;
      error.node_name = !node.name().empty() ? node.name() : node.output_size() ? node.output(0) : "";
      error.node_operator = node.op_type();
      error.functions = scope.functions();
    }
    throw error;
  }
}

bool operator_known(Context& context, Scope& scope, proto::NodeProto const& node) {
  const std::string domain = plain_domain(node.domain());
  return context.function(domain, node.op_type(), node.overload()) ||
         find_op(domain, node.op_type(), opset_of(scope, domain)) || has_plugin(context, scope, node);
}

void define_initializers(Scope& scope, proto::GraphProto const& graph) {
  for (proto::TensorProto const& initializer : graph.initializer()) scope.define(initializer.name(), initializer);
  for (proto::SparseTensorProto const& initializer : graph.sparse_initializer()) {
    scope.define(initializer.values().name(), initializer);
  }
}

template <typename Graph>
std::vector<int32_t> topological_order(Context& context, Graph const& graph) {
  Nodes const& nodes = graph.node();
  std::unordered_map<std::string, int32_t> producer;
  for (int32_t i = 0; i < nodes.size(); ++i) {
    for (std::string const& name : nodes[i].output()) {
      if (!name.empty()) producer.emplace(name, i);
    }
  }
  std::vector<std::vector<int32_t>> users(static_cast<size_t>(nodes.size()));
  std::vector<int32_t> missing(static_cast<size_t>(nodes.size()));
  const auto need = [&](std::string const& name, int32_t user) {
    const auto found = producer.find(name);
    if (found == producer.end()) return;
    users[static_cast<size_t>(found->second)].push_back(user);
    ++missing[static_cast<size_t>(user)];
  };
  for (int32_t i = 0; i < nodes.size(); ++i) {
    for (std::string const& name : nodes[i].input()) need(name, i);
    for (proto::AttributeProto const& attribute : nodes[i].attribute()) {
      if (attribute.has_g()) {
        for (std::string const& name : context.free_names(attribute.g())) need(name, i);
      }
      for (proto::GraphProto const& graph : attribute.graphs()) {
        for (std::string const& name : context.free_names(graph)) need(name, i);
      }
    }
  }
  std::priority_queue<int32_t, std::vector<int32_t>, std::greater<>> ready;
  for (int32_t i = 0; i < nodes.size(); ++i) {
    if (missing[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int32_t> order;
  while (!ready.empty()) {
    const int32_t next = ready.top();
    ready.pop();
    order.push_back(next);
    for (int32_t user : users[static_cast<size_t>(next)]) {
      if (--missing[static_cast<size_t>(user)] == 0) ready.push(user);
    }
  }
  for (int32_t i = 0; order.size() < missing.size() && i < nodes.size(); ++i) {
    check(missing[static_cast<size_t>(i)] == 0, ErrorCode::kINVALID_GRAPH,
          text(node_text(nodes[i], i), " is part of a cycle or needs the output of one"));
  }
  return order;
}

template <typename Importer>
OpsetVersions read_opsets(Importer const& importer) {
  OpsetVersions versions;
  for (proto::OperatorSetIdProto const& import : importer.opset_import()) {
    const std::string domain = plain_domain(import.domain());
    const bool added = versions.emplace(domain, import.version()).second;
    check(added, ErrorCode::kINVALID_GRAPH, text("two versions of operator set '", import.domain(), "' are imported"));
    check(!domain.empty() || (import.version() >= kOldestOpset && import.version() <= kNewestOpset),
          ErrorCode::kUNSUPPORTED_GRAPH,
          text("version ", import.version(), " of operator set ai.onnx; versions ", kOldestOpset, " to ", kNewestOpset,
               " are known, convert the model"));
  }
  return versions;
}

template std::vector<int32_t> topological_order(Context&, proto::GraphProto const&);
template std::vector<int32_t> topological_order(Context&, proto::FunctionProto const&);
template OpsetVersions read_opsets(proto::ModelProto const&);
template OpsetVersions read_opsets(proto::FunctionProto const&);

void import_main_graph(Context& context, std::shared_ptr<TensorSource const> const& source,
                       std::unordered_map<std::string, Values>* outputs_by_node) {
  proto::ModelProto const& model = context.model();
  check(model.has_graph(), ErrorCode::kINVALID_GRAPH, "the model has no graph");
  Scope scope(read_opsets(model), source);
  check(!scope.opsets().empty(), ErrorCode::kINVALID_GRAPH, "the model imports no operator set");
  define_initializers(scope, model.graph());
  for (proto::ValueInfoProto const& input : model.graph().input()) {
    if (!scope.defines(input.name())) scope.define(input.name(), add_network_input(context, input));
  }
  import_nodes(context, scope, model.graph(), outputs_by_node);
  for (proto::ValueInfoProto const& output : model.graph().output()) {
    Value const* value = scope.find(output.name());
    check(value != nullptr, ErrorCode::kINVALID_GRAPH,
          text("graph output '", output.name(), "' is no input, no initializer and no node's output"));
    mark_network_output(context, output, *value);
  }
  const std::string refused = context.take_refusal();
  check(refused.empty(), ErrorCode::kINVALID_GRAPH, "the network refuses an input or output: " + refused);
}

Values import_body(Context& context, Node const& node, proto::GraphProto const& body, Values const& inputs,
                   CaptureHook capture) {
  check(body.input_size() == static_cast<int>(inputs.size()), ErrorCode::kINVALID_GRAPH,
        text("the body '", body.name(), "' has ", body.input_size(), " inputs; ", inputs.size(), " are needed"));
  Scope scope(node.scope(), std::move(capture));
  scope.set_prefix(node.scope().prefix() + node.name() + "/");
  for (int i = 0; i < body.input_size(); ++i) scope.define(body.input(i).name(), inputs[static_cast<size_t>(i)]);
  define_initializers(scope, body);
  import_nodes(context, scope, body, nullptr);
  Values outputs;
  for (proto::ValueInfoProto const& output : body.output()) {
    Value const* value = scope.find(output.name());
    check(value != nullptr && !value->absent(), ErrorCode::kINVALID_GRAPH,
          text("output '", output.name(), "' of the body '", body.name(), "' is not made"));
    outputs.push_back(*value);
  }
  return outputs;
}

}  // namespace rondo::onnx
