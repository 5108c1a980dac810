#include "api/layers/quantization.h"

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_quantized(DataType type, const std::string& who) {
  require(type == DataType::kINT8, who, ": this version quantizes to kINT8 only, not to type ", static_cast<int>(type),
          "; kFP8, kINT4 and kFP4 are not computed with (quantize C3)");
}

void require_real(DataType type, const std::string& who) {
  require(type == DataType::kFLOAT || type == DataType::kHALF || type == DataType::kBF16, who,
          ": dequantization gives kFLOAT, kHALF or kBF16, not type ", static_cast<int>(type), " (dequantize C3)");
}

}  // namespace

template <class Interface>
void QuantizationLayer<Interface>::setAxis(int32_t axis) noexcept {
  this->set("setAxis", [&] {
    require(axis >= -1 && axis < Dims::MAX_DIMS, this->who(), ": axis ", axis, " is outside -1 .. ",
            Dims::MAX_DIMS - 1);
    axis_ = axis;
  });
}

template <class Interface>
bool QuantizationLayer<Interface>::setBlockShape(Dims const& blockShape) noexcept {
  return guarded(this->sink(), "setBlockShape", [&] {
    require(blockShape.nbDims >= 0 && blockShape.nbDims <= Dims::MAX_DIMS, this->who(), ": the block shape has rank ",
            blockShape.nbDims);
    for (int32_t i = 0; i < blockShape.nbDims; ++i) {
      require(blockShape.d[i] >= 1 || blockShape.d[i] == -1, this->who(), ": block shape ", dims_text(blockShape),
              " has an extent that is neither positive nor -1");
    }
    block_ = blockShape;
    this->touch();
  });
}

template <class Interface>
Refs QuantizationLayer<Interface>::emit_op(Emitter& out, const Refs& in, ir::OpKind kind, DType to) const {
  const ir::Attrs attrs{
      {"axis", static_cast<int64_t>(axis_)}, {"block", to_vector(block_)}, {"to", static_cast<int64_t>(to)}};
  return {out.add(kind, attrs, in, this->name())};
}

template class QuantizationLayer<IQuantizeLayer>;
template class QuantizationLayer<IDequantizeLayer>;

QuantizeLayer::QuantizeLayer(Network& network, Tensor& input, Tensor& scale, DataType to)
    : QuantizationLayer(network, LayerType::kQUANTIZE, {&input, &scale}) {
  require_quantized(to, "addQuantize");
}

void QuantizeLayer::setToType(DataType toType) noexcept {
  set("IQuantizeLayer::setToType", [&] { require_quantized(toType, who()); });
}

Refs QuantizeLayer::emit(Emitter& out, const Refs& in) const {
  return emit_op(out, in, ir::OpKind::k_quantize, DType::kInt8);
}

DequantizeLayer::DequantizeLayer(Network& network, Tensor& input, Tensor& scale, std::optional<DataType> to)
    : QuantizationLayer(network, LayerType::kDEQUANTIZE, {&input, &scale}), to_(to) {
  if (to) require_real(*to, "addDequantize");
}

void DequantizeLayer::setToType(DataType toType) noexcept {
  set("IDequantizeLayer::setToType", [&] {
    require_real(toType, who());
    to_ = toType;
  });
}

Refs DequantizeLayer::emit(Emitter& out, const Refs& in) const {
  const DType of_scale = is_float(out.type(in[1]).dtype) ? out.type(in[1]).dtype : DType::kFloat32;
  return emit_op(out, in, ir::OpKind::k_dequantize, to_ ? to_dtype(*to_, who()) : of_scale);
}

}  // namespace rondo::api
