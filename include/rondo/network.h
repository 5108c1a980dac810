// reason: the whole vocabulary of a network is one class.
/// INetworkDefinition: the graph of layers that a program describes.
#pragma once

#include "rondo/conditional.h"
#include "rondo/layers.h"
#include "rondo/logger.h"
#include "rondo/loop.h"
#include "rondo/rnn.h"

namespace rondo {

class IBuilder;

/// Mask of NetworkDefinitionCreationFlag bits.
using NetworkDefinitionCreationFlags = uint32_t;

/// Property of a network, as a bit position. Every network of Rondo has an explicit batch.
enum class NetworkDefinitionCreationFlag : int32_t {
  kEXPLICIT_BATCH = 0,
  kEXPLICIT_PRECISION RONDO_DEPRECATED = 1,  ///< accepted, no effect
  kSTRONGLY_TYPED = 2,                       ///< types follow from inputs and casts; no promotion
  kPREFER_JIT_PYTHON_PLUGINS = 3,            ///< accepted, no effect
  kPREFER_AOT_PYTHON_PLUGINS = 4             ///< accepted, no effect
};

template <>
constexpr int32_t EnumMax<NetworkDefinitionCreationFlag>() noexcept {
  return 5;
}

/// A network under construction.
///
/// A call checks its own arguments; what depends on other layers, which may still change, is checked by the build. A refused
/// call returns null or false, logs a message that names the layer, the shapes, the rule and the way out, and leaves the
/// network as it was.
/// Memory    owns its tensors, layers and loops; owned by the user: `delete`, or destroy()
/// Threads   one thread at a time
class INetworkDefinition : public INoCopy {
 public:
  ~INetworkDefinition() noexcept override = default;

  /// Adds an input; -1 in dimensions needs a profile.
  /// Errors    kINVALID_ARGUMENT, null, if the name is null, empty, taken or of 4096 characters or more, or dimensions is no shape
  virtual ITensor* addInput(char const* name, DataType type, Dims const& dimensions) noexcept = 0;

  /// Makes a tensor an output; outputs keep the order of marking. The build refuses a tensor inside a loop or conditional.
  /// Errors    kINVALID_ARGUMENT if it is a network input or marked already
  virtual void markOutput(ITensor& tensor) noexcept = 0;

  /// Takes back markOutput.
  virtual void unmarkOutput(ITensor& tensor) noexcept = 0;

  /// Makes an int32 or int64 tensor an output that is delivered as a shape tensor, in host memory.
  virtual bool markOutputForShapes(ITensor& tensor) noexcept = 0;

  /// Takes back markOutputForShapes.
  virtual bool unmarkOutputForShapes(ITensor& tensor) noexcept = 0;

  /// Takes out a tensor that no layer uses.
  virtual void removeTensor(ITensor& tensor) noexcept = 0;

  // Each of the following adds the layer of its return type; shapes and rules stand with that class.

