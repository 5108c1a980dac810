// reason: the second generation is four classes, each the continuation of the one before.
/// Plugins of the second generation: IPluginV2 and the classes derived from it.
///
/// A new plugin derives from IPluginV2DynamicExt, or from IPluginV3 (rondo/plugin/v3.h). The others know shapes without the
/// batch: dimension 0 of every tensor is the batch, which they are told as a number, and may be the only dynamic one.
///
/// Methods that a user overrides carry no `noexcept` here, so that overriders with and without it compile; they must not
/// throw all the same: an exception counts as a failure of the call.
#pragma once

#include "rondo/memory.h"
#include "rondo/plugin/shapes.h"

/// Handles of CUDA libraries, opaque; null on the CPU.
struct cudnnContext;
struct cublasContext;

namespace rondo {

/// A layer that a program implements itself.
///
/// Life of a plugin: a creator makes it; the network clones it; the clone is asked for shapes and types, configured, and
/// serialized into the plan. Loading the plan asks the creator to deserialize it and initializes it; each execution context
/// runs a clone of that.
/// Memory    destroy() ends it; clones may share what they do not change
/// Threads   one clone is used by one thread at a time
class IPluginV2 {
 public:
  /// Which class it is (PluginVersion, upper byte) and the library it was compiled with. Not to be overridden.
  virtual int32_t getTensorRTVersion() const { return kFACE_VERSION; }

  /// Name and version; a creator with the same pair deserializes it.
  virtual AsciiChar const* getPluginType() const = 0;
  virtual AsciiChar const* getPluginVersion() const = 0;

  /// Number of outputs, at least 1.
  virtual int32_t getNbOutputs() const = 0;

  /// Shape of output index for the shapes of the inputs, all without the batch.
  virtual Dims getOutputDimensions(int32_t index, Dims const* inputs, int32_t nbInputDims) = 0;

  /// Tells whether all tensors may be of this type and layout. Classes with supportsFormatCombination are not asked.
  virtual bool supportsFormat(DataType type, PluginFormat format) const = 0;

  /// Tells the shapes without the batch, the type of all tensors and the largest batch.
  virtual void configureWithFormat(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                                   DataType type, PluginFormat format, int32_t maxBatchSize) = 0;

  /// Takes what the plugin needs to run; not 0 refuses the engine. Called once per loaded plan.
  virtual int32_t initialize() = 0;

  /// Gives back what initialize took.
  virtual void terminate() = 0;

  /// Bytes of temporary memory for enqueue with a batch of up to maxBatchSize.
  virtual size_t getWorkspaceSize(int32_t maxBatchSize) const = 0;

  /// Computes. Addresses are host memory on the CPU; work is done when the call returns.
  /// Errors    not 0: the run fails with a message that names the layer
  virtual int32_t enqueue(int32_t batchSize, void const* const* inputs, void* const* outputs, void* workspace,
                          cudaStream_t stream) {
    return enqueue(batchSize, inputs, const_cast<void**>(outputs), workspace, stream);
  }

  /// The same as TensorRT 7 declares it; one of the two is implemented.
  virtual int32_t enqueue(int32_t /*batchSize*/, void const* const* /*inputs*/, void** /*outputs*/, void* /*workspace*/,
                          cudaStream_t /*stream*/) {
    return -1;
  }

  /// Bytes that serialize writes.
  virtual size_t getSerializationSize() const = 0;

  /// Writes what deserializePlugin of the creator needs to make the same plugin again.
  virtual void serialize(void* buffer) const = 0;

  /// Ends the plugin: usually `delete this`.
  virtual void destroy() = 0;

  /// Makes an independent plugin in the same state, configured as this one is.
  virtual IPluginV2* clone() const = 0;

  /// Namespace that the creator is registered under; "" by default.
  virtual void setPluginNamespace(AsciiChar const* pluginNamespace) = 0;
  virtual AsciiChar const* getPluginNamespace() const = 0;

  IPluginV2() = default;
  virtual ~IPluginV2() noexcept = default;

 protected:
  /// Copied by derived classes alone.
  IPluginV2(IPluginV2 const&) = default;
  IPluginV2(IPluginV2&&) = default;
  IPluginV2& operator=(IPluginV2 const&) & = default;
  IPluginV2& operator=(IPluginV2&&) & = default;
};

/// With types per output and hooks of contexts.
class IPluginV2Ext : public IPluginV2 {
 public:
  /// Type of output index for the types of the inputs.
  virtual DataType getOutputDataType(int32_t index, DataType const* inputTypes, int32_t nbInputs) const = 0;

  /// Implicit batches only, which do not exist here: never called. 7.x and 8.x declare them as pure.
  virtual bool isOutputBroadcastAcrossBatch(int32_t /*outputIndex*/, bool const* /*inputIsBroadcasted*/,
                                            int32_t /*nbInputs*/) const {
    return false;
  }
  virtual bool canBroadcastInputAcrossBatch(int32_t /*inputIndex*/) const { return false; }

  /// Tells shapes without the batch, types, layout and the largest batch; nothing is broadcast.
  virtual void configurePlugin(Dims const* inputDims, int32_t nbInputs, Dims const* outputDims, int32_t nbOutputs,
                               DataType const* inputTypes, DataType const* outputTypes, bool const* inputIsBroadcast,
                               bool const* outputIsBroadcast, PluginFormat floatFormat, int32_t maxBatchSize) = 0;

  /// Begin and end of an execution context; on the CPU all three are null but the allocator, where one is set.
  virtual void attachToContext(cudnnContext* /*cudnn*/, cublasContext* /*cublas*/, IGpuAllocator* /*allocator*/) {}
  virtual void detachFromContext() {}

