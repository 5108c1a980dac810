// reason: one plugin is one object with three capabilities; its contract stands in one place.
/// Plugins of the third generation: IPluginV3 and its capabilities.
///
/// A class usually derives from IPluginV3, IPluginV3OneCore, IPluginV3OneBuild and IPluginV3OneRuntime and returns itself
/// for each capability. Methods must not throw.
#pragma once

#include "rondo/logger.h"
#include "rondo/memory.h"
#include "rondo/plugin/shapes.h"

namespace rondo {

/// Base of the capabilities; cast by the caller to the class that PluginCapabilityType names.
class IPluginCapability : public IVersionedInterface {};

/// Something that plugins of one process share by a name, see IPluginRegistry::acquirePluginResource.
class IPluginResource : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"IPluginResource", 1, 0}; }

  /// Frees what the resource holds; called on the registry's own clone when the last user has released it. Not 0: failed.
  virtual int32_t release() noexcept = 0;

  /// Makes the copy that the registry keeps: the one to allocate in.
  virtual IPluginResource* clone() noexcept = 0;

  ~IPluginResource() noexcept override = default;

 protected:
  IPluginResource() = default;
  IPluginResource(IPluginResource const&) = default;
  IPluginResource(IPluginResource&&) = default;
  IPluginResource& operator=(IPluginResource const&) & = default;
  IPluginResource& operator=(IPluginResource&&) & = default;
};

/// What an execution context offers to its plugins.
/// Memory    owned by the context; valid as long as the plugins attached to it
class IPluginResourceContext {
 public:
  /// Allocator of the context, or null for the library's own.
  virtual IGpuAllocator* getGpuAllocator() const noexcept = 0;

  /// Recorder of the context, or null.
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  virtual ~IPluginResourceContext() noexcept = default;

 protected:
  IPluginResourceContext() = default;
  IPluginResourceContext(IPluginResourceContext const&) = default;
  IPluginResourceContext(IPluginResourceContext&&) = default;
  IPluginResourceContext& operator=(IPluginResourceContext const&) & = default;
  IPluginResourceContext& operator=(IPluginResourceContext&&) & = default;
};

/// A layer that a program implements itself, in parts that are asked for when they are needed.
///
/// Life of a plugin: a creator makes it for TensorRTPhase::kBUILD; the network clones it; the clone is asked through its
/// build capability for shapes and types and configured; the fields of its runtime capability go into the plan. Loading the
/// plan has a creator of the same name, version and namespace make a plugin of these fields for kRUNTIME; each execution
/// context runs what attachToContext returns.
/// Memory    deleted by `delete`
/// Threads   one clone is used by one thread at a time
class IPluginV3 : public IVersionedInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN_V3", 1, 0}; }

  /// The part asked for, owned by the plugin; null where it has none.
  virtual IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept = 0;

  /// Makes an independent plugin in the same state.
  virtual IPluginV3* clone() noexcept = 0;
};

/// Who the plugin is.
class IPluginV3OneCore : public IPluginCapability {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN_V3ONE_CORE", 1, 0}; }

  /// A creator with the same three remakes the plugin.
  virtual AsciiChar const* getPluginName() const noexcept = 0;
  virtual AsciiChar const* getPluginVersion() const noexcept = 0;
  virtual AsciiChar const* getPluginNamespace() const noexcept = 0;
};

/// What the build asks. Methods that return a number return 0 for success; anything else refuses the layer.
class IPluginV3OneBuild : public IPluginCapability {
 public:
  /// Result of getFormatCombinationLimit by default.
  static constexpr int32_t kDEFAULT_FORMAT_COMBINATION_LIMIT = 100;

  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN_V3ONE_BUILD", 1, 0}; }

