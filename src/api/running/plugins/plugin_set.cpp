#include "api/running/plugins/plugin_set.h"

#include <utility>

#include "api/running/dims_convert.h"
#include "api/running/plugins/plan_libraries.h"
#include "base/error.h"

namespace rondo::api {
namespace {

plugin::Record record_of(const plan::Plugin& p) {
  return {{p.type, p.version, p.name_space}, p.generation, p.tactic, p.workspace_bytes, {p.data.begin(), p.data.end()}};
}

std::vector<PluginTensorDesc> describe(std::span<const runtime::PluginTensor> tensors) {
  std::vector<PluginTensorDesc> descs;
  for (const runtime::PluginTensor& t : tensors) {
    const auto type = static_cast<DataType>(t.dtype);
    descs.push_back({to_dims(t.dims), type, TensorFormat::kLINEAR, type == DataType::kINT8 ? 1.0F : -1.0F});
  }
  return descs;
}

/// Joins the runtime's view of a plugin with the plugin room's.
class Instance final : public runtime::PluginInstance {
 public:
  Instance(std::unique_ptr<plugin::ContextPlugin> plugin, std::string name)
      : plugin_(std::move(plugin)), name_(std::move(name)) {}

  size_t configure(std::span<const runtime::PluginTensor> in, std::span<const runtime::PluginTensor> out) override {
    constexpr size_t kMostWorkspace = size_t{1} << 40;
    const size_t workspace = plugin_->configure(describe(in), describe(out));
    if (workspace > kMostWorkspace) {
      fail(Code::kFailedExecution, "plugin ", name_, ": getWorkspaceSize gives ", workspace, " bytes of workspace");
    }
    return workspace;
  }

  bool enqueue(const void* const* inputs, void* const* outputs, void* workspace, void* stream) noexcept override {
    try {
      const int32_t status = plugin_->enqueue(inputs, outputs, workspace, static_cast<cudaStream_t>(stream));
      if (status == 0) return true;
      failure_ =
          text("plugin ", name_, ": enqueue returned ", status, "; the run was stopped, its outputs are undefined");
    } catch (const std::exception& error) {
      failure_ = text("plugin ", name_, ": enqueue threw: ", error.what());
    } catch (...) {
      failure_ = text("plugin ", name_, ": enqueue threw");
    }
    return false;
  }

  std::string take_failure() override { return std::exchange(failure_, {}); }

 private:
  std::unique_ptr<plugin::ContextPlugin> plugin_;
  std::string name_;
  std::string failure_;
};

bool all_there(const plan::Program& program, IPluginRegistry& registry, std::string* missing) {
  for (const plan::Plugin& p : program.plugins) {
    const plugin::Record record = record_of(p);
    if (plugin::has_creator(record, registry)) continue;
    *missing = record.identity.text();
    return false;
  }
  return true;
}

void bring_libraries(const plan::Program& program, const PluginPolicy& policy) {
  std::string missing;
  for (const plan::Library& library : program.libraries) {
    if (all_there(program, *policy.registry, &missing)) return;
    if (!policy.host_code_allowed) {
      fail(Code::kFailedInitialization, "the plan needs plugin ", missing, " and brings library '", library.name,
           "', which is not loaded without permission; call IRuntime::setEngineHostCodeAllowed(true) if the plan is "
           "from "
           "a source you trust, or load the library yourself by IPluginRegistry::loadLibrary");
    }
    load_library(library, policy);
  }
}

}  // namespace

PluginSet::PluginSet(const plan::Program& program, const PluginPolicy& policy) : registry_(policy.registry) {
  if (program.plugins.empty()) return;
  RONDO_CHECK(registry_ != nullptr, "a plan with plugins is loaded without a registry");
  bring_libraries(program, policy);
  for (const plan::Plugin& p : program.plugins) {
    const plugin::Record record = record_of(p);
    plugins_.push_back(plugin::LoadedPlugin::load(record, *registry_, policy.factory));
    names_.push_back(record.identity.text());
  }
}

std::shared_ptr<runtime::PluginHost> attach(const std::shared_ptr<const PluginSet>& plugins, IGpuAllocator* allocator,
                                            IErrorRecorder* recorder) {
  if (plugins == nullptr || plugins->plugins_.empty()) return nullptr;
  auto host = std::make_shared<runtime::PluginHost>();
  host->owner = plugins;
  for (size_t i = 0; i < plugins->plugins_.size(); ++i) {
    auto& slot = host->slots.emplace_back();
    slot.instance = std::make_unique<Instance>(plugins->plugins_[i]->attach(allocator, recorder), plugins->names_[i]);
  }
  return host;
}

}  // namespace rondo::api
