#pragma once

#include <optional>
#include <variant>

#include "api/network/layer.h"
#include "rondo/layers/fill.h"
#include "rondo/layers/movement.h"

namespace rondo::api {

/// IScatterLayer.
class ScatterLayer final : public LayerOf<IScatterLayer> {
 public:
  ScatterLayer(Network& network, Tensor& data, Tensor& indices, Tensor& updates, ScatterMode mode);
  void setMode(ScatterMode mode) noexcept override;
  ScatterMode getMode() const noexcept override { return mode_; }
  void setAxis(int32_t axis) noexcept override;
  int32_t getAxis() const noexcept override { return axis_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  ScatterMode mode_;
  int32_t axis_ = 0;
};

/// IOneHotLayer.
class OneHotLayer final : public LayerOf<IOneHotLayer> {
 public:
  OneHotLayer(Network& network, Tensor& indices, Tensor& values, Tensor& depth, int32_t axis);
  void setAxis(int32_t axis) noexcept override;
  int32_t getAxis() const noexcept override { return axis_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 2; }

 private:
  int32_t axis_;
};

/// ISqueezeLayer.
class SqueezeLayer final : public LayerOf<ISqueezeLayer> {
 public:
  SqueezeLayer(Network& network, Tensor& input, Tensor& axes)
      : LayerOf(network, LayerType::kSQUEEZE, {&input, &axes}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }
};

/// IUnsqueezeLayer.
class UnsqueezeLayer final : public LayerOf<IUnsqueezeLayer> {
 public:
  UnsqueezeLayer(Network& network, Tensor& input, Tensor& axes)
      : LayerOf(network, LayerType::kUNSQUEEZE, {&input, &axes}) {}
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }
};

/// IReverseSequenceLayer.
class ReverseSequenceLayer final : public LayerOf<IReverseSequenceLayer> {
 public:
  ReverseSequenceLayer(Network& network, Tensor& input, Tensor& lengths)
      : LayerOf(network, LayerType::kREVERSE_SEQUENCE, {&input, &lengths}) {}
  void setBatchAxis(int32_t batchAxis) noexcept override;
  int32_t getBatchAxis() const noexcept override { return batch_axis_; }
  void setSequenceAxis(int32_t sequenceAxis) noexcept override;
  int32_t getSequenceAxis() const noexcept override { return sequence_axis_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  int32_t batch_axis_ = 1, sequence_axis_ = 0;
};

/// ICumulativeLayer.
class CumulativeLayer final : public LayerOf<ICumulativeLayer> {
 public:
  CumulativeLayer(Network& network, Tensor& input, Tensor& axis, CumulativeOperation op, bool exclusive, bool reverse);
  bool setOperation(CumulativeOperation op) noexcept override;
  CumulativeOperation getOperation() const noexcept override { return op_; }
  void setExclusive(bool exclusive) noexcept override;
  bool getExclusive() const noexcept override { return exclusive_; }
  void setReverse(bool reverse) noexcept override;
  bool getReverse() const noexcept override { return reverse_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }

 private:
  CumulativeOperation op_;
  bool exclusive_, reverse_;
};

/// IFillLayer.
class FillLayer final : public LayerOf<IFillLayer> {
 public:
  FillLayer(Network& network, const Dims& dims, FillOperation op, std::optional<DataType> to);
  void setDimensions(Dims const& dimensions) noexcept override;
  Dims getDimensions() const noexcept override { return dims_; }
  void setOperation(FillOperation op) noexcept override;
  FillOperation getOperation() const noexcept override { return op_; }
  void setAlpha(double alpha) noexcept override { set_parameter(1, alpha); }
  double getAlpha() const noexcept override { return real(1); }
  void setBeta(double beta) noexcept override { set_parameter(2, beta); }
  double getBeta() const noexcept override { return real(2); }
  void setAlphaInt64(int64_t alpha) noexcept override { set_parameter(1, alpha); }
  int64_t getAlphaInt64() const noexcept override { return integer(1); }
  void setBetaInt64(int64_t beta) noexcept override { set_parameter(2, beta); }
  int64_t getBetaInt64() const noexcept override { return integer(2); }
  bool isAlphaBetaInt64() const noexcept override;
  void setToType(DataType toType) noexcept override;
  DataType getToType() const noexcept override { return to_.value_or(DataType::kFLOAT); }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 0; }

 protected:
  size_t max_inputs() const override { return 4; }
  void input_changed(size_t index) override;

 private:
  using Parameter = std::variant<double, int64_t>;
  void set_parameter(size_t input, Parameter value) noexcept;
  const Parameter& parameter(size_t input) const { return input == 1 ? alpha_ : beta_; }
  double real(size_t input) const noexcept;
  int64_t integer(size_t input) const noexcept;
  Emitter::Ref parameter_ref(Emitter& out, const std::vector<Emitter::Ref>& in, size_t input, size_t rank,
                             DType dtype) const;
  DType result_type(Emitter& out, const std::vector<Emitter::Ref>& in) const;

  Dims dims_;
  FillOperation op_;
  std::optional<DataType> to_;
  Parameter alpha_ = 0.0, beta_ = 1.0;
};

}  // namespace rondo::api