  /// Y = f(x) by an activation formula.
  virtual IActivationLayer* addActivation(ITensor& input, ActivationType type) noexcept = 0;
  /// Y = a op b.
  virtual IElementWiseLayer* addElementWise(ITensor& input1, ITensor& input2, ElementWiseOperation op) noexcept = 0;
  /// Y = f(x).
  virtual IUnaryLayer* addUnary(ITensor& input, UnaryOperation operation) noexcept = 0;
  /// Y = condition ? then : else.
  virtual ISelectLayer* addSelect(ITensor& condition, ITensor& thenInput, ITensor& elseInput) noexcept = 0;
  /// Y = x.
  virtual IIdentityLayer* addIdentity(ITensor& input) noexcept = 0;
  /// Y = x in another type.
  virtual ICastLayer* addCast(ITensor& input, DataType toType) noexcept = 0;
  /// Y = (x * scale + shift) ^ power.
  virtual IScaleLayer* addScale(ITensor& input, ScaleMode mode, Weights shift, Weights scale,
                                Weights power) noexcept = 0;
  virtual IScaleLayer* addScaleNd(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
                                  int32_t channelAxis) noexcept = 0;
  /// Y = a b.
  virtual IMatrixMultiplyLayer* addMatrixMultiply(ITensor& input0, MatrixOperation op0, ITensor& input1,
                                                  MatrixOperation op1) noexcept = 0;
  /// Y = x W^T + b over the last three dimensions (gone in 10).
  RONDO_DEPRECATED virtual IFullyConnectedLayer* addFullyConnected(ITensor& input, int32_t nbOutputs,
                                                                   Weights kernelWeights,
                                                                   Weights biasWeights) noexcept = 0;
  /// Folds dimensions.
  virtual IReduceLayer* addReduce(ITensor& input, ReduceOperation operation, uint32_t reduceAxes,
                                  bool keepDimensions) noexcept = 0;
  /// Exp(x - max) / sum along one dimension.
  virtual ISoftMaxLayer* addSoftMax(ITensor& input) noexcept = 0;
  /// The k extreme elements of one dimension.
  virtual ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes) noexcept = 0;
  virtual ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes,
                              DataType indicesType) noexcept = 0;
  /// Constant data.
  virtual IConstantLayer* addConstant(Dims const& dimensions, Weights weights) noexcept = 0;
  /// Transpose, reshape, transpose.
  virtual IShuffleLayer* addShuffle(ITensor& input) noexcept = 0;
  /// Every stride-th element from start on.
  virtual ISliceLayer* addSlice(ITensor& input, Dims const& start, Dims const& size, Dims const& stride) noexcept = 0;
  /// The extents of x.
  virtual IShapeLayer* addShape(ITensor& input) noexcept = 0;
  /// Joins along one dimension.
  virtual IConcatenationLayer* addConcatenation(ITensor* const* inputs, int32_t nbInputs) noexcept = 0;
  /// Picks by index.
  virtual IGatherLayer* addGather(ITensor& data, ITensor& indices, int32_t axis) noexcept = 0;
  virtual IGatherLayer* addGatherV2(ITensor& data, ITensor& indices, GatherMode mode) noexcept = 0;

  /// Adds stacked recurrent layers; accepted with an explicit batch, where dimensions before the last two count as batch.
  RONDO_DEPRECATED virtual IRNNv2Layer* addRNNv2(ITensor& input, int32_t layerCount, int32_t hiddenSize,
                                                 int32_t maxSeqLen, RNNOperation op) noexcept = 0;

  /// Adds an empty loop, and an empty conditional.
  virtual ILoop* addLoop() noexcept = 0;
  virtual IIfConditional* addIfConditional() noexcept = 0;

  /// Counts and lists layers, inputs and outputs in order of addition; null out of range.
  virtual int32_t getNbLayers() const noexcept = 0;
  virtual ILayer* getLayer(int32_t index) const noexcept = 0;
  virtual int32_t getNbInputs() const noexcept = 0;
  virtual ITensor* getInput(int32_t index) const noexcept = 0;
  virtual int32_t getNbOutputs() const noexcept = 0;
  virtual ITensor* getOutput(int32_t index) const noexcept = 0;

  /// Names the network; the engine takes the name over.
  virtual void setName(char const* name) noexcept = 0;
  virtual char const* getName() const noexcept = 0;

  /// Returns the flags of createNetworkV2.
  virtual NetworkDefinitionCreationFlags getFlags() const noexcept = 0;
  virtual bool getFlag(NetworkDefinitionCreationFlag flag) const noexcept = 0;

  /// False: every network has an explicit batch.
  RONDO_DEPRECATED virtual bool hasImplicitBatchDimension() const noexcept = 0;

  /// Tells whether kEXPLICIT_PRECISION was given.
  RONDO_DEPRECATED virtual bool hasExplicitPrecision() const noexcept = 0;

  /// Names weights, found by their address; false if no layer uses them.
  virtual bool setWeightsName(Weights weights, char const* name) noexcept = 0;

  /// Attaches a recorder, null to detach.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Returns the builder that made the network.
  virtual IBuilder& getBuilder() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

}  // namespace rondo