  /// Tells types and ranges of shapes.
  virtual int32_t configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs,
                                  DynamicPluginTensorDesc const* out, int32_t nbOutputs) noexcept = 0;

  /// Writes the types of the outputs for those of the inputs.
  virtual int32_t getOutputDataTypes(DataType* outputTypes, int32_t nbOutputs, DataType const* inputTypes,
                                     int32_t nbInputs) const noexcept = 0;

  /// Writes the shapes of the outputs. shapeInputs are the values of the shape inputs: element j of input i is
  /// shapeInputs[i].d[j].
  virtual int32_t getOutputShapes(DimsExprs const* inputs, int32_t nbInputs, DimsExprs const* shapeInputs,
                                  int32_t nbShapeInputs, DimsExprs* outputs, int32_t nbOutputs,
                                  IExprBuilder& exprBuilder) noexcept = 0;

  /// Tells whether tensor pos (inputs, then outputs) may be as described, given those before it.
  virtual bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                         int32_t nbOutputs) noexcept = 0;

  /// Number of outputs, at least 1.
  virtual int32_t getNbOutputs() const noexcept = 0;

  /// Bytes of temporary memory for the largest shapes.
  virtual size_t getWorkspaceSize(DynamicPluginTensorDesc const* /*inputs*/, int32_t /*nbInputs*/,
                                  DynamicPluginTensorDesc const* /*outputs*/, int32_t /*nbOutputs*/) const noexcept {
    return 0;
  }

  /// Ways to compute the layer, as positive numbers of the plugin's own. Rondo takes the first: timing would make the plan
  /// depend on the weather.
  virtual int32_t getValidTactics(int32_t* /*tactics*/, int32_t /*nbTactics*/) noexcept { return 0; }
  virtual int32_t getNbTactics() noexcept { return 0; }

  /// Key of measured times; not used here.
  virtual char const* getTimingCacheID() noexcept { return nullptr; }

  /// Most combinations of types that are tried.
  virtual int32_t getFormatCombinationLimit() noexcept { return kDEFAULT_FORMAT_COMBINATION_LIMIT; }

  /// Text that the inspector shows, or null.
  virtual char const* getMetadataString() noexcept { return nullptr; }
};

/// With outputs that share the memory of an input.
class IPluginV3OneBuildV2 : public IPluginV3OneBuild {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN_V3ONE_BUILD", 2, 0}; }

  /// Index of the input whose memory output outputIndex is, or -1. Rondo copies that input into the output before enqueue
  /// and gives the plugin the same address for both, so that writing in place works; the input's own tensor stays as it is.
  virtual int32_t getAliasedInput(int32_t /*outputIndex*/) noexcept { return -1; }
};

/// What a run asks. Methods that return a number return 0 for success; anything else fails the run with a message that names
/// the layer.
class IPluginV3OneRuntime : public IPluginCapability {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN_V3ONE_RUNTIME", 1, 0}; }

  /// Selects one of getValidTactics, or 0 where there are none.
  virtual int32_t setTactic(int32_t /*tactic*/) noexcept { return 0; }

  /// Tells shapes and types, before the first run and whenever shapes change. Outputs that declareSizeTensor sizes hold -1.
  virtual int32_t onShapeChange(PluginTensorDesc const* in, int32_t nbInputs, PluginTensorDesc const* out,
                                int32_t nbOutputs) noexcept = 0;

  /// Computes. Addresses are host memory on the CPU; work is done when the call returns.
  virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                          void const* const* inputs, void* const* outputs, void* workspace,
                          cudaStream_t stream) noexcept = 0;

  /// Makes the clone that one execution context runs; null refuses the context.
  virtual IPluginV3* attachToContext(IPluginResourceContext* context) noexcept = 0;

  /// Fields that a creator needs to make the plugin again. Memory: valid until the next call or the end of the plugin
  virtual PluginFieldCollection const* getFieldsToSerialize() noexcept = 0;
};

/// The names under which later versions of TensorRT nest these classes.
namespace v_1_0 {
using rondo::IPluginCapability;
using rondo::IPluginResource;
using rondo::IPluginV3;
using rondo::IPluginV3OneBuild;
using rondo::IPluginV3OneCore;
using rondo::IPluginV3OneRuntime;
}  // namespace v_1_0
namespace v_2_0 {
using IPluginV3OneBuild = rondo::IPluginV3OneBuildV2;
}  // namespace v_2_0

}  // namespace rondo