  IPluginV2Ext* clone() const override = 0;

  IPluginV2Ext() = default;  ///< of a user class
  ~IPluginV2Ext() noexcept override = default;

 protected:
  IPluginV2Ext(IPluginV2Ext const&) = default;  // by clone
  IPluginV2Ext(IPluginV2Ext&&) = default;       // alike
  IPluginV2Ext& operator=(IPluginV2Ext const&) & = default;
  IPluginV2Ext& operator=(IPluginV2Ext&&) & = default;

  /// Says which class this is.
  int32_t getTensorRTVersion() const override {
    return (static_cast<int32_t>(PluginVersion::kV2_EXT) << 24) | kFACE_VERSION;
  }

  /// Replaced by configurePlugin.
  void configureWithFormat(Dims const* /*inputDims*/, int32_t /*nbInputs*/, Dims const* /*outputDims*/,
                           int32_t /*nbOutputs*/, DataType /*type*/, PluginFormat /*format*/,
                           int32_t /*maxBatchSize*/) override {}
};

/// With a type and layout per input and output.
class IPluginV2IOExt : public IPluginV2Ext {
 public:
  /// Tells all inputs and outputs; dims are without the batch.
  virtual void configurePlugin(PluginTensorDesc const* in, int32_t nbInput, PluginTensorDesc const* out,
                               int32_t nbOutput) = 0;

  /// Tells whether tensor pos (inputs, then outputs) may be as described, given those before it.
  virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                         int32_t nbOutputs) const = 0;

  IPluginV2IOExt() = default;  ///< of a user class
  ~IPluginV2IOExt() noexcept override = default;

 protected:
  IPluginV2IOExt(IPluginV2IOExt const&) = default;  // by clone
  IPluginV2IOExt(IPluginV2IOExt&&) = default;       // alike
  IPluginV2IOExt& operator=(IPluginV2IOExt const&) & = default;
  IPluginV2IOExt& operator=(IPluginV2IOExt&&) & = default;

  /// Says which class this is.
  int32_t getTensorRTVersion() const override {
    return (static_cast<int32_t>(PluginVersion::kV2_IOEXT) << 24) | kFACE_VERSION;
  }

 protected:
  // Replaced by the methods above.
  void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                       bool const*, PluginFormat, int32_t) final {}
  bool supportsFormat(DataType, PluginFormat) const final { return false; }
};

/// With shapes as expressions: any dimension may come at run time, and the batch is a dimension like others.
class IPluginV2DynamicExt : public IPluginV2Ext {
 public:
  IPluginV2DynamicExt* clone() const override = 0;

  /// Shape of output outputIndex, made with exprBuilder from those of the inputs.
  virtual DimsExprs getOutputDimensions(int32_t outputIndex, DimsExprs const* inputs, int32_t nbInputs,
                                        IExprBuilder& exprBuilder) = 0;

  /// Most combinations that are tried.
  static constexpr int32_t kFORMAT_COMBINATION_LIMIT = 100;

  /// Tells whether tensor pos (inputs, then outputs) may be as described, given those before it.
  virtual bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                         int32_t nbOutputs) = 0;

  /// Tells all inputs and outputs: by the build with ranges, and before a run with new shapes with those alone.
  virtual void configurePlugin(DynamicPluginTensorDesc const* in, int32_t nbInputs, DynamicPluginTensorDesc const* out,
                               int32_t nbOutputs) = 0;

  /// Bytes of temporary memory for these shapes.
  virtual size_t getWorkspaceSize(PluginTensorDesc const* inputs, int32_t nbInputs, PluginTensorDesc const* outputs,
                                  int32_t nbOutputs) const = 0;

  /// Computes, as IPluginV2::enqueue; the shapes are those of the run.
  virtual int32_t enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const* outputDesc,
                          void const* const* inputs, void* const* outputs, void* workspace, cudaStream_t stream) = 0;

  IPluginV2DynamicExt() = default;  ///< of a user class
  ~IPluginV2DynamicExt() noexcept override = default;

 protected:
  IPluginV2DynamicExt(IPluginV2DynamicExt const&) = default;  // by clone
  IPluginV2DynamicExt(IPluginV2DynamicExt&&) = default;       // alike
  IPluginV2DynamicExt& operator=(IPluginV2DynamicExt const&) & = default;
  IPluginV2DynamicExt& operator=(IPluginV2DynamicExt&&) & = default;

  /// Says which class this is.
  int32_t getTensorRTVersion() const override {
    return (static_cast<int32_t>(PluginVersion::kV2_DYNAMICEXT) << 24) | kFACE_VERSION;
  }

 protected:
  // Replaced by the methods above.
  void configurePlugin(Dims const*, int32_t, Dims const*, int32_t, DataType const*, DataType const*, bool const*,
                       bool const*, PluginFormat, int32_t) final {}
  Dims getOutputDimensions(int32_t, Dims const*, int32_t) final { return Dims{-1, {}}; }
  bool isOutputBroadcastAcrossBatch(int32_t, bool const*, int32_t) const final { return false; }
  bool canBroadcastInputAcrossBatch(int32_t) const final { return true; }
  bool supportsFormat(DataType, PluginFormat) const final { return false; }
  size_t getWorkspaceSize(int32_t) const final { return 0; }
  int32_t enqueue(int32_t, void const* const*, void* const*, void*, cudaStream_t) final { return 1; }
  int32_t enqueue(int32_t, void const* const*, void**, void*, cudaStream_t) final { return 1; }
};

}  // namespace rondo
