// reason: the layers of one transformer block are read together: attention, rotary embedding, cache update.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// What turns scores into weights.
enum class AttentionNormalizationOp : int32_t {
  kNONE = 0,    ///< the scores are the weights; what is masked counts as 0
  kSOFTMAX = 1  ///< softmax over the keys
};

template <>
constexpr int32_t EnumMax<AttentionNormalizationOp>() noexcept {
  return 2;
}

/// Which keys a query sees by order.
enum class CausalMaskKind : int32_t {
  kNONE = 0,        ///< all
  kUPPER_LEFT = 1,  ///< key j <= query i
  kLOWER_RIGHT = 2  ///< key j <= i + Skv - Sq: the last query sees all
};

template <>
constexpr int32_t EnumMax<CausalMaskKind>() noexcept {
  return 3;
}

/// Layout of query, key and value. kPACKED_NHD, sequences of unequal lengths behind each other, is not part of this version.
enum class AttentionIOForm : int32_t {
  kPADDED_BHND = 0,  ///< [B, H, S, D]
  kPACKED_NHD = 1    ///< [sum of S, H, D]; refused
};

template <>
constexpr int32_t EnumMax<AttentionIOForm>() noexcept {
  return 2;
}

/// An attention: weights = normalize(mask(q k^T)), y = weights v, per batch and head. The scores are not divided by sqrt(D): the
/// caller scales. All is computed in float32.
///
/// No layer, but two of them: one that all inputs enter and one that gives the output. Networks list both.
/// Where a query sees no key at all its scores are all -infinity, and softmax gives NaN in that row of the output, and nowhere
/// else; give such rows one key to see, or select them away behind the attention.
/// Shapes    q [B, Hq, Sq, D], k [B, Hkv, Skv, D], v [B, Hkv, Skv, Dv], mask [broadcasts to B, Hq, Sq, Skv] -> y [B, Hq, Sq, Dv]; query
///           head h reads key head h / (Hq / Hkv)
/// Requires  (C1) rank 4   (C2) one float type   (C3) equal B   (C4) Hkv divides Hq   (C5) equal D, equal Skv   (C6) a mask, bool (true
///           = attend) or of q's type (added), that broadcasts   (C7) a mask or a causal form, not both   (C8) a normalization
///           quantize scale of one element, and softmax
/// Memory    owned by the network
class IAttention : public INoCopy {
 public:
  /// The normalization; what the attention was added with until set.
  virtual bool setNormalizationOperation(AttentionNormalizationOp op) noexcept = 0;
  virtual AttentionNormalizationOp getNormalizationOperation() const noexcept = 0;

  /// The mask; null until set.
  /// Errors    kINVALID_ARGUMENT, false, if the tensor is of another network
  virtual bool setMask(ITensor& mask) noexcept = 0;
  virtual ITensor* getMask() noexcept = 0;

  /// Whether queries see only keys up to their own position, counted from the upper left.
  virtual bool setCausal(bool isCausal) noexcept = 0;
  virtual bool getCausal() const noexcept = 0;

  /// The causal form in full (11). setCausal(true) is kUPPER_LEFT.
  virtual bool setCausalKind(CausalMaskKind kind) noexcept = 0;
  virtual CausalMaskKind getCausalKind() const noexcept = 0;

  /// Whether the attention may be computed by more than one kernel; false until set. Kept; Rondo builds every attention.
  virtual bool setDecomposable(bool decomposable) noexcept = 0;
  virtual bool getDecomposable() const noexcept = 0;

  /// The layouts (11): kPADDED_BHND.
  /// Errors    kINVALID_ARGUMENT, false, for kPACKED_NHD
  virtual bool setQueryForm(AttentionIOForm form) noexcept = 0;
  virtual AttentionIOForm getQueryForm() const noexcept = 0;
  virtual bool setKeyValueForm(AttentionIOForm form) noexcept = 0;
  virtual AttentionIOForm getKeyValueForm() const noexcept = 0;

  /// Replaces input index: 0 query, 1 key, 2 value.
  /// Errors    kINVALID_ARGUMENT, false, if there is no such input or the tensor is of another network
  virtual bool setInput(int32_t index, ITensor& input) noexcept = 0;
  virtual int32_t getNbInputs() const noexcept = 0;
  virtual ITensor* getInput(int32_t index) const noexcept = 0;

