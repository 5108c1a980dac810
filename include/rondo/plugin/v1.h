/// Plugins of the first generation, those of TensorRT 5 to 7: IPlugin, IPluginExt and the factory that makes them again.
///
/// They live on so that old programs run; a new plugin derives from IPluginV2DynamicExt or IPluginV3. Dimension 0 of every tensor is the
/// batch, which they are told as a number; tensors are row-major, those of an IPlugin kFLOAT. They are never cloned: network, engine and
/// all contexts use the one object. Methods carry no `noexcept`, so that overriders with and without it compile; an exception counts
/// as a failure of the call.
#pragma once

#include "rondo/plugin/v2.h"

namespace rondo {

/// A layer that a program implements itself.
/// Memory    owned by the program; outlives the networks and engines that it is in
class IPlugin {
 public:
  /// Number of outputs, at least 1.
  virtual int getNbOutputs() const = 0;

  /// Shape of output index for the shapes of the inputs, all without the batch.
  virtual Dims getOutputDimensions(int index, Dims const* inputs, int nbInputDims) = 0;

  /// Tells the shapes without the batch, and the largest batch. Called by the build, not where a plan is loaded.
  virtual void configure(Dims const* inputDims, int nbInputs, Dims const* outputDims, int nbOutputs,
                         int maxBatchSize) = 0;

  /// Takes what the plugin needs to run; not 0 refuses the engine. Called once per engine.
  virtual int initialize() = 0;

  /// Gives back what initialize took.
  virtual void terminate() = 0;

  /// Bytes of temporary memory for enqueue with a batch of up to maxBatchSize.
  virtual size_t getWorkspaceSize(int maxBatchSize) const = 0;

  /// Computes. Addresses are host memory on the CPU; work is done when the call returns.
  /// Errors    not 0: the run fails with a message that names the layer
  virtual int enqueue(int batchSize, void const* const* inputs, void** outputs, void* workspace,
                      cudaStream_t stream) = 0;

  /// Bytes that serialize writes.
  virtual size_t getSerializationSize() = 0;

  /// Writes what IPluginFactory::createPlugin needs to make the plugin again.
  virtual void serialize(void* buffer) = 0;

  virtual ~IPlugin() = default;
};

/// With a choice of the element type.
class IPluginExt : public IPlugin {
 public:
  /// The library it was compiled with. Not to be overridden.
  virtual int getTensorRTVersion() const { return kFACE_VERSION; }

  /// Tells whether all tensors may be of this type and layout; the layout is always kNCHW.
  virtual bool supportsFormat(DataType type, PluginFormat format) const = 0;

  /// As configure, with the type of all tensors.
  virtual void configureWithFormat(Dims const* inputDims, int nbInputs, Dims const* outputDims, int nbOutputs,
                                   DataType type, PluginFormat format, int maxBatchSize) = 0;

 protected:
  // Replaced by configureWithFormat.
  void configure(Dims const* /*inputDims*/, int /*nbInputs*/, Dims const* /*outputDims*/, int /*nbOutputs*/,
                 int /*maxBatchSize*/) final {}
};

/// Makes the plugins of a plan again, see IRuntime::deserializeCudaEngine.
class IPluginFactory {
 public:
  /// Makes the plugin of a layer from what IPlugin::serialize wrote; null if the bytes do not fit: they come from a file.
  /// Memory    the result stays the program's, and outlives the engine
  virtual IPlugin* createPlugin(char const* layerName, void const* serialData, size_t serialLength) = 0;

  virtual ~IPluginFactory() = default;
};

}  // namespace rondo
