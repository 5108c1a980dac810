#pragma once

#include "api/layers/windows/window_settings.h"

namespace rondo::api {

/// What tells IConvolutionLayer and IDeconvolutionLayer apart.
struct ConvolutionKind {
  LayerType type;
  ir::OpKind op;
  const char *add, *face, *name;  ///< "addConvolution", "IConvolutionLayer", "convolution"
};
extern const ConvolutionKind kConvolution, kDeconvolution;

/// IConvolutionLayer or IDeconvolutionLayer, which have the same parameters.
template <class Interface>
class KernelLayer final : public LayerOf<Interface> {
 public:
  KernelLayer(Network& network, const ConvolutionKind& kind, Tensor& input, int64_t maps, const Dims& kernel,
              const Weights& weights, const Weights& bias);

  void setKernelSizeNd(Dims const& kernelSize) noexcept override;
  Dims getKernelSizeNd() const noexcept override { return window_.window(); }
  void setNbOutputMaps(int64_t nbOutputMaps) noexcept override;
  int64_t getNbOutputMaps() const noexcept override { return maps_; }
  void setNbGroups(int64_t nbGroups) noexcept override;
  int64_t getNbGroups() const noexcept override { return groups_; }
  void setStrideNd(Dims const& stride) noexcept override;
  Dims getStrideNd() const noexcept override { return window_.stride(); }
  void setDilationNd(Dims const& dilation) noexcept override;
  Dims getDilationNd() const noexcept override { return window_.dilation(); }
  void setPaddingNd(Dims const& padding) noexcept override;
  Dims getPaddingNd() const noexcept override { return window_.pre(); }
  void setPrePadding(Dims const& padding) noexcept override;
  Dims getPrePadding() const noexcept override { return window_.pre(); }
  void setPostPadding(Dims const& padding) noexcept override;
  Dims getPostPadding() const noexcept override { return window_.post(); }
  void setPaddingMode(PaddingMode paddingMode) noexcept override;
  PaddingMode getPaddingMode() const noexcept override { return window_.mode(); }
  void setKernelWeights(Weights weights) noexcept override;
  Weights getKernelWeights() const noexcept override { return kernel_; }
  void setBiasWeights(Weights weights) noexcept override;
  Weights getBiasWeights() const noexcept override { return bias_; }

  void setKernelSize(DimsHW kernelSize) noexcept override { setKernelSizeNd(kernelSize); }
  DimsHW getKernelSize() const noexcept override { return two_of(window_.window()); }
  void setStride(DimsHW stride) noexcept override { setStrideNd(stride); }
  DimsHW getStride() const noexcept override { return two_of(window_.stride()); }
  void setPadding(DimsHW padding) noexcept override { setPaddingNd(padding); }
  DimsHW getPadding() const noexcept override { return two_of(window_.pre()); }
  void setDilation(DimsHW dilation) noexcept override { setDilationNd(dilation); }
  DimsHW getDilation() const noexcept override { return two_of(window_.dilation()); }

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  void visit_weights(const std::function<void(const Weights&)>& visit) const override;

 protected:
  size_t max_inputs() const override { return 3; }

 private:
  const ConvolutionKind& kind_;
  WindowSettings window_;
  int64_t maps_, groups_ = 1;
  Weights kernel_, bias_;
};

using ConvolutionLayer = KernelLayer<IConvolutionLayer>;
using DeconvolutionLayer = KernelLayer<IDeconvolutionLayer>;
extern template class KernelLayer<IConvolutionLayer>;
extern template class KernelLayer<IDeconvolutionLayer>;

}  // namespace rondo::api