  /// The output; null for any index but 0.
  virtual int32_t getNbOutputs() const noexcept = 0;
  virtual ITensor* getOutput(int32_t index) const noexcept = 0;

  /// Names the attention; messages and the inspector use the name. Empty until set.
  virtual bool setName(char const* name) noexcept = 0;
  virtual char const* getName() const noexcept = 0;

  /// The scale by which the weights are quantized, and dequantized, before they meet v; null until set.
  virtual bool setNormalizationQuantizeScale(ITensor& tensor) noexcept = 0;
  virtual ITensor* getNormalizationQuantizeScale() const noexcept = 0;

  /// The type that the weights are quantized to: kFLOAT, not at all, until set; kINT8 with a scale.
  /// Errors    kINVALID_ARGUMENT, false, for kFP8 and any type but the two
  virtual bool setNormalizationQuantizeToType(DataType type) noexcept = 0;
  virtual DataType getNormalizationQuantizeToType() const noexcept = 0;

  /// Free text that the inspector repeats; empty until set.
  virtual bool setMetadata(char const* metadata) noexcept = 0;
  virtual char const* getMetadata() const noexcept = 0;

 protected:
  ~IAttention() noexcept override = default;
};

/// Base of the layers at the border of an attention.
class IAttentionBoundaryLayer : public ILayer {
 public:
  /// The attention that the layer belongs to.
  virtual IAttention* getAttention() const noexcept = 0;
};

/// Takes query, key, value, then mask and normalization quantize scale where they are set.
class IAttentionInputLayer : public IAttentionBoundaryLayer {};

/// Gives the output of the attention.
class IAttentionOutputLayer : public IAttentionBoundaryLayer {};

/// Turns pairs of elements of each head by angles that depend on the position.
///
/// (a, b) becomes (a cos - b sin, a sin + b cos) for the pairs i < dim / 2 of the first dim elements of the last dimension:
/// elements 2i and 2i + 1 interleaved, else i and i + dim / 2. The elements behind dim pass. Computed in float32.
/// Shapes    x [B, N, S, H]; cos, sin [B, S, dim / 2], B may be 1, or with position ids [positions, dim / 2] -> y [as x]
/// Inputs    0 x, 1 cos, 2 sin, 3 position ids (optional): int32 or int64 [B, S]; an id outside of the caches reads zeros
/// Requires  (C1) a float x of rank 4   (C2) dim even, at most H, H constant   (C3) float caches of one shape   (C4) the shapes of the
///           caches as given above   (C5) position ids [B, S] or [1, S]
class IRotaryEmbeddingLayer : public ILayer {
 public:
  /// Which elements are pairs.
  virtual void setInterleaved(bool interleaved) noexcept = 0;
  virtual bool getInterleaved() const noexcept = 0;

  /// How many elements are turned; 0 means all.
  /// Errors    kINVALID_ARGUMENT, false, if it is negative or odd
  virtual bool setRotaryEmbeddingDim(int32_t rotaryEmbeddingDim) noexcept = 0;
  virtual int32_t getRotaryEmbeddingDim() const noexcept = 0;
};

/// How positions of a cache are filled.
enum class KVCacheMode : int32_t {
  kLINEAR = 0  ///< from the write index on
};

template <>
constexpr int32_t EnumMax<KVCacheMode>() noexcept {
  return 1;
}

/// Writes new keys or values into a cache: y[b, h, indices[b] + s] = update[b, h, s]. Positions outside of the cache are dropped.
///
/// Where cache is a network input and y an output the engine names the pair (ICudaEngine::getAliasedInputTensor): give both one
/// address, and only the update moves. With two addresses the cache is copied first.
/// Shapes    cache [B, H, Smax, D], update [B, H, S, D], indices int32 or int64 [B] -> y [as cache]
/// Requires  (C1) rank 4, one type   (C2) equal B, H, D   (C3) indices [B]
class IKVCacheUpdateLayer : public ILayer {
 public:
  /// The mode: kLINEAR.
  /// Errors    kINVALID_ARGUMENT, false, for what is no mode
  virtual bool setCacheMode(KVCacheMode cacheMode) noexcept = 0;
  virtual KVCacheMode getCacheMode() const noexcept = 0;
};

}  // namespace rondo
