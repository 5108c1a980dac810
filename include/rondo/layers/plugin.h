/// Layers that plugins compute. The plugin decides shapes and types of the outputs.
#pragma once

#include "rondo/layer.h"
#include "rondo/plugin/creator.h"
#include "rondo/plugin/v1.h"

namespace rondo {

/// A layer of an IPluginV2 or of a class derived from it.
/// Requires  (C1) the plugin supports some combination of types that its inputs can be converted to   (C2) its output shapes
///           are valid   (C3) without IPluginV2DynamicExt: inputs have a batch dimension, the same in all, and no other
///           dimension comes at run time   (C4) configuring and serializing it succeed
class IPluginV2Layer : public ILayer {
 public:
  /// The layer's own clone of the plugin that was added.
  /// Memory    owned by the layer
  virtual IPluginV2& getPlugin() noexcept = 0;
};

/// A layer of an IPlugin.
/// Requires  as IPluginV2Layer of an IPluginV2
class IPluginLayer : public ILayer {
 public:
  /// The plugin that was added, not a clone.
  /// Memory    owned by the program
  virtual IPlugin& getPlugin() noexcept = 0;
};

/// A layer of an IPluginV3. Inputs are the tensors, then the shape inputs.
/// Requires  as IPluginV2Layer
class IPluginV3Layer : public ILayer {
 public:
  /// The layer's own clone of the plugin that was added.
  /// Memory    owned by the layer
  virtual IPluginV3& getPlugin() noexcept = 0;
};

}  // namespace rondo
