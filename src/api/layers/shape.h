#pragma once

#include <optional>

#include "api/network/layer.h"
#include "rondo/layers/shape.h"

namespace rondo::api {

/// IConstantLayer.
class ConstantLayer final : public LayerOf<IConstantLayer> {
 public:
  ConstantLayer(Network& network, const Dims& dims, const Weights& weights);
  void setWeights(Weights weights) noexcept override;
  Weights getWeights() const noexcept override { return weights_; }
  void setDimensions(Dims const& dimensions) noexcept override;
  Dims getDimensions() const noexcept override { return dims_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  void visit_weights(const std::function<void(const Weights&)>& visit) const override { visit(weights_); }

 private:
  Dims dims_;
  Weights weights_;
};

/// IShuffleLayer.
class ShuffleLayer final : public LayerOf<IShuffleLayer> {
 public:
  ShuffleLayer(Network& network, Tensor& input) : LayerOf(network, LayerType::kSHUFFLE, {&input}) {}
  void setFirstTranspose(Permutation permutation) noexcept override;
  Permutation getFirstTranspose() const noexcept override;
  void setReshapeDimensions(Dims const& dimensions) noexcept override;
  Dims getReshapeDimensions() const noexcept override { return reshape_.value_or(Dims{-1, {}}); }
  void setSecondTranspose(Permutation permutation) noexcept override;
  Permutation getSecondTranspose() const noexcept override;
  void setZeroIsPlaceholder(bool zeroIsPlaceholder) noexcept override;
  bool getZeroIsPlaceholder() const noexcept override { return zero_is_placeholder_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }

 protected:
  size_t max_inputs() const override { return 2; }
  void input_changed(size_t index) override;

 private:
  std::optional<Permutation> first_, second_;
  std::optional<Dims> reshape_;
  bool zero_is_placeholder_ = true;
};

/// ISliceLayer.
class SliceLayer final : public LayerOf<ISliceLayer> {
 public:
  SliceLayer(Network& network, Tensor& input, const Dims& start, const Dims& size, const Dims& stride);
  void setStart(Dims const& start) noexcept override;
  Dims getStart() const noexcept override { return start_; }
  void setSize(Dims const& size) noexcept override;
  Dims getSize() const noexcept override { return size_; }
  void setStride(Dims const& stride) noexcept override;
  Dims getStride() const noexcept override { return stride_; }
  void setMode(SampleMode mode) noexcept override;
  SampleMode getMode() const noexcept override { return mode_; }
  void setAxes(Dims const& axes) noexcept override;
  Dims getAxes() const noexcept override { return axes_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index != 0 && index != 4; }

 protected:
  size_t max_inputs() const override { return 6; }
  void input_changed(size_t index) override;

 private:
  struct Bounds {
    ir::Dims start, size, stride;  ///< one entry per dimension
  };
  Bounds bounds(Emitter& out, const std::vector<Emitter::Ref>& in) const;

  Dims start_, size_, stride_, axes_{-1, {}};
  SampleMode mode_ = SampleMode::kSTRICT_BOUNDS;
};

/// IShapeLayer.
class ShapeLayer final : public LayerOf<IShapeLayer> {
 public:
  ShapeLayer(Network& network, Tensor& input) : LayerOf(network, LayerType::kSHAPE, {&input}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
};

/// IConcatenationLayer.
class ConcatenationLayer final : public LayerOf<IConcatenationLayer> {
 public:
  ConcatenationLayer(Network& network, std::vector<Tensor*> inputs)
      : LayerOf(network, LayerType::kCONCATENATION, std::move(inputs)) {}
  void setAxis(int32_t axis) noexcept override;
  int32_t getAxis() const noexcept override;
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 protected:
  size_t max_inputs() const override { return inputs().size() + 1; }

 private:
  std::optional<int32_t> axis_;
};

/// IGatherLayer.
class GatherLayer final : public LayerOf<IGatherLayer> {
 public:
  GatherLayer(Network& network, Tensor& data, Tensor& indices, GatherMode mode, int32_t axis);
  void setGatherAxis(int32_t axis) noexcept override;
  int32_t getGatherAxis() const noexcept override { return axis_; }
  void setNbElementWiseDims(int32_t k) noexcept override;
  int32_t getNbElementWiseDims() const noexcept override { return elementwise_dims_; }
  void setMode(GatherMode mode) noexcept override;
  GatherMode getMode() const noexcept override { return mode_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  GatherMode mode_;
  int32_t axis_, elementwise_dims_ = 0;
};

}  // namespace rondo::api
