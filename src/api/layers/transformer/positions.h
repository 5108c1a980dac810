#pragma once

#include "api/network/layer.h"
#include "rondo/layers/attention.h"

namespace rondo::api {

/// IRotaryEmbeddingLayer.
class RotaryEmbeddingLayer final : public LayerOf<IRotaryEmbeddingLayer> {
 public:
  RotaryEmbeddingLayer(Network& network, Tensor& input, Tensor& cosine, Tensor& sine, bool interleaved, int32_t dim);
  void setInterleaved(bool interleaved) noexcept override;
  bool getInterleaved() const noexcept override { return interleaved_; }
  bool setRotaryEmbeddingDim(int32_t rotaryEmbeddingDim) noexcept override;
  int32_t getRotaryEmbeddingDim() const noexcept override { return dim_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 protected:
  size_t max_inputs() const override { return 4; }

 private:
  bool interleaved_;
  int32_t dim_;
};

/// IKVCacheUpdateLayer. Where it stands between an input and an output, the two are an aliased pair (bindings.cpp).
class KVCacheUpdateLayer final : public LayerOf<IKVCacheUpdateLayer> {
 public:
  KVCacheUpdateLayer(Network& network, Tensor& cache, Tensor& update, Tensor& indices, KVCacheMode mode);
  bool setCacheMode(KVCacheMode cacheMode) noexcept override;
  KVCacheMode getCacheMode() const noexcept override { return KVCacheMode::kLINEAR; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

}  // namespace rondo::api
