#pragma once

#include "api/network/layer.h"
#include "rondo/layers/detection.h"
#include "rondo/layers/math.h"
#include "rondo/layers/pointwise.h"

namespace rondo::api {

/// INMSLayer.
class NMSLayer final : public LayerOf<INMSLayer> {
 public:
  NMSLayer(Network& network, Tensor& boxes, Tensor& scores, Tensor& max_per_class, DataType indices);
  void setBoundingBoxFormat(BoundingBoxFormat fmt) noexcept override;
  BoundingBoxFormat getBoundingBoxFormat() const noexcept override { return format_; }
  void setTopKBoxLimit(int32_t limit) noexcept override;
  int32_t getTopKBoxLimit() const noexcept override { return limit_; }
  bool setIndicesType(DataType type) noexcept override;
  DataType getIndicesType() const noexcept override { return indices_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 2; }

 protected:
  size_t max_inputs() const override { return 5; }

 private:
  BoundingBoxFormat format_ = BoundingBoxFormat::kCORNER_PAIRS;
  int32_t limit_ = 5000;
  DataType indices_;
};

/// INonZeroLayer.
class NonZeroLayer final : public LayerOf<INonZeroLayer> {
 public:
  NonZeroLayer(Network& network, Tensor& input, DataType indices);
  bool setIndicesType(DataType type) noexcept override;
  DataType getIndicesType() const noexcept override { return indices_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  DataType indices_;
};

/// IRaggedSoftMaxLayer.
class RaggedSoftMaxLayer final : public LayerOf<IRaggedSoftMaxLayer> {
 public:
  RaggedSoftMaxLayer(Network& network, Tensor& input, Tensor& bounds)
      : LayerOf(network, LayerType::kRAGGED_SOFTMAX, {&input, &bounds}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

/// IParametricReLULayer.
class ParametricReLULayer final : public LayerOf<IParametricReLULayer> {
 public:
  ParametricReLULayer(Network& network, Tensor& input, Tensor& slope)
      : LayerOf(network, LayerType::kPARAMETRIC_RELU, {&input, &slope}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

}  // namespace rondo::api
