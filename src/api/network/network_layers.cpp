// The add methods of INetworkDefinition: each hands its arguments to the constructor of the layer, which checks them.

#include "api/layers/math.h"
#include "api/layers/pointwise.h"
#include "api/layers/rnn.h"
#include "api/layers/shape.h"
#include "api/network/network.h"

namespace rondo::api {

namespace {

// One add method: Face is the interface it returns, build makes the layer.
template <class Face, class Build>
Face* added(const ErrorSink& sink, const char* where, Build build) noexcept {
  return guarded<Face*>(sink, where, nullptr, build);
}

}  // namespace

IActivationLayer* Network::addActivation(ITensor& input, ActivationType type) noexcept {
  return added<IActivationLayer>(sink_, "addActivation",
                                 [&] { return add_layer<ActivationLayer>(own(input, "addActivation"), type); });
}

IElementWiseLayer* Network::addElementWise(ITensor& input1, ITensor& input2, ElementWiseOperation op) noexcept {
  return added<IElementWiseLayer>(sink_, "addElementWise", [&] {
    return add_layer<ElementWiseLayer>(own(input1, "addElementWise"), own(input2, "addElementWise"), op);
  });
}

IUnaryLayer* Network::addUnary(ITensor& input, UnaryOperation operation) noexcept {
  return added<IUnaryLayer>(sink_, "addUnary",
                            [&] { return add_layer<UnaryLayer>(own(input, "addUnary"), operation); });
}

ISelectLayer* Network::addSelect(ITensor& condition, ITensor& thenInput, ITensor& elseInput) noexcept {
  return added<ISelectLayer>(sink_, "addSelect", [&] {
    return add_layer<SelectLayer>(own(condition, "addSelect"), own(thenInput, "addSelect"),
                                  own(elseInput, "addSelect"));
  });
}

IIdentityLayer* Network::addIdentity(ITensor& input) noexcept {
  return added<IIdentityLayer>(sink_, "addIdentity",
                               [&] { return add_layer<IdentityLayer>(own(input, "addIdentity")); });
}

ICastLayer* Network::addCast(ITensor& input, DataType toType) noexcept {
  return added<ICastLayer>(sink_, "addCast", [&] { return add_layer<CastLayer>(own(input, "addCast"), toType); });
}

IScaleLayer* Network::addScale(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power) noexcept {
  return added<IScaleLayer>(sink_, "addScale", [&] {
    return add_layer<ScaleLayer>(own(input, "addScale"), mode, shift, scale, power, ScaleLayer::kDefaultAxis);
  });
}

IScaleLayer* Network::addScaleNd(ITensor& input, ScaleMode mode, Weights shift, Weights scale, Weights power,
                                 int32_t channelAxis) noexcept {
  return added<IScaleLayer>(sink_, "addScaleNd", [&] {
    require(channelAxis >= 0 && channelAxis < Dims::MAX_DIMS, "addScaleNd: channel axis ", channelAxis,
            " is outside 0 .. ", Dims::MAX_DIMS - 1);
    return add_layer<ScaleLayer>(own(input, "addScaleNd"), mode, shift, scale, power, channelAxis);
  });
}

IMatrixMultiplyLayer* Network::addMatrixMultiply(ITensor& input0, MatrixOperation op0, ITensor& input1,
                                                 MatrixOperation op1) noexcept {
  return added<IMatrixMultiplyLayer>(sink_, "addMatrixMultiply", [&] {
    return add_layer<MatrixMultiplyLayer>(own(input0, "addMatrixMultiply"), op0, own(input1, "addMatrixMultiply"), op1);
  });
}

IFullyConnectedLayer* Network::addFullyConnected(ITensor& input, int32_t nbOutputs, Weights kernelWeights,
                                                 Weights biasWeights) noexcept {
  return added<IFullyConnectedLayer>(sink_, "addFullyConnected", [&] {
    return add_layer<FullyConnectedLayer>(own(input, "addFullyConnected"), nbOutputs, kernelWeights, biasWeights);
  });
}

IReduceLayer* Network::addReduce(ITensor& input, ReduceOperation operation, uint32_t reduceAxes,
                                 bool keepDimensions) noexcept {
  return added<IReduceLayer>(sink_, "addReduce", [&] {
    return add_layer<ReduceLayer>(own(input, "addReduce"), operation, reduceAxes, keepDimensions);
  });
}

ISoftMaxLayer* Network::addSoftMax(ITensor& input) noexcept {
  return added<ISoftMaxLayer>(sink_, "addSoftMax", [&] { return add_layer<SoftMaxLayer>(own(input, "addSoftMax")); });
}

ITopKLayer* Network::addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes) noexcept {
  return addTopK(input, op, k, reduceAxes, DataType::kINT32);
}

