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

  /// Marks a tensor to be shown to an IDebugListener, and takes the mark back. The engine keeps a marked tensor, which costs it the
  /// fusions across that tensor and memory; the build refuses one inside of a loop or conditional.
  /// Errors    kINVALID_ARGUMENT, false, if the tensor is of another network, marked already, or not marked
  virtual bool markDebug(ITensor& tensor) noexcept = 0;
  virtual bool unmarkDebug(ITensor& tensor) noexcept = 0;
  virtual bool isDebugTensor(ITensor const& tensor) const noexcept = 0;

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
  /// Cross-correlation with a kernel, and its transpose. The forms with DimsHW are gone in 10.
  virtual IConvolutionLayer* addConvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                              Weights kernelWeights, Weights biasWeights) noexcept = 0;
  RONDO_DEPRECATED virtual IConvolutionLayer* addConvolution(ITensor& input, int32_t nbOutputMaps, DimsHW kernelSize,
                                                             Weights kernelWeights, Weights biasWeights) noexcept = 0;
  virtual IDeconvolutionLayer* addDeconvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                                  Weights kernelWeights, Weights biasWeights) noexcept = 0;
  RONDO_DEPRECATED virtual IDeconvolutionLayer* addDeconvolution(ITensor& input, int32_t nbOutputMaps,
                                                                 DimsHW kernelSize, Weights kernelWeights,
                                                                 Weights biasWeights) noexcept = 0;
  /// Folds windows.
  virtual IPoolingLayer* addPoolingNd(ITensor& input, PoolingType type, Dims const& windowSize) noexcept = 0;
  RONDO_DEPRECATED virtual IPoolingLayer* addPooling(ITensor& input, PoolingType type, DimsHW windowSize) noexcept = 0;
  /// Zeros around the last two dimensions, or a crop of them.
  virtual IPaddingLayer* addPaddingNd(ITensor& input, Dims const& prePadding, Dims const& postPadding) noexcept = 0;
  RONDO_DEPRECATED virtual IPaddingLayer* addPadding(ITensor& input, DimsHW prePadding,
                                                     DimsHW postPadding) noexcept = 0;
  /// X / (k + alpha / window * sum of squares of the window's channels)^beta.
  virtual ILRNLayer* addLRN(ITensor& input, int64_t window, float alpha, float beta, float k) noexcept = 0;
  /// Writes by index.
  virtual IScatterLayer* addScatter(ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) noexcept = 0;
  /// Rows that are on at one index; values are off and on, depth a 0-D shape tensor.
  virtual IOneHotLayer* addOneHot(ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) noexcept = 0;
  /// Leaves out, and puts in, dimensions of extent 1; axes are constants.
  virtual ISqueezeLayer* addSqueeze(ITensor& input, ITensor& axes) noexcept = 0;
  virtual IUnsqueezeLayer* addUnsqueeze(ITensor& input, ITensor& axes) noexcept = 0;
  /// Turns the first entries of each sequence around.
  virtual IReverseSequenceLayer* addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept = 0;
  /// Running totals; the axis is a constant.
  virtual ICumulativeLayer* addCumulative(ITensor& input, ITensor& axis, CumulativeOperation operation, bool exclusive,
                                          bool reverse) noexcept = 0;
  /// Evenly spaced or random values; without a type that of input 1, alpha, where it is set, else kFLOAT.
  RONDO_DEPRECATED virtual IFillLayer* addFill(Dims const& dimensions, FillOperation op) noexcept = 0;
  virtual IFillLayer* addFill(Dims const& dimensions, FillOperation op, DataType outputType) noexcept = 0;

  /// Changes extents by interpolation.
  virtual IResizeLayer* addResize(ITensor& input) noexcept = 0;
  /// Reads x at the coordinates of a grid.
  virtual IGridSampleLayer* addGridSample(ITensor& input, ITensor& grid) noexcept = 0;
  /// Selects boxes that do not overlap better ones.
  virtual INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass) noexcept = 0;
  virtual INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass,
                            DataType indicesType) noexcept = 0;
  /// The indices of the elements that are not zero.
  virtual INonZeroLayer* addNonZero(ITensor& input) noexcept = 0;
  virtual INonZeroLayer* addNonZero(ITensor& input, DataType indicesType) noexcept = 0;
  /// Softmax over the first elements of each row.
  virtual IRaggedSoftMaxLayer* addRaggedSoftMax(ITensor& input, ITensor& bounds) noexcept = 0;
  /// Y = x < 0 ? slope x : x.
  virtual IParametricReLULayer* addParametricReLU(ITensor& input, ITensor& slope) noexcept = 0;

  /// (x - mean) / deviation * scale + bias over a set of dimensions. V2 has scale and bias per channel where there are groups.
  virtual INormalizationLayer* addNormalization(ITensor& input, ITensor& scale, ITensor& bias,
                                                uint32_t axesMask) noexcept = 0;
  virtual INormalizationLayer* addNormalizationV2(ITensor& input, ITensor& scale, ITensor& bias,
                                                  uint32_t axesMask) noexcept = 0;
  /// Sum of products by an equation.
  virtual IEinsumLayer* addEinsum(ITensor* const* inputs, int32_t nbInputs, char const* equation) noexcept = 0;
  /// Real to int8 and back.
  RONDO_DEPRECATED virtual IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale) noexcept = 0;
  virtual IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale, DataType outputType) noexcept = 0;
  RONDO_DEPRECATED virtual IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale) noexcept = 0;
  virtual IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale, DataType outputType) noexcept = 0;
  /// Not part of this version.
  /// Errors    kINVALID_ARGUMENT, null, always
  virtual IDynamicQuantizeLayer* addDynamicQuantize(ITensor& input, int32_t axis, int32_t blockSize,
                                                    DataType outputType, DataType scaleType) noexcept = 0;
  virtual IDynamicQuantizeLayer* addDynamicQuantizeV2(ITensor& input, Dims const& blockShape, DataType outputType,
                                                      DataType scaleType) noexcept = 0;
  /// A condition that must hold.
  virtual IAssertionLayer* addAssertion(ITensor& condition, char const* message) noexcept = 0;
  /// Attention of queries to keys; two layers, see IAttention. causal is kUPPER_LEFT.
  virtual IAttention* addAttention(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                                   bool causal) noexcept = 0;
  virtual IAttention* addAttentionV2(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                                     CausalMaskKind causalKind) noexcept = 0;
  /// Rotates pairs of elements by position.
  virtual IRotaryEmbeddingLayer* addRotaryEmbedding(ITensor& input, ITensor& cosCache, ITensor& sinCache,
                                                    bool interleaved, int32_t rotaryEmbeddingDim) noexcept = 0;
  /// Writes into a key or value cache.
  virtual IKVCacheUpdateLayer* addKVCacheUpdate(ITensor& cache, ITensor& update, ITensor& writeIndices,
                                                KVCacheMode cacheMode) noexcept = 0;
  /// Not part of this version.
  /// Errors    kINVALID_ARGUMENT, null, always
  virtual IMoELayer* addMoE(ITensor& hiddenStates, ITensor& selectedExpertsForTokens,
                            ITensor& scoresForSelectedExperts) noexcept = 0;
  virtual IDistCollectiveLayer* addDistCollective(ITensor& input, CollectiveOperation distCollectiveOp,
                                                  ReduceOperation reduceOp, int64_t root, int64_t* groups,
                                                  int64_t groupSize) noexcept = 0;

  /// Adds a layer that a plugin computes; the network keeps a clone of it. In IPluginV3 the values of shapeInputs decide shapes:
  /// integer tensors of at most 8 elements each.
  /// Errors    kINVALID_ARGUMENT, null, if a tensor is null or of another network, or the plugin cannot be cloned, names itself by
  ///           null, or has no outputs
  RONDO_DEPRECATED virtual IPluginV2Layer* addPluginV2(ITensor* const* inputs, int32_t nbInputs,
                                                       IPluginV2& plugin) noexcept = 0;
  virtual IPluginV3Layer* addPluginV3(ITensor* const* inputs, int32_t nbInputs, ITensor* const* shapeInputs,
                                      int32_t nbShapeInputs, IPluginV3& plugin) noexcept = 0;

  /// Adds a layer of a plugin of TensorRT 5 to 7. The network refers to the plugin, which must outlive it and every engine built from it.
  /// IPluginFactory tells such layers apart by their names, so give each its own.
  /// Errors    as addPluginV2
  RONDO_DEPRECATED virtual IPluginLayer* addPlugin(ITensor* const* inputs, int32_t nbInputs,
                                                   IPlugin& plugin) noexcept = 0;
  RONDO_DEPRECATED virtual IPluginLayer* addPluginExt(ITensor* const* inputs, int32_t nbInputs,
                                                      IPluginExt& plugin) noexcept = 0;

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
