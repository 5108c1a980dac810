// The add methods of normalization, einsum, quantization, attention and assertion, and of the layers that this version
// names and refuses.

#include "api/layers/assertion.h"
#include "api/layers/einsum.h"
#include "api/layers/normalization.h"
#include "api/layers/quantization.h"
#include "api/layers/transformer/attention.h"
#include "api/layers/transformer/positions.h"
#include "api/network/network.h"

namespace rondo::api {

namespace {

template <class Face, class Build>
Face* added(const ErrorSink& sink, const char* where, Build build) noexcept {
  return guarded<Face*>(sink, where, nullptr, build);
}

template <class Face>
Face* refused(const ErrorSink& sink, const char* where, const char* why) noexcept {
  return guarded<Face*>(sink, where, nullptr, [&]() -> Face* { fail(Code::kInvalidArgument, where, ": ", why); });
}

}  // namespace

INormalizationLayer* Network::addNormalization(ITensor& input, ITensor& scale, ITensor& bias,
                                               uint32_t axesMask) noexcept {
  constexpr const char* kWhere = "addNormalization";
  return added<INormalizationLayer>(sink_, kWhere, [&] {
    return add_layer<NormalizationLayer>(own(input, kWhere), own(scale, kWhere), own(bias, kWhere), axesMask, false);
  });
}

INormalizationLayer* Network::addNormalizationV2(ITensor& input, ITensor& scale, ITensor& bias,
                                                 uint32_t axesMask) noexcept {
  constexpr const char* kWhere = "addNormalizationV2";
  return added<INormalizationLayer>(sink_, kWhere, [&] {
    return add_layer<NormalizationLayer>(own(input, kWhere), own(scale, kWhere), own(bias, kWhere), axesMask, true);
  });
}

IEinsumLayer* Network::addEinsum(ITensor* const* inputs, int32_t nbInputs, char const* equation) noexcept {
  return added<IEinsumLayer>(sink_, "addEinsum", [&] {
    require(inputs != nullptr, "addEinsum: the list of inputs is null");
    require(nbInputs >= 1, "addEinsum: ", nbInputs, " inputs; at least one is needed");
    std::vector<Tensor*> all;
    for (int32_t i = 0; i < nbInputs; ++i) {
      require(inputs[i] != nullptr, "addEinsum: input ", i, " is null");
      all.push_back(&own(*inputs[i], "addEinsum"));
    }
    return add_layer<EinsumLayer>(std::move(all), equation);
  });
}

IQuantizeLayer* Network::addQuantize(ITensor& input, ITensor& scale) noexcept {
  return addQuantize(input, scale, DataType::kINT8);
}

IQuantizeLayer* Network::addQuantize(ITensor& input, ITensor& scale, DataType outputType) noexcept {
  return added<IQuantizeLayer>(sink_, "addQuantize", [&] {
    return add_layer<QuantizeLayer>(own(input, "addQuantize"), own(scale, "addQuantize"), outputType);
  });
}

IDequantizeLayer* Network::addDequantize(ITensor& input, ITensor& scale) noexcept {
  return added<IDequantizeLayer>(sink_, "addDequantize", [&] {
    return add_layer<DequantizeLayer>(own(input, "addDequantize"), own(scale, "addDequantize"), std::nullopt);
  });
}

IDequantizeLayer* Network::addDequantize(ITensor& input, ITensor& scale, DataType outputType) noexcept {
  return added<IDequantizeLayer>(sink_, "addDequantize", [&] {
    return add_layer<DequantizeLayer>(own(input, "addDequantize"), own(scale, "addDequantize"), outputType);
  });
}

IDynamicQuantizeLayer* Network::addDynamicQuantize(ITensor&, int32_t, int32_t, DataType, DataType) noexcept {
  return refused<IDynamicQuantizeLayer>(
      sink_, "addDynamicQuantize",
      "scales made at run time (MXFP8, NVFP4) are not part of this version; quantize with "
      "addQuantize and a scale of your own");
}

IDynamicQuantizeLayer* Network::addDynamicQuantizeV2(ITensor&, Dims const&, DataType, DataType) noexcept {
  return refused<IDynamicQuantizeLayer>(
      sink_, "addDynamicQuantizeV2",
      "scales made at run time (MXFP8, NVFP4) are not part of this version; quantize with "
      "addQuantize and a scale of your own");
}

IAssertionLayer* Network::addAssertion(ITensor& condition, char const* message) noexcept {
  return added<IAssertionLayer>(sink_, "addAssertion",
                                [&] { return add_layer<AssertionLayer>(own(condition, "addAssertion"), message); });
}

IAttention* Network::addAttention(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                                  bool causal) noexcept {
  return addAttentionV2(query, key, value, normOp, causal ? CausalMaskKind::kUPPER_LEFT : CausalMaskKind::kNONE);
}

IAttention* Network::addAttentionV2(ITensor& query, ITensor& key, ITensor& value, AttentionNormalizationOp normOp,
                                    CausalMaskKind causalKind) noexcept {
  constexpr const char* kWhere = "addAttention";
  return added<IAttention>(sink_, kWhere, [&] {
    Tensor &q = own(query, kWhere), &k = own(key, kWhere), &v = own(value, kWhere);
    require_enum(normOp, "addAttention: AttentionNormalizationOp");
    require_enum(causalKind, "addAttention: CausalMaskKind");
    attentions_.push_back(std::make_unique<AttentionNode>(*this, normOp, causalKind));
    attentions_.back()->add_layers(q, k, v);
    return attentions_.back().get();
  });
}

IRotaryEmbeddingLayer* Network::addRotaryEmbedding(ITensor& input, ITensor& cosCache, ITensor& sinCache,
                                                   bool interleaved, int32_t rotaryEmbeddingDim) noexcept {
  constexpr const char* kWhere = "addRotaryEmbedding";
  return added<IRotaryEmbeddingLayer>(sink_, kWhere, [&] {
    return add_layer<RotaryEmbeddingLayer>(own(input, kWhere), own(cosCache, kWhere), own(sinCache, kWhere),
                                           interleaved, rotaryEmbeddingDim);
  });
}

IKVCacheUpdateLayer* Network::addKVCacheUpdate(ITensor& cache, ITensor& update, ITensor& writeIndices,
                                               KVCacheMode cacheMode) noexcept {
  constexpr const char* kWhere = "addKVCacheUpdate";
  return added<IKVCacheUpdateLayer>(sink_, kWhere, [&] {
    return add_layer<KVCacheUpdateLayer>(own(cache, kWhere), own(update, kWhere), own(writeIndices, kWhere), cacheMode);
  });
}

IMoELayer* Network::addMoE(ITensor&, ITensor&, ITensor&) noexcept {
  return refused<IMoELayer>(
      sink_, "addMoE",
      "a fused mixture of experts is not part of this version; write the experts as gather, matrix "
      "multiply and scatter");
}

IDistCollectiveLayer* Network::addDistCollective(ITensor&, CollectiveOperation, ReduceOperation, int64_t, int64_t*,
                                                 int64_t) noexcept {
  return refused<IDistCollectiveLayer>(
      sink_, "addDistCollective",
      "a plan runs on one device; collectives between devices are not part of this version");
}

}  // namespace rondo::api
