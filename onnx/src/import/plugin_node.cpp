// A node as a plugin layer: find the creator, hand it the attributes, add what it makes.

#include "import/plugin_node.h"

#include <algorithm>
#include <cctype>

#include "import/plugin_fields.h"
#include "layers/build.h"
#include "model/proto.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

constexpr char kVersion[] = "plugin_version", kNamespace[] = "plugin_namespace";
constexpr char kShapeInputs[] = "tensorrt_plugin_shape_input_indices";
constexpr char const* kNoFields[] = {kVersion, kNamespace, kShapeInputs};

/// What a creator is found by.
struct PluginName {
  std::string type, version, name_space;

  std::string text() const {
    return onnx::text("'", type, "' version '", version, "'",
                      name_space.empty() ? std::string() : onnx::text(" of namespace '", name_space, "'"));
  }
};

PluginName name_of(std::string const& op, Attributes& attributes) {
  return {op, attributes.string(kVersion, "1"), attributes.string(kNamespace, "")};
}

PluginName name_of(Scope& scope, proto::NodeProto const& node) {
  Attributes attributes(node, scope.attribute_lookup());
  return name_of(node.op_type(), attributes);
}

IPluginRegistry& registry_of(Context& context) { return context.network().getBuilder().getPluginRegistry(); }

IPluginCreatorInterface* find(Context& context, PluginName const& name) {
  return registry_of(context).getCreator(name.type.c_str(), name.version.c_str(), name.name_space.c_str());
}

/// Calls code of the application, which may throw.
template <typename Call>
auto ask(PluginName const& name, char const* method, Call&& call) {
  try {
    return call();
  } catch (std::exception const& error) {
    throw ImportError(ErrorCode::kINVALID_NODE, text("plugin ", name.text(), ": ", method, " threw: ", error.what()));
  } catch (...) {
    throw ImportError(ErrorCode::kINVALID_NODE, text("plugin ", name.text(), ": ", method, " threw"));
  }
}

/// The two classes of creators under one face.
struct CreatorFace {
  IPluginCreator* old = nullptr;
  IPluginCreatorV3One* v3 = nullptr;

  explicit CreatorFace(IPluginCreatorInterface& creator) {
    const std::string kind = creator.getInterfaceInfo().kind;
    if (kind == "PLUGIN CREATOR_V1") old = static_cast<IPluginCreator*>(&creator);
    if (kind == "PLUGIN CREATOR_V3ONE") v3 = static_cast<IPluginCreatorV3One*>(&creator);
    check(old || v3, ErrorCode::kUNSUPPORTED_NODE, text("creators of kind '", kind, "' are not known"));
  }
  PluginName name() const {
    const auto safe = [](char const* text) { return std::string(text ? text : ""); };
    if (old) return {safe(old->getPluginName()), safe(old->getPluginVersion()), safe(old->getPluginNamespace())};
    return {safe(v3->getPluginName()), safe(v3->getPluginVersion()), safe(v3->getPluginNamespace())};
  }
  PluginFieldCollection const* listed() const { return old ? old->getFieldNames() : v3->getFieldNames(); }
};

std::string letters(std::string const& name) {
  std::string out;
  for (unsigned char c : name) {
    if (std::isalnum(c)) out += static_cast<char>(std::tolower(c));
  }
  return out;
}

/// Equal but for case and punctuation, or one in the other.
bool similar(std::string const& a, std::string const& b) {
  constexpr size_t kTellingLetters = 4;
  const std::string x = letters(a), y = letters(b);
  if (x == y) return true;
  return std::min(x.size(), y.size()) >= kTellingLetters &&
         (x.find(y) != std::string::npos || y.find(x) != std::string::npos);
}

std::string similar_plugins(Context& context, std::string const& type) {
  constexpr int32_t kMost = 4;
  int32_t count = 0, found = 0;
  IPluginCreatorInterface* const* all = registry_of(context).getAllCreatorsRecursive(&count);
  std::string out;
  for (int32_t i = 0; all && i < count && found < kMost; ++i) {
    const PluginName name = CreatorFace(*all[i]).name();
    if (!similar(name.type, type)) continue;
    out += (found++ ? ", " : "") + name.text();
  }
  return out;
}

/// The inputs of a layer: tensors, and those that an IPluginV3 reads as shapes.
struct PluginInputs {
  Tensors tensors, shapes;
};

