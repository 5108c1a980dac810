#pragma once

#include "api/network/layer.h"
#include "rondo/layers/pointwise.h"
#include "rondo/layers/scale.h"

namespace rondo::api {

/// IActivationLayer.
class ActivationLayer final : public LayerOf<IActivationLayer> {
 public:
  ActivationLayer(Network& network, Tensor& input, ActivationType type);
  void setActivationType(ActivationType type) noexcept override;
  ActivationType getActivationType() const noexcept override { return kind_; }
  void setAlpha(float alpha) noexcept override { alpha_ = alpha; }
  float getAlpha() const noexcept override { return alpha_; }
  void setBeta(float beta) noexcept override { beta_ = beta; }
  float getBeta() const noexcept override { return beta_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  ActivationType kind_;
  float alpha_ = 0, beta_ = 0;
};

/// IElementWiseLayer.
class ElementWiseLayer final : public LayerOf<IElementWiseLayer> {
 public:
  ElementWiseLayer(Network& network, Tensor& a, Tensor& b, ElementWiseOperation op);
  void setOperation(ElementWiseOperation op) noexcept override;
  ElementWiseOperation getOperation() const noexcept override { return op_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  ElementWiseOperation op_;
};

/// IUnaryLayer.
class UnaryLayer final : public LayerOf<IUnaryLayer> {
 public:
  UnaryLayer(Network& network, Tensor& input, UnaryOperation op);
  void setOperation(UnaryOperation op) noexcept override;
  UnaryOperation getOperation() const noexcept override { return op_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  UnaryOperation op_;
};

/// ISelectLayer.
class SelectLayer final : public LayerOf<ISelectLayer> {
 public:
  SelectLayer(Network& network, Tensor& condition, Tensor& then_input, Tensor& else_input)
      : LayerOf(network, LayerType::kSELECT, {&condition, &then_input, &else_input}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

/// IIdentityLayer. Its conversion is the request of setOutputType, which emit_layer meets.
class IdentityLayer final : public LayerOf<IIdentityLayer> {
 public:
  IdentityLayer(Network& network, Tensor& input) : LayerOf(network, LayerType::kIDENTITY, {&input}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

/// ICastLayer.
class CastLayer final : public LayerOf<ICastLayer> {
 public:
  CastLayer(Network& network, Tensor& input, DataType to);
  void setToType(DataType toType) noexcept override;
  DataType getToType() const noexcept override { return to_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  DataType to_;
};

/// IScaleLayer.
class ScaleLayer final : public LayerOf<IScaleLayer> {
 public:
  static constexpr int32_t kDefaultAxis = -1;  ///< the third dimension from the end

  ScaleLayer(Network& network, Tensor& input, ScaleMode mode, const Weights& shift, const Weights& scale,
             const Weights& power, int32_t channel_axis);
  void setMode(ScaleMode mode) noexcept override;
  ScaleMode getMode() const noexcept override { return mode_; }
  void setShift(Weights shift) noexcept override;
  Weights getShift() const noexcept override { return shift_; }
  void setScale(Weights scale) noexcept override;
  Weights getScale() const noexcept override { return scale_; }
  void setPower(Weights power) noexcept override;
  Weights getPower() const noexcept override { return power_; }
  int32_t getChannelAxis() const noexcept override;
  void setChannelAxis(int32_t channelAxis) noexcept override;
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  void visit_weights(const std::function<void(const Weights&)>& visit) const override;

 private:
  ScaleMode mode_;
  Weights shift_, scale_, power_;
  int32_t channel_axis_;
};

}  // namespace rondo::api
