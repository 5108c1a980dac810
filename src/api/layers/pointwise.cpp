#include "api/layers/pointwise.h"

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

ActivationLayer::ActivationLayer(Network& network, Tensor& input, ActivationType type)
    : LayerOf(network, LayerType::kACTIVATION, {&input}), kind_(type) {
  require_enum(type, "addActivation: ActivationType");
}

void ActivationLayer::setActivationType(ActivationType type) noexcept {
  set("IActivationLayer::setActivationType", [&] {
    require_enum(type, "IActivationLayer::setActivationType: ActivationType");
    kind_ = type;
  });
}

Refs ActivationLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"type", static_cast<int64_t>(kind_)},
                  {"alpha", static_cast<double>(alpha_)},
                  {"beta", static_cast<double>(beta_)}};
  return {out.add(ir::OpKind::k_activation, attrs, in, name())};
}

ElementWiseLayer::ElementWiseLayer(Network& network, Tensor& a, Tensor& b, ElementWiseOperation op)
    : LayerOf(network, LayerType::kELEMENTWISE, {&a, &b}), op_(op) {
  require_enum(op, "addElementWise: ElementWiseOperation");
}

void ElementWiseLayer::setOperation(ElementWiseOperation op) noexcept {
  set("IElementWiseLayer::setOperation", [&] {
    require_enum(op, "IElementWiseLayer::setOperation: ElementWiseOperation");
    op_ = op;
  });
}

Refs ElementWiseLayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  promote(*this, out, operands);
  return {out.add(ir::OpKind::k_elementwise, {{"op", static_cast<int64_t>(op_)}}, operands, name())};
}

UnaryLayer::UnaryLayer(Network& network, Tensor& input, UnaryOperation op)
    : LayerOf(network, LayerType::kUNARY, {&input}), op_(op) {
  require_enum(op, "addUnary: UnaryOperation");
}

void UnaryLayer::setOperation(UnaryOperation op) noexcept {
  set("IUnaryLayer::setOperation", [&] {
    require_enum(op, "IUnaryLayer::setOperation: UnaryOperation");
    op_ = op;
  });
}

Refs UnaryLayer::emit(Emitter& out, const Refs& in) const {
  return {out.add(ir::OpKind::k_unary, {{"op", static_cast<int64_t>(op_)}}, in, name())};
}

Refs SelectLayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  promote(*this, out, operands, 1);
  return {out.add(ir::OpKind::k_pointwise, {{"fn", std::string("select")}}, operands, name())};
}

Refs IdentityLayer::emit(Emitter& out, const Refs& in) const {
  return {out.add(ir::OpKind::k_identity, {}, in, name())};
}

CastLayer::CastLayer(Network& network, Tensor& input, DataType to)
    : LayerOf(network, LayerType::kCAST, {&input}), to_(to) {
  to_dtype(to, "addCast: the target type");
}

void CastLayer::setToType(DataType toType) noexcept {
  set("ICastLayer::setToType", [&] {
    to_dtype(toType, who() + ": the target type");
    to_ = toType;
  });
}

Refs CastLayer::emit(Emitter& out, const Refs& in) const {
  const DType to = to_dtype(to_, who());
  if (out.type(in[0]).dtype == to) return {out.add(ir::OpKind::k_identity, {}, in, name())};
  return {out.cast(in[0], to, name())};
}

ScaleLayer::ScaleLayer(Network& network, Tensor& input, ScaleMode mode, const Weights& shift, const Weights& scale,
                       const Weights& power, int32_t channel_axis)
    : LayerOf(network, LayerType::kSCALE, {&input}),
      mode_(mode),
      shift_(shift),
      scale_(scale),
      power_(power),
      channel_axis_(channel_axis) {
  require_enum(mode, "addScale: ScaleMode");
  require_weights(shift, "addScale: shift");
  require_weights(scale, "addScale: scale");
  require_weights(power, "addScale: power");
}

void ScaleLayer::setMode(ScaleMode mode) noexcept {
  set("IScaleLayer::setMode", [&] {
    require_enum(mode, "IScaleLayer::setMode: ScaleMode");
    mode_ = mode;
  });
}

void ScaleLayer::setShift(Weights shift) noexcept {
  set("IScaleLayer::setShift", [&] {
    require_weights(shift, who() + ": shift");
    shift_ = shift;
  });
}

void ScaleLayer::setScale(Weights scale) noexcept {
  set("IScaleLayer::setScale", [&] {
    require_weights(scale, who() + ": scale");
    scale_ = scale;
  });
}

void ScaleLayer::setPower(Weights power) noexcept {
  set("IScaleLayer::setPower", [&] {
    require_weights(power, who() + ": power");
    power_ = power;
  });
}

int32_t ScaleLayer::getChannelAxis() const noexcept {
  if (channel_axis_ != kDefaultAxis) return channel_axis_;
  return std::max(0, input(0)->getDimensions().nbDims - 3);
}

void ScaleLayer::setChannelAxis(int32_t channelAxis) noexcept {
  set("IScaleLayer::setChannelAxis", [&] {
    require(channelAxis >= 0 && channelAxis < Dims::MAX_DIMS, who(), ": channel axis ", channelAxis,
            " is outside 0 .. ", Dims::MAX_DIMS - 1);
    channel_axis_ = channelAxis;
  });
}

void ScaleLayer::visit_weights(const std::function<void(const Weights&)>& visit) const {
  for (const Weights* weights : {&shift_, &scale_, &power_}) visit(*weights);
}

Refs ScaleLayer::emit(Emitter& out, const Refs& in) const {
  const ir::TensorType x = out.type(in[0]);
  const int64_t axis = channel_axis_ == kDefaultAxis ? std::max(0, x.rank() - 3) : channel_axis_;
  Refs operands = in;
  const double defaults[] = {0, 1, 1};
  const Weights* weights[] = {&shift_, &scale_, &power_};
  for (int i = 0; i < 3; ++i) {
    const int64_t count = std::max<int64_t>(1, weights[i]->count);
    operands.push_back(weights_constant(*this, out, *weights[i], {count}, x.dtype, defaults[i]));
  }
  ir::Attrs attrs{{"mode", static_cast<int64_t>(mode_)}, {"channel_axis", axis}};
  return {out.add(ir::OpKind::k_scale, attrs, operands, name())};
}

}  // namespace rondo::api
