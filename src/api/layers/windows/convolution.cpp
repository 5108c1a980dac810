#include "api/layers/windows/convolution.h"

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

const ConvolutionKind kConvolution{LayerType::kCONVOLUTION, ir::OpKind::k_convolution, "addConvolution",
                                   "IConvolutionLayer", "convolution"};
const ConvolutionKind kDeconvolution{LayerType::kDECONVOLUTION, ir::OpKind::k_deconvolution, "addDeconvolution",
                                     "IDeconvolutionLayer", "deconvolution"};

namespace {

void require_count(int64_t count, const char* what, const std::string& who, const ConvolutionKind& kind) {
  require(count >= 1, who, ": ", count, " ", what, "; at least 1 is needed (", kind.name, " C5)");
}

}  // namespace

template <class I>
KernelLayer<I>::KernelLayer(Network& network, const ConvolutionKind& kind, Tensor& input, int64_t maps,
                            const Dims& kernel, const Weights& weights, const Weights& bias)
    : LayerOf<I>(network, kind.type, {&input}),
      kind_(kind),
      window_(kernel, kind.add, kind.name),
      maps_(maps),
      kernel_(weights),
      bias_(bias) {
  require_count(maps, "output maps", kind.add, kind);
  require_weights(weights, text(kind.add, ": kernel"));
  require_weights(bias, text(kind.add, ": bias"));
}

template <class I>
void KernelLayer<I>::setKernelSizeNd(Dims const& kernelSize) noexcept {
  this->set(text(kind_.face, "::setKernelSizeNd").c_str(), [&] { window_.set_window(kernelSize, this->who()); });
}

template <class I>
void KernelLayer<I>::setStrideNd(Dims const& stride) noexcept {
  this->set(text(kind_.face, "::setStrideNd").c_str(), [&] { window_.set_stride(stride, this->who()); });
}

template <class I>
void KernelLayer<I>::setDilationNd(Dims const& dilation) noexcept {
  this->set(text(kind_.face, "::setDilationNd").c_str(), [&] { window_.set_dilation(dilation, this->who()); });
}

template <class I>
void KernelLayer<I>::setPaddingNd(Dims const& padding) noexcept {
  this->set(text(kind_.face, "::setPaddingNd").c_str(), [&] { window_.set_padding(padding, this->who()); });
}

template <class I>
void KernelLayer<I>::setPrePadding(Dims const& padding) noexcept {
  this->set(text(kind_.face, "::setPrePadding").c_str(), [&] { window_.set_pre(padding, this->who()); });
}

template <class I>
void KernelLayer<I>::setPostPadding(Dims const& padding) noexcept {
  this->set(text(kind_.face, "::setPostPadding").c_str(), [&] { window_.set_post(padding, this->who()); });
}

template <class I>
void KernelLayer<I>::setPaddingMode(PaddingMode paddingMode) noexcept {
  this->set(text(kind_.face, "::setPaddingMode").c_str(), [&] { window_.set_mode(paddingMode, this->who()); });
}

template <class I>
void KernelLayer<I>::setNbOutputMaps(int64_t nbOutputMaps) noexcept {
  this->set(text(kind_.face, "::setNbOutputMaps").c_str(), [&] {
    require_count(nbOutputMaps, "output maps", this->who(), kind_);
    maps_ = nbOutputMaps;
  });
}

template <class I>
void KernelLayer<I>::setNbGroups(int64_t nbGroups) noexcept {
  this->set(text(kind_.face, "::setNbGroups").c_str(), [&] {
    require_count(nbGroups, "groups", this->who(), kind_);
    groups_ = nbGroups;
  });
}

template <class I>
void KernelLayer<I>::setKernelWeights(Weights weights) noexcept {
  this->set(text(kind_.face, "::setKernelWeights").c_str(), [&] {
    require_weights(weights, this->who() + ": kernel");
    kernel_ = weights;
  });
}

template <class I>
void KernelLayer<I>::setBiasWeights(Weights weights) noexcept {
  this->set(text(kind_.face, "::setBiasWeights").c_str(), [&] {
    require_weights(weights, this->who() + ": bias");
    bias_ = weights;
  });
}

template <class I>
void KernelLayer<I>::visit_weights(const std::function<void(const Weights&)>& visit) const {
  visit(kernel_);
  visit(bias_);
}

// The types of tensors decide; weights follow them.
template <class I>
Refs KernelLayer<I>::emit(Emitter& out, const Refs& in) const {
  const auto given = [&](size_t index) { return index < in.size() && in[index] != Emitter::kNoRef; };
  require(given(1) != (kernel_.count > 0), this->who(), ": the kernel comes from its weights or from input 1, ",
          given(1) ? "not from both" : "and neither is there", " (", kind_.name, " C6)");
  require(!given(2) || bias_.count == 0, this->who(),
          ": the bias comes from its weights or from input 2, not from both (", kind_.name, " C7)");
  Refs operands{in[0]};
  for (size_t i = 1; i < 3; ++i) {
    if (given(i)) operands.push_back(in[i]);
  }
  promote(*this, out, operands);
  const DType dtype = out.type(operands[0]).dtype;
  const auto constant = [&](const Weights& weights) {
    return weights_constant(*this, out, weights, {weights.count}, dtype);
  };
  if (!given(1)) operands.insert(operands.begin() + 1, constant(kernel_));
  if (bias_.count > 0) operands.push_back(constant(bias_));
  ir::Attrs attrs = window_.attrs();
  attrs.set("dilations", to_vector(window_.dilation()));
  attrs.set("outputs", maps_);
  attrs.set("groups", groups_);
  return {out.add(kind_.op, attrs, operands, this->name())};
}

template class KernelLayer<IConvolutionLayer>;
template class KernelLayer<IDeconvolutionLayer>;

}  // namespace rondo::api
