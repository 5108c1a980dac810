// reason: the whole vocabulary of a network is one class.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/network/inference.h"
#include "api/network/layer.h"
#include "rondo/network.h"

namespace rondo::api {

class AttentionNode;
class ConditionalNode;
class LoopNode;

/// INetworkDefinition: the layers exactly as they were added.
class Network final : public INetworkDefinition {
 public:
  Network(IBuilder& builder, ILogger* logger, IErrorRecorder* recorder, NetworkDefinitionCreationFlags flags);
  ~Network() noexcept override;

  ITensor* addInput(char const* name, DataType type, Dims const& dimensions) noexcept override;
  void markOutput(ITensor& tensor) noexcept override;
  void unmarkOutput(ITensor& tensor) noexcept override;
  bool markOutputForShapes(ITensor& tensor) noexcept override;
  bool unmarkOutputForShapes(ITensor& tensor) noexcept override;
  bool markDebug(ITensor& tensor) noexcept override;
  bool unmarkDebug(ITensor& tensor) noexcept override;
  bool isDebugTensor(ITensor const& tensor) const noexcept override;
  void removeTensor(ITensor& tensor) noexcept override;

  IActivationLayer* addActivation(ITensor& input, ActivationType type) noexcept override;
  IElementWiseLayer* addElementWise(ITensor& input1, ITensor& input2, ElementWiseOperation op) noexcept override;
  IUnaryLayer* addUnary(ITensor& input, UnaryOperation operation) noexcept override;
  ISelectLayer* addSelect(ITensor& condition, ITensor& thenInput, ITensor& elseInput) noexcept override;
  IIdentityLayer* addIdentity(ITensor& input) noexcept override;
  ICastLayer* addCast(ITensor& input, DataType toType) noexcept override;
  IScaleLayer* addScale(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power) noexcept override;
  IScaleLayer* addScaleNd(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
                          int32_t channelAxis) noexcept override;
  IMatrixMultiplyLayer* addMatrixMultiply(ITensor& input0, MatrixOperation op0, ITensor& input1,
                                          MatrixOperation op1) noexcept override;
  IFullyConnectedLayer* addFullyConnected(ITensor& input, int32_t nbOutputs, Weights kernelWeights,
                                          Weights biasWeights) noexcept override;
  IReduceLayer* addReduce(ITensor& input, ReduceOperation operation, uint32_t reduceAxes,
                          bool keepDimensions) noexcept override;
  ISoftMaxLayer* addSoftMax(ITensor& input) noexcept override;
  ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes) noexcept override;
  ITopKLayer* addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes,
                      DataType indicesType) noexcept override;
  IConstantLayer* addConstant(Dims const& dimensions, Weights weights) noexcept override;
  IShuffleLayer* addShuffle(ITensor& input) noexcept override;
  ISliceLayer* addSlice(ITensor& input, Dims const& start, Dims const& size, Dims const& stride) noexcept override;
  IShapeLayer* addShape(ITensor& input) noexcept override;
  IConcatenationLayer* addConcatenation(ITensor* const* inputs, int32_t nbInputs) noexcept override;
  IGatherLayer* addGather(ITensor& data, ITensor& indices, int32_t axis) noexcept override;
  IGatherLayer* addGatherV2(ITensor& data, ITensor& indices, GatherMode mode) noexcept override;
  IConvolutionLayer* addConvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                      Weights kernelWeights, Weights biasWeights) noexcept override;
  IConvolutionLayer* addConvolution(ITensor& input, int32_t nbOutputMaps, DimsHW kernelSize, Weights kernelWeights,
                                    Weights biasWeights) noexcept override;
  IDeconvolutionLayer* addDeconvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                          Weights kernelWeights, Weights biasWeights) noexcept override;
  IDeconvolutionLayer* addDeconvolution(ITensor& input, int32_t nbOutputMaps, DimsHW kernelSize, Weights kernelWeights,
                                        Weights biasWeights) noexcept override;
  IPoolingLayer* addPoolingNd(ITensor& input, PoolingType type, Dims const& windowSize) noexcept override;
  IPoolingLayer* addPooling(ITensor& input, PoolingType type, DimsHW windowSize) noexcept override;
  IPaddingLayer* addPaddingNd(ITensor& input, Dims const& prePadding, Dims const& postPadding) noexcept override;
  IPaddingLayer* addPadding(ITensor& input, DimsHW prePadding, DimsHW postPadding) noexcept override;
  ILRNLayer* addLRN(ITensor& input, int64_t window, float alpha, float beta, float k) noexcept override;
  IScatterLayer* addScatter(ITensor& data, ITensor& indices, ITensor& updates, ScatterMode mode) noexcept override;
  IOneHotLayer* addOneHot(ITensor& indices, ITensor& values, ITensor& depth, int32_t axis) noexcept override;
  ISqueezeLayer* addSqueeze(ITensor& input, ITensor& axes) noexcept override;
  IUnsqueezeLayer* addUnsqueeze(ITensor& input, ITensor& axes) noexcept override;
  IReverseSequenceLayer* addReverseSequence(ITensor& input, ITensor& sequenceLens) noexcept override;
  ICumulativeLayer* addCumulative(ITensor& input, ITensor& axis, CumulativeOperation operation, bool exclusive,
                                  bool reverse) noexcept override;
  IFillLayer* addFill(Dims const& dimensions, FillOperation op) noexcept override;
  IFillLayer* addFill(Dims const& dimensions, FillOperation op, DataType outputType) noexcept override;
  IResizeLayer* addResize(ITensor& input) noexcept override;
  IGridSampleLayer* addGridSample(ITensor& input, ITensor& grid) noexcept override;
  INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass) noexcept override;
  INMSLayer* addNMS(ITensor& boxes, ITensor& scores, ITensor& maxOutputBoxesPerClass,
                    DataType indicesType) noexcept override;
  INonZeroLayer* addNonZero(ITensor& input) noexcept override;
  INonZeroLayer* addNonZero(ITensor& input, DataType indicesType) noexcept override;
  IRaggedSoftMaxLayer* addRaggedSoftMax(ITensor& input, ITensor& bounds) noexcept override;
  IParametricReLULayer* addParametricReLU(ITensor& input, ITensor& slope) noexcept override;
  IPluginV2Layer* addPluginV2(ITensor* const* inputs, int32_t nbInputs, IPluginV2& plugin) noexcept override;
  IPluginLayer* addPlugin(ITensor* const* inputs, int32_t nbInputs, IPlugin& plugin) noexcept override;
  IPluginLayer* addPluginExt(ITensor* const* inputs, int32_t nbInputs, IPluginExt& plugin) noexcept override;
  IPluginV3Layer* addPluginV3(ITensor* const* inputs, int32_t nbInputs, ITensor* const* shapeInputs,
                              int32_t nbShapeInputs, IPluginV3& plugin) noexcept override;
  IRNNv2Layer* addRNNv2(ITensor& input, int32_t layerCount, int32_t hiddenSize, int32_t maxSeqLen,
                        RNNOperation op) noexcept override;
  INormalizationLayer* addNormalization(ITensor& input, ITensor& scale, ITensor& bias,
                                        uint32_t axesMask) noexcept override;
  INormalizationLayer* addNormalizationV2(ITensor& input, ITensor& scale, ITensor& bias,
                                          uint32_t axesMask) noexcept override;
  IEinsumLayer* addEinsum(ITensor* const* inputs, int32_t nbInputs, char const* equation) noexcept override;
  IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale) noexcept override;
  IQuantizeLayer* addQuantize(ITensor& input, ITensor& scale, DataType outputType) noexcept override;
  IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale) noexcept override;
  IDequantizeLayer* addDequantize(ITensor& input, ITensor& scale, DataType outputType) noexcept override;
  IDynamicQuantizeLayer* addDynamicQuantize(ITensor& input, int32_t axis, int32_t blockSize, DataType outputType,
                                            DataType scaleType) noexcept override;
  IDynamicQuantizeLayer* addDynamicQuantizeV2(ITensor& input, Dims const& blockShape, DataType outputType,
                                              DataType scaleType) noexcept override;
  IAssertionLayer* addAssertion(ITensor& condition, char const* message) noexcept override;
  IAttention* addAttention(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                           bool causal) noexcept override;
  IAttention* addAttentionV2(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                             CausalMaskKind causalKind) noexcept override;
  IRotaryEmbeddingLayer* addRotaryEmbedding(ITensor& input, ITensor& cosCache, ITensor& sinCache, bool interleaved,
                                            int32_t rotaryEmbeddingDim) noexcept override;
  IKVCacheUpdateLayer* addKVCacheUpdate(ITensor& cache, ITensor& update, ITensor& writeIndices,
                                        KVCacheMode cacheMode) noexcept override;
  IMoELayer* addMoE(ITensor& hiddenStates, ITensor& selectedExpertsForTokens,
                    ITensor& scoresForSelectedExperts) noexcept override;
  IDistCollectiveLayer* addDistCollective(ITensor& input, CollectiveOperation distCollectiveOp,
                                          ReduceOperation reduceOp, int64_t root, int64_t* groups,
                                          int64_t groupSize) noexcept override;
  ILoop* addLoop() noexcept override;
  IIfConditional* addIfConditional() noexcept override;

  int32_t getNbLayers() const noexcept override { return static_cast<int32_t>(layers_.size()); }
  ILayer* getLayer(int32_t index) const noexcept override;
  int32_t getNbInputs() const noexcept override { return static_cast<int32_t>(inputs_.size()); }
  ITensor* getInput(int32_t index) const noexcept override;
  int32_t getNbOutputs() const noexcept override { return static_cast<int32_t>(outputs_.size()); }
  ITensor* getOutput(int32_t index) const noexcept override;
  void setName(char const* name) noexcept override;
  char const* getName() const noexcept override { return name_.c_str(); }
  NetworkDefinitionCreationFlags getFlags() const noexcept override { return flags_; }
  bool getFlag(NetworkDefinitionCreationFlag flag) const noexcept override;
  bool hasImplicitBatchDimension() const noexcept override { return false; }
  bool hasExplicitPrecision() const noexcept override;
  bool setWeightsName(Weights weights, char const* name) noexcept override;
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }
  IBuilder& getBuilder() const noexcept override { return builder_; }

  const ErrorSink& sink() const { return sink_; }
  const std::vector<std::unique_ptr<LayerNode>>& layers() const { return layers_; }
  const std::vector<std::unique_ptr<Tensor>>& inputs() const { return inputs_; }
  /// Outputs in the order of marking; shape outputs are those of shape_outputs().
  const std::vector<Tensor*>& outputs() const { return outputs_; }
  const std::set<const Tensor*>& shape_outputs() const { return shape_outputs_; }
  /// Tensors marked for debugging, in the order of marking.
  const std::vector<const Tensor*>& debug_tensors() const { return debug_; }
  const std::vector<std::unique_ptr<LoopNode>>& loops() const { return loops_; }
  const std::vector<std::unique_ptr<ConditionalNode>>& conditionals() const { return conditionals_; }
  /// Types follow from inputs and casts; operands of mixed types are not promoted.
  bool strongly_typed() const { return getFlag(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED); }
  Inference& inference() const { return inference_; }
  /// Position of a layer in order of addition, for its default name.
  size_t index_of(const LayerNode& layer) const;

  /// The implementation behind a tensor of the user; Error if it belongs to another network.
  Tensor& own(ITensor& tensor, const char* where) const;
  /// addPluginV2 and those that come down to it.
  template <class Layer>
  Layer* add_plugin(const char* where, ITensor* const* inputs, int32_t count, IPluginV2& plugin);
  /// Makes a layer of type L at the end of the list. L's constructor checks its arguments and may throw.
  template <class L, class... Args>
  L* add_layer(Args&&... args) {
    auto layer = std::make_unique<L>(*this, std::forward<Args>(args)...);
    L* result = layer.get();
    positions_[static_cast<LayerNode*>(result)] = layers_.size();
    layers_.push_back(std::move(layer));
    return result;
  }

 private:
  void mark(Tensor& tensor, bool for_shapes);
  void unmark(Tensor& tensor);

  IBuilder& builder_;
  ErrorSink sink_;
  NetworkDefinitionCreationFlags flags_;
  std::string name_ = "Unnamed Network 0";
  std::vector<std::unique_ptr<Tensor>> inputs_;
  std::vector<Tensor*> outputs_;
  std::set<const Tensor*> shape_outputs_;
  std::vector<const Tensor*> debug_;  ///< in order of marking
  std::vector<std::unique_ptr<LayerNode>> layers_;
  std::map<const LayerNode*, size_t> positions_;
  std::vector<std::unique_ptr<LoopNode>> loops_;
  std::vector<std::unique_ptr<ConditionalNode>> conditionals_;
  std::vector<std::unique_ptr<AttentionNode>> attentions_;
  std::map<const void*, std::string> weight_names_;
  mutable Inference inference_;
};

}  // namespace rondo::api
