#include "api/layers/transformer/positions.h"

#include "api/network/network.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_rotary_dim(int32_t dim, const std::string& who) {
  require(dim >= 0 && dim % 2 == 0, who, ": the rotary dimension is ", dim,
          ", it must be even, or 0 for the whole last dimension (rotary_embedding C2)");
}

}  // namespace

RotaryEmbeddingLayer::RotaryEmbeddingLayer(Network& network, Tensor& input, Tensor& cosine, Tensor& sine,
                                           bool interleaved, int32_t dim)
    : LayerOf(network, LayerType::kROTARY_EMBEDDING, {&input, &cosine, &sine}), interleaved_(interleaved), dim_(dim) {
  require_rotary_dim(dim, "addRotaryEmbedding");
}

void RotaryEmbeddingLayer::setInterleaved(bool interleaved) noexcept {
  set("IRotaryEmbeddingLayer::setInterleaved", [&] { interleaved_ = interleaved; });
}

bool RotaryEmbeddingLayer::setRotaryEmbeddingDim(int32_t rotaryEmbeddingDim) noexcept {
  return guarded(sink(), "IRotaryEmbeddingLayer::setRotaryEmbeddingDim", [&] {
    require_rotary_dim(rotaryEmbeddingDim, who());
    dim_ = rotaryEmbeddingDim;
    touch();
  });
}

Refs RotaryEmbeddingLayer::emit(Emitter& out, const Refs& in) const {
  const ir::Attrs attrs{{"interleaved", int64_t{interleaved_}}, {"dim", int64_t{dim_}}};
  return {out.add(ir::OpKind::k_rotary_embedding, attrs, in, name())};
}

KVCacheUpdateLayer::KVCacheUpdateLayer(Network& network, Tensor& cache, Tensor& update, Tensor& indices,
                                       KVCacheMode mode)
    : LayerOf(network, LayerType::kKVCACHE_UPDATE, {&cache, &update, &indices}) {
  require_enum(mode, "addKVCacheUpdate: KVCacheMode");
}

bool KVCacheUpdateLayer::setCacheMode(KVCacheMode cacheMode) noexcept {
  return guarded(sink(), "IKVCacheUpdateLayer::setCacheMode",
                 [&] { require_enum(cacheMode, "IKVCacheUpdateLayer::setCacheMode: KVCacheMode"); });
}

Refs KVCacheUpdateLayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  // A float update is stored as the cache stores it.
  const DType cache = out.type(in[0]).dtype;
  if (!network().strongly_typed() && is_float(cache) && is_float(out.type(in[1]).dtype)) {
    operands[1] = out.cast(in[1], cache, name());
  }
  return {out.add(ir::OpKind::k_kv_cache_update, {}, operands, name())};
}

}  // namespace rondo::api