PluginInputs inputs_of(Context& context, Node& node, PluginName const& name, bool may_have_shapes) {
  const std::vector<int64_t> shape_inputs = node.attributes.integers(kShapeInputs, {});
  node.require(
      shape_inputs.empty() || may_have_shapes, ErrorCode::kUNSUPPORTED_NODE_ATTR,
      text("attribute '", kShapeInputs, "': plugin ", name.text(), " is no IPluginV3, which alone has shape inputs"));
  for (int64_t index : shape_inputs) {
    node.require(index >= 0 && index < node.input_count(), ErrorCode::kINVALID_NODE,
                 text("attribute '", kShapeInputs, "' names input ", index, "; the node has ", node.input_count()));
  }
  PluginInputs inputs;
  for (int32_t i = 0; i < node.input_count(); ++i) {
    node.require(node.has_input(i), ErrorCode::kUNSUPPORTED_NODE_INPUT,
                 text("input ", i, " of plugin ", name.text(),
                      " is left out while later ones are given; a plugin takes its inputs by position, so only the "
                      "last ones can be left out"));
    const bool is_shape = std::find(shape_inputs.begin(), shape_inputs.end(), i) != shape_inputs.end();
    (is_shape ? inputs.shapes : inputs.tensors).push_back(&to_tensor(context, node.input(i)));
  }
  return inputs;
}

template <typename Plugin>
Plugin& made(Plugin* plugin, PluginName const& name, PluginFields const& fields, PluginFieldCollection const* listed) {
  check(plugin != nullptr, ErrorCode::kINVALID_NODE,
        text("the creator of plugin ", name.text(), " makes no plugin of the fields ", fields_text(fields.collection()),
             "; it lists ", listed ? fields_text(*listed) : "none"));
  return *plugin;
}

struct Destroy {
  void operator()(IPluginV2* plugin) const { plugin->destroy(); }
};

ILayer* add_layer(Context& context, Node& node, PluginName const& name, CreatorFace const& creator) {
  PluginFieldCollection const* listed = ask(name, "getFieldNames", [&] { return creator.listed(); });
  const PluginFields fields(node.attributes, kNoFields, listed, node.scope().source());
  for (std::string const& field : fields.unlisted()) {
    context.warn(text("attribute '", field, "' of node '", node.name(), "' is not among the fields that plugin ",
                      name.text(), " lists; it is handed on as it is"));
  }
  const PluginInputs in = inputs_of(context, node, name, creator.v3 != nullptr);
  const auto count = [](Tensors const& tensors) { return static_cast<int32_t>(tensors.size()); };
  const std::string layer = node.scope().prefix() + node.name();
  const PluginFieldCollection all = fields.collection();
  if (creator.v3) {
    const std::unique_ptr<IPluginV3> plugin(creator.v3->createPlugin(layer.c_str(), &all, TensorRTPhase::kBUILD));
    return context.network().addPluginV3(in.tensors.data(), count(in.tensors), in.shapes.data(), count(in.shapes),
                                         made(plugin.get(), name, fields, listed));
  }
  const std::unique_ptr<IPluginV2, Destroy> plugin(
      ask(name, "createPlugin", [&] { return creator.old->createPlugin(layer.c_str(), &all); }));
  made(plugin.get(), name, fields, listed).setPluginNamespace(name.name_space.c_str());
  return context.network().addPluginV2(in.tensors.data(), count(in.tensors), *plugin);
}

Values import_plugin(Context& context, Node& node) {
  const PluginName name = name_of(node.op(), node.attributes);
  IPluginCreatorInterface* creator = find(context, name);
  node.require(creator != nullptr, ErrorCode::kUNSUPPORTED_NODE, text("plugin ", name.text(), " is not registered"));
  ILayer* layer = add_layer(context, node, name, CreatorFace(*creator));
  node.require(
      layer != nullptr, ErrorCode::kINVALID_NODE,
      text("the network refuses plugin ", name.text(), " for inputs ", node.input_types(), "; its log says why"));
  node.require(node.output_count() <= layer->getNbOutputs(), ErrorCode::kINVALID_NODE,
               text("plugin ", name.text(), " gives ", layer->getNbOutputs(), " outputs, not ", node.output_count()));
  Values outputs;
  for (int32_t i = 0; i < node.output_count(); ++i) {
    node.require(layer->getOutput(i)->getDimensions().nbDims >= 0, ErrorCode::kINVALID_NODE,
                 text("plugin ", name.text(), " does not take inputs ", node.input_types(),
                      "; the log of the network says why"));
    outputs.emplace_back(layer->getOutput(i));
  }
  return outputs;
}

}  // namespace

OpRow const& plugin_row() {
  static constexpr OpRow kRow = OpRow::from("", kOldestOpset, {0, kAny}, {1, kAny}, import_plugin);
  return kRow;
}

bool has_plugin(Context& context, Scope& scope, proto::NodeProto const& node) {
  return find(context, name_of(scope, node)) != nullptr;
}

bool asks_for_plugin(proto::NodeProto const& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](auto const& attribute) { return attribute.name() == kNamespace; });
}

std::string missing_plugin_text(Context& context, Scope& scope, proto::NodeProto const& node) {
  const PluginName name = name_of(scope, node);
  const std::string alike = similar_plugins(context, name.type);
  return text(
      "no plugin ", name.text(), " is registered", alike.empty() ? std::string() : text("; similar ones are ", alike),
      ". A plugin is looked up by the operator and the attributes plugin_version and plugin_namespace; load its "
      "library first (IPluginRegistry::loadLibrary, or initLibNvInferPlugins for the bundled ones)");
}

}  // namespace rondo::onnx
