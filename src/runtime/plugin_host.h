#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/dtype.h"

namespace rondo::runtime {

/// What a plugin is told of one of its tensors.
struct PluginTensor {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;  ///< -1 for extents that the plugin decides itself
};

/// One plugin layer of one context. Implemented by whoever knows the plugin interfaces (api/running); the runtime only calls it.
/// Threads   one at a time
class PluginInstance {
 public:
  virtual ~PluginInstance() = default;
  /// Tells the shapes of the runs that follow; returns the bytes of workspace these need. Errors: throws Error naming the plugin
  virtual size_t configure(std::span<const PluginTensor> inputs, std::span<const PluginTensor> outputs) = 0;
  /// Computes from row-major memory to row-major memory; false if it failed.
  virtual bool enqueue(const void* const* inputs, void* const* outputs, void* workspace, void* stream) noexcept = 0;
  /// How the last enqueue or configure failed, once; empty if it did not.
  virtual std::string take_failure() = 0;
};

/// The plugins of one context, by number in plan::Program::plugins.
struct PluginHost {
  struct Slot {
    std::unique_ptr<PluginInstance> instance;
    uint64_t bindings = 0;    ///< how many times a kernel was bound to it
    uint64_t configured = 0;  ///< number of the binding whose shapes it knows
  };
  std::shared_ptr<const void> owner;  ///< of what the instances are made from
  std::vector<Slot> slots;
  void* stream = nullptr;  ///< of the run in progress
};

}  // namespace rondo::runtime
