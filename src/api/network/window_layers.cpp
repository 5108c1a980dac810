// The add methods of INetworkDefinition for layers with windows, in both spellings.

#include "api/layers/windows/convolution.h"
#include "api/layers/windows/pooling.h"
#include "api/network/network.h"

namespace rondo::api {

namespace {

// One add method: Face is the interface it returns, build makes the layer.
template <class Face, class Build>
Face* added(const ErrorSink& sink, const char* where, Build build) noexcept {
  return guarded<Face*>(sink, where, nullptr, build);
}

}  // namespace

IConvolutionLayer* Network::addConvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                             Weights kernelWeights, Weights biasWeights) noexcept {
  return added<IConvolutionLayer>(sink_, "addConvolutionNd", [&] {
    return add_layer<ConvolutionLayer>(kConvolution, own(input, "addConvolutionNd"), nbOutputMaps, kernelSize,
                                       kernelWeights, biasWeights);
  });
}

IConvolutionLayer* Network::addConvolution(ITensor& input, int32_t nbOutputMaps, DimsHW kernelSize,
                                           Weights kernelWeights, Weights biasWeights) noexcept {
  return addConvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);
}

IDeconvolutionLayer* Network::addDeconvolutionNd(ITensor& input, int64_t nbOutputMaps, Dims const& kernelSize,
                                                 Weights kernelWeights, Weights biasWeights) noexcept {
  return added<IDeconvolutionLayer>(sink_, "addDeconvolutionNd", [&] {
    return add_layer<DeconvolutionLayer>(kDeconvolution, own(input, "addDeconvolutionNd"), nbOutputMaps, kernelSize,
                                         kernelWeights, biasWeights);
  });
}

IDeconvolutionLayer* Network::addDeconvolution(ITensor& input, int32_t nbOutputMaps, DimsHW kernelSize,
                                               Weights kernelWeights, Weights biasWeights) noexcept {
  return addDeconvolutionNd(input, nbOutputMaps, kernelSize, kernelWeights, biasWeights);
}

IPoolingLayer* Network::addPoolingNd(ITensor& input, PoolingType type, Dims const& windowSize) noexcept {
  return added<IPoolingLayer>(sink_, "addPoolingNd",
                              [&] { return add_layer<PoolingLayer>(own(input, "addPoolingNd"), type, windowSize); });
}

IPoolingLayer* Network::addPooling(ITensor& input, PoolingType type, DimsHW windowSize) noexcept {
  return addPoolingNd(input, type, windowSize);
}

IPaddingLayer* Network::addPaddingNd(ITensor& input, Dims const& prePadding, Dims const& postPadding) noexcept {
  return added<IPaddingLayer>(sink_, "addPaddingNd", [&] {
    return add_layer<PaddingLayer>(own(input, "addPaddingNd"), prePadding, postPadding);
  });
}

IPaddingLayer* Network::addPadding(ITensor& input, DimsHW prePadding, DimsHW postPadding) noexcept {
  return addPaddingNd(input, prePadding, postPadding);
}

ILRNLayer* Network::addLRN(ITensor& input, int64_t window, float alpha, float beta, float k) noexcept {
  return added<ILRNLayer>(sink_, "addLRN",
                          [&] { return add_layer<LRNLayer>(own(input, "addLRN"), window, alpha, beta, k); });
}

}  // namespace rondo::api
