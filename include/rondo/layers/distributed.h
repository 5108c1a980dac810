/// Layers of large distributed models that this version names and refuses: mixture of experts and collectives.
#pragma once

#include "rondo/layers/math.h"

namespace rondo {

/// Activation between the products of an expert.
enum class MoEActType : int32_t {
  kNONE = 0,  ///< none
  kSILU = 1   ///< x sigmoid(x)
};

template <>
constexpr int32_t EnumMax<MoEActType>() noexcept {
  return 2;
}

/// What a collective does between devices.
enum class CollectiveOperation : int32_t {
  kALL_REDUCE = 0,      ///< fold, result everywhere
  kALL_GATHER = 1,      ///< join, result everywhere
  kBROADCAST = 2,       ///< copy of the root's tensor
  kREDUCE = 3,          ///< fold, result at the root
  kREDUCE_SCATTER = 4,  ///< fold, one part of the result each
  kALL_TO_ALL = 5,      ///< one part to each (11)
  kGATHER = 6,          ///< join, result at the root (11)
  kSCATTER = 7          ///< one part of the root's tensor each (11)
};

template <>
constexpr int32_t EnumMax<CollectiveOperation>() noexcept {
  return 8;
}

/// A mixture of experts. No network holds one: addMoE refuses. Write the experts as gather, matrix multiply and scatter.
class IMoELayer : public ILayer {
 public:
  /// The products of an expert: down(act(gate(x)) * up(x)).
  virtual void setGatedWeights(ITensor& fcGateWeights, ITensor& fcUpWeights, ITensor& fcDownWeights,
                               MoEActType activationType) noexcept = 0;
  virtual void setGatedBiases(ITensor& fcGateBiases, ITensor& fcUpBiases, ITensor& fcDownBiases) noexcept = 0;

  /// The activation.
  virtual void setActivationType(MoEActType activationType) noexcept = 0;
  virtual MoEActType getActivationType() const noexcept = 0;

  /// Clamp and factors of the gated activation.
  virtual void setSwigluParams(float limit, float alpha, float beta) noexcept = 0;
};

/// A collective between devices. No network holds one: addDistCollective refuses, a plan runs on one device.
class IDistCollectiveLayer : public ILayer {};

}  // namespace rondo
