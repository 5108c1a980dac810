#pragma once

#include "api/layers/windows/window_settings.h"

namespace rondo::api {

/// IPoolingLayer.
class PoolingLayer final : public LayerOf<IPoolingLayer> {
 public:
  PoolingLayer(Network& network, Tensor& input, PoolingType type, const Dims& window);

  void setPoolingType(PoolingType type) noexcept override;
  PoolingType getPoolingType() const noexcept override { return type_; }
  void setWindowSizeNd(Dims const& windowSize) noexcept override;
  Dims getWindowSizeNd() const noexcept override { return window_.window(); }
  void setStrideNd(Dims const& stride) noexcept override;
  Dims getStrideNd() const noexcept override { return window_.stride(); }
  void setPaddingNd(Dims const& padding) noexcept override;
  Dims getPaddingNd() const noexcept override { return window_.pre(); }
  void setPrePadding(Dims const& padding) noexcept override;
  Dims getPrePadding() const noexcept override { return window_.pre(); }
  void setPostPadding(Dims const& padding) noexcept override;
  Dims getPostPadding() const noexcept override { return window_.post(); }
  void setPaddingMode(PaddingMode paddingMode) noexcept override;
  PaddingMode getPaddingMode() const noexcept override { return window_.mode(); }
  void setBlendFactor(float blendFactor) noexcept override;
  float getBlendFactor() const noexcept override { return blend_; }
  void setAverageCountExcludesPadding(bool exclusive) noexcept override;
  bool getAverageCountExcludesPadding() const noexcept override { return exclusive_; }

  void setWindowSize(DimsHW windowSize) noexcept override { setWindowSizeNd(windowSize); }
  DimsHW getWindowSize() const noexcept override { return two_of(window_.window()); }
  void setStride(DimsHW stride) noexcept override { setStrideNd(stride); }
  DimsHW getStride() const noexcept override { return two_of(window_.stride()); }
  void setPadding(DimsHW padding) noexcept override { setPaddingNd(padding); }
  DimsHW getPadding() const noexcept override { return two_of(window_.pre()); }

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  PoolingType type_;
  WindowSettings window_;
  float blend_ = 0;
  bool exclusive_ = true;
};

/// IPaddingLayer.
class PaddingLayer final : public LayerOf<IPaddingLayer> {
 public:
  PaddingLayer(Network& network, Tensor& input, const Dims& pre, const Dims& post);

  void setPrePaddingNd(Dims const& padding) noexcept override;
  Dims getPrePaddingNd() const noexcept override { return pre_; }
  void setPostPaddingNd(Dims const& padding) noexcept override;
  Dims getPostPaddingNd() const noexcept override { return post_; }
  void setPrePadding(DimsHW padding) noexcept override { setPrePaddingNd(padding); }
  DimsHW getPrePadding() const noexcept override { return two_of(pre_); }
  void setPostPadding(DimsHW padding) noexcept override { setPostPaddingNd(padding); }
  DimsHW getPostPadding() const noexcept override { return two_of(post_); }

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  Dims pre_, post_;
};

/// ILRNLayer.
class LRNLayer final : public LayerOf<ILRNLayer> {
 public:
  LRNLayer(Network& network, Tensor& input, int64_t window, float alpha, float beta, float k);

  void setWindowSize(int64_t windowSize) noexcept override;
  int64_t getWindowSize() const noexcept override { return window_; }
  void setAlpha(float alpha) noexcept override;
  float getAlpha() const noexcept override { return alpha_; }
  void setBeta(float beta) noexcept override;
  float getBeta() const noexcept override { return beta_; }
  void setK(float k) noexcept override;
  float getK() const noexcept override { return k_; }

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  int64_t window_;
  float alpha_, beta_, k_;
};

}  // namespace rondo::api
