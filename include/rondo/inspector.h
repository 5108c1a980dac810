/// Looking into a running engine: IProfiler receives times per layer, IEngineInspector describes layers as text.
#pragma once

#include "rondo/logger.h"

namespace rondo {

class IExecutionContext;

/// Receives the time of each layer of a run. Declared without noexcept: overriders with and without it compile.
/// Memory    referenced by the context; must outlive it or be detached
class IProfiler {
 public:
  IProfiler() = default;
  virtual ~IProfiler() = default;

  /// Takes the time of one layer, in milliseconds. Layers that were fused report under their joined names.
  /// Memory    layerName is valid during the call only
  virtual void reportLayerTime(char const* layerName, float ms) = 0;
};

/// Form of layer information.
enum class LayerInformationFormat : int32_t {
  kONELINE = 0,  ///< one line of plain text per layer
  kJSON = 1      ///< a JSON value
};

template <>
constexpr int32_t EnumMax<LayerInformationFormat>() noexcept {
  return 2;
}

/// Describes the layers of an engine as far as its ProfilingVerbosity allows.
/// Memory    owned by the user: `delete`, or destroy(); the engine must outlive it
class IEngineInspector : public INoCopy {
 public:
  ~IEngineInspector() noexcept override = default;

  /// Uses the shapes of a context in what follows, null for the ranges of the profiles; false for a foreign context.
  virtual bool setExecutionContext(IExecutionContext const* context) noexcept = 0;
  virtual IExecutionContext const* getExecutionContext() const noexcept = 0;

  /// Describes one layer; null out of range.
  /// Memory    valid until the next call of this inspector
  virtual char const* getLayerInformation(int32_t layerIndex, LayerInformationFormat format) const noexcept = 0;

  /// Describes all layers, the inputs and outputs and the size of the weights: in kJSON {"Layers": [..], "Bindings": [..], "Weights":
  /// {"Bytes": of the plan, "PackedInPlan": read there by kernels, "PackedAtLoad": packed beside it for this machine}}.
  /// Memory    valid until the next call of this inspector
  virtual char const* getEngineInformation(LayerInformationFormat format) const noexcept = 0;

  /// Attaches a recorder, null to detach.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

}  // namespace rondo