ITopKLayer* Network::addTopK(ITensor& input, TopKOperation op, int32_t k, uint32_t reduceAxes,
                             DataType indicesType) noexcept {
  return added<ITopKLayer>(sink_, "addTopK",
                           [&] { return add_layer<TopKLayer>(own(input, "addTopK"), op, k, reduceAxes, indicesType); });
}

IConstantLayer* Network::addConstant(Dims const& dimensions, Weights weights) noexcept {
  return added<IConstantLayer>(sink_, "addConstant", [&] { return add_layer<ConstantLayer>(dimensions, weights); });
}

IShuffleLayer* Network::addShuffle(ITensor& input) noexcept {
  return added<IShuffleLayer>(sink_, "addShuffle", [&] { return add_layer<ShuffleLayer>(own(input, "addShuffle")); });
}

ISliceLayer* Network::addSlice(ITensor& input, Dims const& start, Dims const& size, Dims const& stride) noexcept {
  return added<ISliceLayer>(sink_, "addSlice",
                            [&] { return add_layer<SliceLayer>(own(input, "addSlice"), start, size, stride); });
}

IShapeLayer* Network::addShape(ITensor& input) noexcept {
  return added<IShapeLayer>(sink_, "addShape", [&] { return add_layer<ShapeLayer>(own(input, "addShape")); });
}

IConcatenationLayer* Network::addConcatenation(ITensor* const* inputs, int32_t nbInputs) noexcept {
  return added<IConcatenationLayer>(sink_, "addConcatenation", [&] {
    require(inputs != nullptr, "addConcatenation: the list of inputs is null");
    require(nbInputs >= 1, "addConcatenation: ", nbInputs, " inputs; at least one is needed");
    std::vector<Tensor*> all;
    for (int32_t i = 0; i < nbInputs; ++i) {
      require(inputs[i] != nullptr, "addConcatenation: input ", i, " is null");
      all.push_back(&own(*inputs[i], "addConcatenation"));
    }
    return add_layer<ConcatenationLayer>(std::move(all));
  });
}

IGatherLayer* Network::addGather(ITensor& data, ITensor& indices, int32_t axis) noexcept {
  return added<IGatherLayer>(sink_, "addGather", [&] {
    return add_layer<GatherLayer>(own(data, "addGather"), own(indices, "addGather"), GatherMode::kDEFAULT, axis);
  });
}

IGatherLayer* Network::addGatherV2(ITensor& data, ITensor& indices, GatherMode mode) noexcept {
  return added<IGatherLayer>(sink_, "addGatherV2", [&] {
    return add_layer<GatherLayer>(own(data, "addGatherV2"), own(indices, "addGatherV2"), mode, 0);
  });
}

IRNNv2Layer* Network::addRNNv2(ITensor& input, int32_t layerCount, int32_t hiddenSize, int32_t maxSeqLen,
                               RNNOperation op) noexcept {
  return added<IRNNv2Layer>(sink_, "addRNNv2", [&] {
    return add_layer<RecurrentLayer>(own(input, "addRNNv2"), layerCount, hiddenSize, maxSeqLen, op);
  });
}

}  // namespace rondo::api
