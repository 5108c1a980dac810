#pragma once

#include <vector>

#include "api/network/layer.h"
#include "rondo/layers/sampling.h"

namespace rondo::api {

/// IResizeLayer.
class ResizeLayer final : public LayerOf<IResizeLayer> {
 public:
  ResizeLayer(Network& network, Tensor& input) : LayerOf(network, LayerType::kRESIZE, {&input}) {}
  void setOutputDimensions(Dims const& dimensions) noexcept override;
  Dims getOutputDimensions() const noexcept override { return dims_; }
  void setScales(float const* scales, int32_t nbScales) noexcept override;
  int32_t getScales(int32_t size, float* scales) const noexcept override;
  void setResizeMode(InterpolationMode interpolationMode) noexcept override;
  InterpolationMode getResizeMode() const noexcept override { return mode_; }
  void setAlignCorners(bool alignCorners) noexcept override;
  bool getAlignCorners() const noexcept override {
    return coordinates_ == ResizeCoordinateTransformation::kALIGN_CORNERS;
  }
  void setCoordinateTransformation(ResizeCoordinateTransformation coordTransform) noexcept override;
  ResizeCoordinateTransformation getCoordinateTransformation() const noexcept override { return coordinates_; }
  void setSelectorForSinglePixel(ResizeSelector selector) noexcept override;
  ResizeSelector getSelectorForSinglePixel() const noexcept override { return selector_; }
  void setNearestRounding(ResizeRoundMode value) noexcept override;
  ResizeRoundMode getNearestRounding() const noexcept override { return rounding_; }
  void setCubicCoeff(float A) noexcept override;
  float getCubicCoeff() const noexcept override { return cubic_coeff_; }
  void setExcludeOutside(bool excludeFlag) noexcept override;
  bool getExcludeOutside() const noexcept override { return exclude_outside_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t index) const override { return index == 1; }

 protected:
  size_t max_inputs() const override { return 2; }
  void input_changed(size_t index) override;

 private:
  ir::Dims output_dims(Emitter& out, const std::vector<Emitter::Ref>& in) const;

  Dims dims_{-1, {}};
  std::vector<float> scales_;
  bool has_scales_ = false;
  InterpolationMode mode_ = InterpolationMode::kNEAREST;
  ResizeCoordinateTransformation coordinates_ = ResizeCoordinateTransformation::kASYMMETRIC;
  ResizeSelector selector_ = ResizeSelector::kFORMULA;
  ResizeRoundMode rounding_ = ResizeRoundMode::kFLOOR;
  float cubic_coeff_ = -0.75F;
  bool exclude_outside_ = false;
};

/// IGridSampleLayer.
class GridSampleLayer final : public LayerOf<IGridSampleLayer> {
 public:
  GridSampleLayer(Network& network, Tensor& input, Tensor& grid)
      : LayerOf(network, LayerType::kGRID_SAMPLE, {&input, &grid}) {}
  void setInterpolationMode(InterpolationMode mode) noexcept override;
  InterpolationMode getInterpolationMode() const noexcept override { return mode_; }
  void setAlignCorners(bool alignCorners) noexcept override;
  bool getAlignCorners() const noexcept override { return align_corners_; }
  bool setSampleMode(SampleMode mode) noexcept override;
  SampleMode getSampleMode() const noexcept override { return sample_mode_; }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  InterpolationMode mode_ = InterpolationMode::kLINEAR;
  bool align_corners_ = false;
  SampleMode sample_mode_ = SampleMode::kFILL;
};

}  // namespace rondo::api
