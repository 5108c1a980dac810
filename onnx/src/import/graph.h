/// Importing graphs: the main one, the bodies of loops and branches, functions.
#pragma once

#include "import/context.h"

namespace rondo::onnx {

/// Imports the main graph: inputs, nodes, outputs.
void import_main_graph(Context& context, std::shared_ptr<TensorSource const> const& source,
                       std::unordered_map<std::string, Values>* outputs_by_node);

/// Imports a body of `node` and returns the values of its outputs. inputs become the body's inputs in order; names of outside
/// are found, through `capture` where one is given. The layers are added now, between those of the node itself.
/// Errors    kINVALID_GRAPH if the numbers of inputs differ; those of the nodes inside
Values import_body(Context& context, Node const& node, proto::GraphProto const& body, Values const& inputs,
                   CaptureHook capture = {});

/// Imports one node into its scope: looks its operator up, imports it, names layers and outputs.
/// Errors    ImportError with the node's name, operator and index filled in
void import_node(Context& context, Scope& scope, proto::NodeProto const& node, int32_t index);

/// Whether there is a way to import the node: a function of the model, a row of the table, or a registered plugin.
bool operator_known(Context& context, Scope& scope, proto::NodeProto const& node);

/// Makes the initializers of a graph known to its scope.
void define_initializers(Scope& scope, proto::GraphProto const& graph);

/// The nodes of a graph or function in an order in which each follows those it needs; that of the file where it is one.
/// Errors    kINVALID_GRAPH naming a node of a cycle
template <typename Graph>
std::vector<int32_t> topological_order(Context& context, Graph const& graph);

/// Versions of the operator sets that a model or function imports.
/// Errors    kUNSUPPORTED_GRAPH for versions that the parser does not know
template <typename Importer>
OpsetVersions read_opsets(Importer const& importer);

}  // namespace rondo::onnx
