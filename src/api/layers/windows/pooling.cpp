#include "api/layers/windows/pooling.h"

#include <cmath>

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_type(PoolingType type, const std::string& who) {
  const auto value = static_cast<int64_t>(type);
  require(value >= 0 && value < EnumMax<PoolingType>(), who, ": ", value, " is no PoolingType (pooling C5)");
}

void require_two(const Dims& padding, const std::string& who) {
  require(padding.nbDims == 2, who, ": the padding has ", padding.nbDims,
          " entries; two are needed, one for each of the last two dimensions (padding C2)");
}

void require_window(int64_t window, const std::string& who) {
  require(window >= 1 && window <= 15 && window % 2 == 1, who, ": the window is ", window,
          "; an odd number in 1 .. 15 is needed (lrn C2)");
}

void require_finite(float value, const char* what, const std::string& who) {
  require(std::isfinite(value), who, ": ", what, " is ", value, ", not a finite number (lrn C4)");
}

}  // namespace

PoolingLayer::PoolingLayer(Network& network, Tensor& input, PoolingType type, const Dims& window)
    : LayerOf(network, LayerType::kPOOLING, {&input}), type_(type), window_(window, "addPooling", "pooling") {
  require_type(type, "addPooling");
}

void PoolingLayer::setPoolingType(PoolingType type) noexcept {
  set("IPoolingLayer::setPoolingType", [&] {
    require_type(type, who());
    type_ = type;
  });
}

void PoolingLayer::setWindowSizeNd(Dims const& windowSize) noexcept {
  set("IPoolingLayer::setWindowSizeNd", [&] { window_.set_window(windowSize, who()); });
}

void PoolingLayer::setStrideNd(Dims const& stride) noexcept {
  set("IPoolingLayer::setStrideNd", [&] { window_.set_stride(stride, who()); });
}

void PoolingLayer::setPaddingNd(Dims const& padding) noexcept {
  set("IPoolingLayer::setPaddingNd", [&] { window_.set_padding(padding, who()); });
}

void PoolingLayer::setPrePadding(Dims const& padding) noexcept {
  set("IPoolingLayer::setPrePadding", [&] { window_.set_pre(padding, who()); });
}

void PoolingLayer::setPostPadding(Dims const& padding) noexcept {
  set("IPoolingLayer::setPostPadding", [&] { window_.set_post(padding, who()); });
}

void PoolingLayer::setPaddingMode(PaddingMode paddingMode) noexcept {
  set("IPoolingLayer::setPaddingMode", [&] { window_.set_mode(paddingMode, who()); });
}

void PoolingLayer::setBlendFactor(float blendFactor) noexcept {
  set("IPoolingLayer::setBlendFactor", [&] {
    require(blendFactor >= 0 && blendFactor <= 1, who(), ": the blend factor is ", blendFactor,
            ", outside 0 .. 1 (pooling C7)");
    blend_ = blendFactor;
  });
}

void PoolingLayer::setAverageCountExcludesPadding(bool exclusive) noexcept {
  set("IPoolingLayer::setAverageCountExcludesPadding", [&] { exclusive_ = exclusive; });
}

Refs PoolingLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs = window_.attrs();
  attrs.set("type", static_cast<int64_t>(type_));
  attrs.set("blend", static_cast<double>(blend_));
  attrs.set("exclude_padding", int64_t{exclusive_});
  return {out.add(ir::OpKind::k_pooling, attrs, in, name())};
}

PaddingLayer::PaddingLayer(Network& network, Tensor& input, const Dims& pre, const Dims& post)
    : LayerOf(network, LayerType::kPADDING, {&input}), pre_(pre), post_(post) {
  require_two(pre, "addPadding");
  require_two(post, "addPadding");
}

void PaddingLayer::setPrePaddingNd(Dims const& padding) noexcept {
  set("IPaddingLayer::setPrePaddingNd", [&] {
    require_two(padding, who());
    pre_ = padding;
  });
}

void PaddingLayer::setPostPaddingNd(Dims const& padding) noexcept {
  set("IPaddingLayer::setPostPaddingNd", [&] {
    require_two(padding, who());
    post_ = padding;
  });
}

Refs PaddingLayer::emit(Emitter& out, const Refs& in) const {
  return {out.add(ir::OpKind::k_padding, {{"pre", to_vector(pre_)}, {"post", to_vector(post_)}}, in, name())};
}

LRNLayer::LRNLayer(Network& network, Tensor& input, int64_t window, float alpha, float beta, float k)
    : LayerOf(network, LayerType::kLRN, {&input}), window_(window), alpha_(alpha), beta_(beta), k_(k) {
  require_window(window, "addLRN");
  require_finite(alpha, "alpha", "addLRN");
  require_finite(beta, "beta", "addLRN");
  require_finite(k, "k", "addLRN");
}

void LRNLayer::setWindowSize(int64_t windowSize) noexcept {
  set("ILRNLayer::setWindowSize", [&] {
    require_window(windowSize, who());
    window_ = windowSize;
  });
}

void LRNLayer::setAlpha(float alpha) noexcept {
  set("ILRNLayer::setAlpha", [&] {
    require_finite(alpha, "alpha", who());
    alpha_ = alpha;
  });
}

void LRNLayer::setBeta(float beta) noexcept {
  set("ILRNLayer::setBeta", [&] {
    require_finite(beta, "beta", who());
    beta_ = beta;
  });
}

void LRNLayer::setK(float k) noexcept {
  set("ILRNLayer::setK", [&] {
    require_finite(k, "k", who());
    k_ = k;
  });
}

Refs LRNLayer::emit(Emitter& out, const Refs& in) const {
  const ir::Attrs attrs{{"window", window_},
                        {"alpha", static_cast<double>(alpha_)},
                        {"beta", static_cast<double>(beta_)},
                        {"k", static_cast<double>(k_)}};
  return {out.add(ir::OpKind::k_lrn, attrs, in, name())};
}

}  // namespace rondo::api
