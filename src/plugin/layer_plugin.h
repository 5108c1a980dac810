#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugin/record.h"

namespace rondo::plugin {

/// What the build asks of a plugin, whatever its class. Owns a clone of the user's plugin.
///
/// Shapes given here always contain the batch; classes that know none are told the rest.
/// Errors    kInvalidArgument or kFailedExecution naming the plugin: an answer makes no sense, or a method fails or throws
/// Threads   one at a time
class LayerPlugin {
 public:
  virtual ~LayerPlugin() = default;

  virtual Identity identity() const = 0;
  virtual int32_t outputs() const = 0;
  virtual std::vector<DataType> output_types(const std::vector<DataType>& inputs) const = 0;
  virtual std::vector<DimsExprs> output_shapes(std::vector<DimsExprs> inputs, std::vector<DimsExprs> shape_inputs,
                                               IExprBuilder& builder) = 0;
  /// True if tensor `pos` of all (inputs, then outputs) may be as described, given those before it.
  virtual bool supports(int32_t pos, std::span<const DynamicPluginTensorDesc> all, int32_t inputs) = 0;
  virtual int32_t combination_limit() { return IPluginV2DynamicExt::kFORMAT_COMBINATION_LIMIT; }
  /// Input whose memory an output shares, or -1.
  virtual int32_t aliased_input(int32_t /*output*/) { return -1; }
  /// Configures a clone and writes it down.
  virtual Record record(std::span<const DynamicPluginTensorDesc> in, std::span<const DynamicPluginTensorDesc> out) = 0;

  /// Classes of the second generation, told apart by getTensorRTVersion. generation goes into the record: 1 for a FirstGeneration.
  static std::unique_ptr<LayerPlugin> of(IPluginV2& plugin, uint8_t generation = 2);
  static std::unique_ptr<LayerPlugin> of(IPluginV3& plugin);
  /// The clone.
  virtual IPluginV2* v2() { return nullptr; }
  virtual IPluginV3* v3() { return nullptr; }
};

/// Class of a plugin, without the mark of Python.
PluginVersion class_of(const IPluginV2& plugin);

struct DestroyV2 {
  void operator()(IPluginV2* plugin) const noexcept;
};
using PluginV2Ptr = std::unique_ptr<IPluginV2, DestroyV2>;

/// clone() that is not null.
PluginV2Ptr clone_of(const IPluginV2& plugin);
std::unique_ptr<IPluginV3> clone_of(IPluginV3& plugin, const std::string& who);

/// Name, version and namespace of a plugin. Errors: kInvalidArgument if a name is null
Identity identity_of(const IPluginV2& plugin);
Identity identity_of(IPluginV3& plugin);

/// A capability that is there.
template <class Capability>
Capability& capability(IPluginV3& plugin, PluginCapabilityType type, const std::string& who) {
  auto* found = ask(who, "getCapabilityInterface", [&] { return plugin.getCapabilityInterface(type); });
  if (found == nullptr) {
    constexpr const char* kNames[] = {"core", "build", "runtime"};
    fail(Code::kInvalidArgument, who, " has no ", kNames[static_cast<int32_t>(type)],
         " capability; return it from getCapabilityInterface");
  }
  return *static_cast<Capability*>(found);
}

/// Requires a method's result to be 0.
void require_zero(int32_t result, const std::string& who, const char* method);

}  // namespace rondo::plugin
