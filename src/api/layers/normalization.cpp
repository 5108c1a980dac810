#include "api/layers/normalization.h"

#include <cmath>

namespace rondo::api {

NormalizationLayer::NormalizationLayer(Network& network, Tensor& input, Tensor& scale, Tensor& bias, uint32_t axes,
                                       bool v2)
    : LayerOf(network, LayerType::kNORMALIZATION, {&input, &scale, &bias}), axes_(axes), v2_(v2) {
  require(axes != 0, "addNormalization: the axes mask is 0; set the bit of each dimension to normalize");
}

void NormalizationLayer::setEpsilon(float eps) noexcept {
  set("INormalizationLayer::setEpsilon", [&] {
    require(std::isfinite(eps) && eps >= 0, who(), ": epsilon ", eps, " is negative or not finite");
    epsilon_ = eps;
  });
}

void NormalizationLayer::setAxes(uint32_t axesMask) noexcept {
  set("INormalizationLayer::setAxes", [&] {
    require(axesMask != 0, who(), ": the axes mask is 0; set the bit of each dimension to normalize");
    axes_ = axesMask;
  });
}

void NormalizationLayer::setNbGroups(int64_t nbGroups) noexcept {
  set("INormalizationLayer::setNbGroups", [&] {
    require(nbGroups >= 1, who(), ": ", nbGroups, " groups; at least 1 is needed");
    groups_ = nbGroups;
  });
}

void NormalizationLayer::setComputePrecision(DataType type) noexcept {
  set("INormalizationLayer::setComputePrecision", [&] {
    require(type == DataType::kFLOAT || type == DataType::kHALF, who(), ": the compute precision is kFLOAT or kHALF");
    compute_ = type;
  });
}

std::vector<Emitter::Ref> NormalizationLayer::emit(Emitter& out, const std::vector<Emitter::Ref>& in) const {
  const ir::Attrs attrs{{"axes", static_cast<int64_t>(axes_)},
                        {"groups", groups_},
                        {"epsilon", static_cast<double>(epsilon_)},
                        {"v2", int64_t{v2_}}};
  return {out.add(ir::OpKind::k_normalization, attrs, in, name())};
}

}  // namespace rondo::api
