#pragma once

#include <memory>
#include <span>

#include "plugin/record.h"
#include "rondo/plugin/v1.h"

namespace rondo::plugin {

/// A plugin layer in one execution context.
/// Threads   one at a time
class ContextPlugin {
 public:
  virtual ~ContextPlugin() = default;
  /// Tells the shapes of the runs that follow; returns bytes of workspace.
  /// Errors    kFailedExecution naming the plugin
  virtual size_t configure(std::span<const PluginTensorDesc> in, std::span<const PluginTensorDesc> out) = 0;
  /// The status of enqueue. May throw what the plugin throws.
  virtual int32_t enqueue(void const* const* inputs, void* const* outputs, void* workspace, cudaStream_t stream) = 0;
};

/// A plugin layer of an engine: made again by its creator.
/// Threads   const; safe together as far as the plugin's clone or attachToContext is
class LoadedPlugin {
 public:
  virtual ~LoadedPlugin() = default;
  /// Errors    kFailedInitialization naming the plugin
  virtual std::unique_ptr<ContextPlugin> attach(IGpuAllocator* allocator, IErrorRecorder* recorder) const = 0;

  /// Finds the creator and makes the plugin; those of the first generation are made by the factory, which may be null.
  /// Errors    kFailedInitialization naming plugin, version, namespace and the way out
  static std::unique_ptr<LoadedPlugin> load(const Record& record, IPluginRegistry& registry, IPluginFactory* factory);
};

/// Whether a registry finds the creator of a record, or the record needs none.
bool has_creator(const Record& record, IPluginRegistry& registry);

}  // namespace rondo::plugin
