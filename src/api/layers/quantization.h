#pragma once

#include <optional>

#include "api/network/layer.h"
#include "rondo/layers/quantization.h"

namespace rondo::api {

/// What quantize and dequantize share: the scale's axis and blocks.
template <class Interface>
class QuantizationLayer : public LayerOf<Interface> {
 public:
  using LayerOf<Interface>::LayerOf;
  int32_t getAxis() const noexcept override { return axis_; }
  void setAxis(int32_t axis) noexcept override;
  bool setBlockShape(Dims const& blockShape) noexcept override;
  Dims getBlockShape() const noexcept override { return block_; }

 protected:
  size_t max_inputs() const override { return 3; }
  std::vector<Emitter::Ref> emit_op(Emitter& out, const std::vector<Emitter::Ref>& in, ir::OpKind kind, DType to) const;

 private:
  int32_t axis_ = -1;
  Dims block_{0, {}};
};

/// IQuantizeLayer.
class QuantizeLayer final : public QuantizationLayer<IQuantizeLayer> {
 public:
  QuantizeLayer(Network& network, Tensor& input, Tensor& scale, DataType to);
  void setToType(DataType toType) noexcept override;
  DataType getToType() const noexcept override { return DataType::kINT8; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

/// IDequantizeLayer.
class DequantizeLayer final : public QuantizationLayer<IDequantizeLayer> {
 public:
  /// Without a type the output has the scale's.
  DequantizeLayer(Network& network, Tensor& input, Tensor& scale, std::optional<DataType> to);
  void setToType(DataType toType) noexcept override;
  DataType getToType() const noexcept override { return to_.value_or(DataType::kFLOAT); }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  std::optional<DataType> to_;
};

}  // namespace rondo::api
