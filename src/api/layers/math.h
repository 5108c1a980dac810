#pragma once

#include <array>
#include <optional>

#include "api/network/layer.h"
#include "rondo/layers/math.h"

namespace rondo::api {

/// IMatrixMultiplyLayer.
class MatrixMultiplyLayer final : public LayerOf<IMatrixMultiplyLayer> {
 public:
  MatrixMultiplyLayer(Network& network, Tensor& a, MatrixOperation op0, Tensor& b, MatrixOperation op1);
  void setOperation(int32_t index, MatrixOperation op) noexcept override;
  MatrixOperation getOperation(int32_t index) const noexcept override;
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  std::array<MatrixOperation, 2> ops_;
};

/// IFullyConnectedLayer.
class FullyConnectedLayer final : public LayerOf<IFullyConnectedLayer> {
 public:
  FullyConnectedLayer(Network& network, Tensor& input, int32_t outputs, const Weights& kernel, const Weights& bias);
  void setNbOutputChannels(int32_t nbOutputs) noexcept override;
  int32_t getNbOutputChannels() const noexcept override { return channels_; }
  void setKernelWeights(Weights weights) noexcept override;
  Weights getKernelWeights() const noexcept override { return kernel_; }
  void setBiasWeights(Weights weights) noexcept override;
  Weights getBiasWeights() const noexcept override { return bias_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  void visit_weights(const std::function<void(const Weights&)>& visit) const override;

 private:
  int32_t channels_;
  Weights kernel_, bias_;
};

/// IReduceLayer.
class ReduceLayer final : public LayerOf<IReduceLayer> {
 public:
  ReduceLayer(Network& network, Tensor& input, ReduceOperation op, uint32_t axes, bool keep);
  void setOperation(ReduceOperation op) noexcept override;
  ReduceOperation getOperation() const noexcept override { return op_; }
  void setReduceAxes(uint32_t reduceAxes) noexcept override;
  uint32_t getReduceAxes() const noexcept override { return axes_; }
  void setKeepDimensions(bool keepDimensions) noexcept override;
  bool getKeepDimensions() const noexcept override { return keep_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  ReduceOperation op_;
  uint32_t axes_;
  bool keep_;
};

/// ISoftMaxLayer.
class SoftMaxLayer final : public LayerOf<ISoftMaxLayer> {
 public:
  SoftMaxLayer(Network& network, Tensor& input) : LayerOf(network, LayerType::kSOFTMAX, {&input}) {}
  void setAxes(uint32_t axes) noexcept override;
  uint32_t getAxes() const noexcept override;
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  std::optional<uint32_t> axes_;
};

/// ITopKLayer.
class TopKLayer final : public LayerOf<ITopKLayer> {
 public:
  TopKLayer(Network& network, Tensor& input, TopKOperation op, int32_t k, uint32_t axes, DataType indices);
  void setOperation(TopKOperation op) noexcept override;
  TopKOperation getOperation() const noexcept override { return op_; }
  void setK(int32_t k) noexcept override;
  int32_t getK() const noexcept override { return k_; }
  void setReduceAxes(uint32_t reduceAxes) noexcept override;
  uint32_t getReduceAxes() const noexcept override { return axes_; }
  bool setIndicesType(DataType type) noexcept override;
  DataType getIndicesType() const noexcept override { return indices_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }

 protected:
  size_t max_inputs() const override { return 2; }

 private:
  TopKOperation op_;
  int32_t k_;
  uint32_t axes_;
  DataType indices_;
};

}  // namespace rondo::api
