// reason: the list of all bundled plugins, with what each computes.
// Versions are those of the second generation; library.cpp tells which ones of the third are forms of them.
#pragma once

#include "computation.h"

namespace rondo::bundled {

/// Layer normalization over the last dimension: x [.., E], or x, gamma [E], beta [E]; y as x. f32, f16 or bf16.
/// Fields   gamma, beta [E] (1 and 0 until set); eps, or epsilon: added to the variance, 6e-6 until set
class LayerNorm final : public Computation {
 public:
  static constexpr char kType[] = "LayerNorm";
  static constexpr FieldName kFields[] = {
      {"gamma", PluginFieldType::kFLOAT32}, {"beta", PluginFieldType::kFLOAT32}, {"eps", PluginFieldType::kFLOAT32}};
  LayerNorm(int32_t version, Fields const& fields);
  LayerNorm(int32_t version, Reader& reader);
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  Numbers gamma_, beta_;
  float epsilon_;
};

/// Y = 0.5 v (1 + tanh(0.797885 v + 0.035677 v^3)) of v = x + bias; the bias repeats along x.
/// Fields   type_id 0 f32, 1 f16; bias
class Gelu final : public Computation {
 public:
  static constexpr char kType[] = "CustomGeluPluginDynamic";
  static constexpr FieldName kFields[] = {{"type_id", PluginFieldType::kINT32}, {"bias", PluginFieldType::kFLOAT32}};
  Gelu(int32_t version, Fields const& fields);
  Gelu(int32_t version, Reader& reader);
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  Numbers bias_;
};

/// Layer normalization of x + skip + bias over the hidden dimension ld: x, skip [S, B, ld, 1, 1] (dimension 2), or of four dimensions,
/// [T, ld, 1, 1] or as TensorRT's int8 versions 3 and 4 have it [1, ld, T, 1] (dimension 1); version 4 has the sum itself as output 1.
/// Fields   type_id 0 f32, 1 f16 (any float in versions 3 and 4); ld (that of gamma until set); beta, gamma [ld]; bias [ld]
/// Source   the plugin's README and its configuration in TensorRT's sources
class SkipLayerNorm final : public Computation {
 public:
  static constexpr char kType[] = "CustomSkipLayerNormPluginDynamic";
  static constexpr FieldName kFields[] = {{"type_id", PluginFieldType::kINT32},
                                          {"ld", PluginFieldType::kINT32},
                                          {"beta", PluginFieldType::kFLOAT32},
                                          {"gamma", PluginFieldType::kFLOAT32},
                                          {"bias", PluginFieldType::kFLOAT32}};
  SkipLayerNorm(int32_t version, Fields const& fields);
  SkipLayerNorm(int32_t version, Reader& reader);
  int32_t inputs() const override { return 2; }
  int32_t outputs() const override { return residual_ ? 2 : 1; }
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  bool residual_;
  Numbers beta_, gamma_, bias_;
};

/// Sum of word, position and token-type embeddings, layer-normalized.
///   version 1      token, segment, mask i32 [S, B] -> y [S, B, E, 1, 1]; mask for the attention i32 [B], the number of leading
///                  tokens that count, or with full_mask [B, S], 1 for each that does
///   versions 2, 3  token, segment i32 [T] packed, cu_seqlens i32 [B + 1], max_seqlen -> y [T, E, 1, 1]; version 2: cu_seqlens
///                  again (in TensorRT a packed mask, which its attention alone can read), version 3: the sum before normalization
/// Fields   bert_embeddings_{layernorm_beta, layernorm_gamma} [E], bert_embeddings_{word, token_type, position}_embeddings
///          [.., E]; output_fp16; full_mask; mha_type_id (no effect)
class Embedding final : public Computation {
 public:
  static constexpr char kType[] = "CustomEmbLayerNormPluginDynamic";
  static constexpr FieldName kFields[] = {{"bert_embeddings_layernorm_beta", PluginFieldType::kFLOAT32},
                                          {"bert_embeddings_layernorm_gamma", PluginFieldType::kFLOAT32},
                                          {"bert_embeddings_word_embeddings", PluginFieldType::kFLOAT32},
                                          {"bert_embeddings_token_type_embeddings", PluginFieldType::kFLOAT32},
                                          {"bert_embeddings_position_embeddings", PluginFieldType::kFLOAT32},
                                          {"output_fp16", PluginFieldType::kINT32},
                                          {"full_mask", PluginFieldType::kINT32},
                                          {"mha_type_id", PluginFieldType::kINT32}};
  Embedding(int32_t version, Fields const& fields);
  Embedding(int32_t version, Reader& reader);
  int32_t inputs() const override { return 3; }
  int32_t outputs() const override { return 2; }
  DimsExprs output_shape(int32_t output, DimsExprs const* inputs, IExprBuilder& builder) const override;
  DataType output_type(int32_t output, DataType const* inputs) const override;
  bool accepts(int32_t pos, DataType type, DataType first, int32_t input_count) const override;
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  void require_tables() const;
  bool row(int32_t token, int32_t segment, int64_t position, float* sum) const;
  int32_t embed(Run const& run, int64_t rows, int64_t batch) const;

