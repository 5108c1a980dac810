#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plan/program.h"
#include "plugin/loaded_plugin.h"
#include "plugin/registry.h"
#include "runtime/plugin_host.h"

namespace rondo::api {

/// Where the plugins of a plan come from, and what the application allows.
struct PluginPolicy {
  std::shared_ptr<plugin::Registry> registry;  ///< libraries loaded into it stay loaded as long as an engine uses it
  bool host_code_allowed = false;              ///< libraries inside the plan may be loaded
  uint32_t tempfiles = 3;                      ///< TempfileControlFlags
  std::string temporary_directory;             ///< empty: TMPDIR or /tmp
  IPluginFactory* factory = nullptr;           ///< makes plugins of the first generation; null where there is none
};

/// The plugins of one engine, made by their creators when the plan is loaded.
/// Threads   const; safe together
class PluginSet {
 public:
  /// Libraries that the plan brings are looked at only if a creator is missing, and loaded only with permission.
  /// Errors    kFailedInitialization naming the plugin, and the library that would bring it
  PluginSet(const plan::Program& program, const PluginPolicy& policy);

  /// Those of one context; null if there are none. Errors: kFailedInitialization naming the plugin
  friend std::shared_ptr<runtime::PluginHost> attach(const std::shared_ptr<const PluginSet>& plugins,
                                                     IGpuAllocator* allocator, IErrorRecorder* recorder);

 private:
  std::shared_ptr<plugin::Registry> registry_;
  std::vector<std::unique_ptr<plugin::LoadedPlugin>> plugins_;
  std::vector<std::string> names_;
};

}  // namespace rondo::api
