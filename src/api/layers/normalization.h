#pragma once

#include "api/network/layer.h"
#include "rondo/layers/normalization.h"

namespace rondo::api {

/// INormalizationLayer.
class NormalizationLayer final : public LayerOf<INormalizationLayer> {
 public:
  NormalizationLayer(Network& network, Tensor& input, Tensor& scale, Tensor& bias, uint32_t axes, bool v2);
  void setEpsilon(float eps) noexcept override;
  float getEpsilon() const noexcept override { return epsilon_; }
  void setAxes(uint32_t axesMask) noexcept override;
  uint32_t getAxes() const noexcept override { return axes_; }
  void setNbGroups(int64_t nbGroups) noexcept override;
  int64_t getNbGroups() const noexcept override { return groups_; }
  void setComputePrecision(DataType type) noexcept override;
  DataType getComputePrecision() const noexcept override { return compute_; }
  bool isV2() const noexcept override { return v2_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  uint32_t axes_;
  bool v2_;
  float epsilon_ = 1e-5f;
  int64_t groups_ = 1;
  DataType compute_ = DataType::kFLOAT;
};

}  // namespace rondo::api