  int32_t number_;  ///< version
  int32_t half_, full_mask_;
  Numbers beta_, gamma_, word_, segment_, position_;
};

/// Multi-head self-attention: softmax(q k / sqrt(H)) v with q, k, v of each head beside each other (N, 3, H) in 3 E.
///   dense    qkv [S, B, 3E, 1, 1]; with has_mask the mask of Embedding, [B] or [B, S] -> [S, B, E, 1, 1]
///   packed   qkv [T, 3E, 1, 1], mask (not read), cu_seqlens i32 [B + 1], max_seqlen (not read) -> [T, E, 1, 1]
/// Fields   type_id 0 f32, 1 f16; hidden_size E; num_heads N; has_mask; var_seqlen (packed); dq_probs, use_int8_scale_max (no effect)
class Attention final : public Computation {
 public:
  static constexpr char kType[] = "CustomQKVToContextPluginDynamic";
  static constexpr FieldName kFields[] = {
      {"type_id", PluginFieldType::kINT32},           {"hidden_size", PluginFieldType::kINT32},
      {"num_heads", PluginFieldType::kINT32},         {"has_mask", PluginFieldType::kINT32},
      {"dq_probs", PluginFieldType::kFLOAT32},        {"var_seqlen", PluginFieldType::kINT32},
      {"use_int8_scale_max", PluginFieldType::kINT32}};
  Attention(int32_t version, Fields const& fields);
  Attention(int32_t version, Reader& reader);
  int32_t inputs() const override { return packed_ != 0 ? 3 : has_mask_ != 0 ? 2 : 1; }
  DimsExprs output_shape(int32_t output, DimsExprs const* inputs, IExprBuilder& builder) const override;
  bool accepts(int32_t pos, DataType type, DataType first, int32_t input_count) const override;
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  void require_sizes() const;
  int32_t hidden_, heads_, has_mask_, packed_;
};

/// Y = x W of the hidden dimension: x [S, B, K, 1, 1] -> [S, B, out_dims, 1, 1].
/// Fields   out_dims; type_id 0 f32, 1 f16; W [K, out_dims]
class FullyConnected final : public Computation {
 public:
  static constexpr char kType[] = "CustomFCPluginDynamic";
  static constexpr FieldName kFields[] = {
      {"out_dims", PluginFieldType::kINT32}, {"type_id", PluginFieldType::kINT32}, {"W", PluginFieldType::kFLOAT32}};
  FullyConnected(int32_t version, Fields const& fields);
  FullyConnected(int32_t version, Reader& reader);
  DimsExprs output_shape(int32_t output, DimsExprs const* inputs, IExprBuilder& builder) const override;
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  void require_sizes() const;
  int64_t inner() const { return static_cast<int64_t>(weights_->size()) / out_; }
  int32_t out_;
  Numbers weights_;
};

/// Normalizes each channel of each item over its positions: x [N, C, ..], scales and bias [C]; then ReLU with slope alpha if relu.
/// Fields   epsilon (1e-5), scales, bias, relu (0), alpha (0)
class InstanceNorm final : public Computation {
 public:
  static constexpr char kType[] = "InstanceNormalization_TRT";
  static constexpr FieldName kFields[] = {{"epsilon", PluginFieldType::kFLOAT32},
                                          {"scales", PluginFieldType::kFLOAT32},
                                          {"bias", PluginFieldType::kFLOAT32},
                                          {"relu", PluginFieldType::kINT32},
                                          {"alpha", PluginFieldType::kFLOAT32}};
  InstanceNorm(int32_t version, Fields const& fields);
  InstanceNorm(int32_t version, Reader& reader);
  void write(Writer& to) const override;

 private:
  int32_t compute(Run const& run) const override;
  float epsilon_, alpha_;
  int32_t relu_;
  Numbers scales_, bias_;
};

}  // namespace rondo::bundled
