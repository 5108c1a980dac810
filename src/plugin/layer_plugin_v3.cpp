#include <algorithm>

#include "plugin/fields.h"
#include "plugin/layer_plugin.h"

namespace rondo::plugin {
namespace {

using Descs = std::span<const DynamicPluginTensorDesc>;

int32_t count(size_t n) { return static_cast<int32_t>(n); }

class V3Plugin final : public LayerPlugin {
 public:
  explicit V3Plugin(IPluginV3& plugin) : identity_(identity_of(plugin)), who_("plugin " + identity_.text()) {
    plugin_ = clone_of(plugin, who_);
    capability<IPluginV3OneBuild>(*plugin_, PluginCapabilityType::kBUILD, who_);
    capability<IPluginV3OneRuntime>(*plugin_, PluginCapabilityType::kRUNTIME, who_);
    outputs_ = build().getNbOutputs();
  }

  Identity identity() const override { return identity_; }
  IPluginV3* v3() override { return plugin_.get(); }
  int32_t outputs() const override { return outputs_; }
  int32_t combination_limit() override { return build().getFormatCombinationLimit(); }

  std::vector<DataType> output_types(const std::vector<DataType>& inputs) const override {
    std::vector<DataType> types(static_cast<size_t>(std::max(outputs(), 0)), DataType::kFLOAT);
    require_zero(build().getOutputDataTypes(types.data(), count(types.size()), inputs.data(), count(inputs.size())),
                 who_, "getOutputDataTypes");
    return types;
  }

  std::vector<DimsExprs> output_shapes(std::vector<DimsExprs> inputs, std::vector<DimsExprs> shape_inputs,
                                       IExprBuilder& builder) override {
    std::vector<DimsExprs> shapes(static_cast<size_t>(std::max(outputs(), 0)), DimsExprs{});
    const int32_t result =
        build().getOutputShapes(inputs.data(), count(inputs.size()), shape_inputs.data(), count(shape_inputs.size()),
                                shapes.data(), count(shapes.size()), builder);
    require_zero(result, who_, "getOutputShapes");
    return shapes;
  }

  bool supports(int32_t pos, Descs all, int32_t inputs) override {
    return build().supportsFormatCombination(pos, all.data(), inputs, count(all.size()) - inputs);
  }

  int32_t aliased_input(int32_t output) override {
    IPluginV3OneBuild& build = this->build();
    const bool second = build.getInterfaceInfo().major >= 2;
    return second ? static_cast<IPluginV3OneBuildV2&>(build).getAliasedInput(output) : -1;
  }

  Record record(Descs in, Descs out) override {
    const std::unique_ptr<IPluginV3> plugin = clone_of(*plugin_, who_);
    auto& build = capability<IPluginV3OneBuild>(*plugin, PluginCapabilityType::kBUILD, who_);
    require_zero(build.configurePlugin(in.data(), count(in.size()), out.data(), count(out.size())), who_,
                 "configurePlugin");
    Record record;
    record.identity = identity_of(*plugin);
    record.generation = 3;
    record.workspace_bytes = build.getWorkspaceSize(in.data(), count(in.size()), out.data(), count(out.size()));
    record.tactic = first_tactic(build);
    auto& run = capability<IPluginV3OneRuntime>(*plugin, PluginCapabilityType::kRUNTIME, who_);
    const PluginFieldCollection* fields = run.getFieldsToSerialize();
    record.data = encode_fields(fields == nullptr ? PluginFieldCollection{0, nullptr} : *fields, who_);
    return record;
  }

 private:
  IPluginV3OneBuild& build() const {
    return capability<IPluginV3OneBuild>(*plugin_, PluginCapabilityType::kBUILD, who_);
  }

  int32_t first_tactic(IPluginV3OneBuild& build) const {
    constexpr int32_t kMost = 1 << 16;
    const int32_t tactics = build.getNbTactics();
    if (tactics > kMost)
      fail(Code::kInvalidArgument, who_, ": getNbTactics gives ", tactics, "; at most ", kMost, " are possible");
    if (tactics <= 0) return 0;
    std::vector<int32_t> list(static_cast<size_t>(tactics));
    require_zero(build.getValidTactics(list.data(), tactics), who_, "getValidTactics");
    if (list[0] <= 0) fail(Code::kInvalidArgument, who_, ": tactic ", list[0], "; tactics are positive numbers");
    return list[0];
  }

  Identity identity_;
  std::string who_;
  std::unique_ptr<IPluginV3> plugin_;
  int32_t outputs_ = 0;
};

}  // namespace

Identity identity_of(IPluginV3& plugin) {
  auto& core = capability<IPluginV3OneCore>(plugin, PluginCapabilityType::kCORE, "a plugin");
  const char *name = core.getPluginName(), *version = core.getPluginVersion();
  if (name == nullptr || version == nullptr) {
    fail(Code::kInvalidArgument,
         "a plugin has no name or no version; getPluginName and getPluginVersion must not be null");
  }
  return {name, version, name_of(core.getPluginNamespace())};
}

std::unique_ptr<IPluginV3> clone_of(IPluginV3& plugin, const std::string& who) {
  std::unique_ptr<IPluginV3> clone(plugin.clone());
  if (clone == nullptr) fail(Code::kInvalidArgument, who, " cannot be cloned: clone() returned null");
  return clone;
}

std::unique_ptr<LayerPlugin> LayerPlugin::of(IPluginV3& plugin) { return std::make_unique<V3Plugin>(plugin); }

}  // namespace rondo::plugin
