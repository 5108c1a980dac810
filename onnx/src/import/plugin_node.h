/// Nodes that plugins compute: an operator that is not ONNX's own is the name of a plugin.
#pragma once

#include "import/context.h"

namespace rondo::onnx {

struct OpRow;

/// The row by which a node becomes a plugin layer, with any number of inputs and outputs.
///
/// The creator is looked up in the registry of the network's builder by the operator (the domain plays no part) and the attributes
/// plugin_version ("1") and plugin_namespace (""). The other attributes become fields. tensorrt_plugin_shape_input_indices says which
/// inputs of an IPluginV3 are shape inputs.
OpRow const& plugin_row();

/// Whether a node says that it is meant for a plugin: it has the attribute plugin_namespace.
bool asks_for_plugin(proto::NodeProto const& node);

/// Whether the plugin of a node is registered.
bool has_plugin(Context& context, Scope& scope, proto::NodeProto const& node);

/// "no plugin 'Foo' version '1' is registered ..": what was looked up, what is registered under a similar name, and the way out.
std::string missing_plugin_text(Context& context, Scope& scope, proto::NodeProto const& node);

}  // namespace rondo::onnx
