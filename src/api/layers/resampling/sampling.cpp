// Resize and grid sample. An output extent of a resize by a scale is floor(extent * scale). A float is a ratio of two
// integers, the lower one a power of two, so the extent is exact and stays an expression where the input's extent is
// one.

#include "api/layers/resampling/sampling.h"

#include <algorithm>
#include <cmath>

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

constexpr int kMostBits = 62;

// floor(extent * scale); refused where numerator or denominator leave 62 bits.
ir::Dim scaled(ir::DimPool& dims, ir::Dim extent, float scale, const std::string& who) {
  int exponent = 0;
  auto numerator = static_cast<int64_t>(std::ldexp(std::frexp(scale, &exponent), 24));
  exponent -= 24;
  for (; numerator % 2 == 0; numerator /= 2) ++exponent;
  require(exponent > -kMostBits && exponent < kMostBits - 24, who, ": scale ", scale, " is out of range");
  if (exponent > 0) numerator <<= exponent;
  const ir::Dim product = dims.mul(extent, dims.constant(numerator));
  return exponent < 0 ? dims.floor_div(product, dims.constant(int64_t{1} << -exponent)) : product;
}

}  // namespace

void ResizeLayer::setOutputDimensions(Dims const& dimensions) noexcept {
  set("IResizeLayer::setOutputDimensions", [&] {
    require_shape(dimensions, false, who() + ": output dimensions");
    dims_ = dimensions;
    scales_.clear();
    has_scales_ = false;
  });
}

void ResizeLayer::setScales(float const* scales, int32_t nbScales) noexcept {
  set("IResizeLayer::setScales", [&] {
    require(nbScales >= 0 && nbScales <= Dims::MAX_DIMS, who(), ": ", nbScales, " scales, outside 0 .. ",
            Dims::MAX_DIMS);
    require(scales != nullptr || nbScales == 0, who(), ": the scales are null");
    for (int32_t i = 0; i < nbScales; ++i) {
      require(std::isfinite(scales[i]) && scales[i] > 0, who(), ": scale ", i, " is ", scales[i],
              ", must be finite and above 0");
    }
    scales_.assign(scales, scales + nbScales);
    has_scales_ = true;
    dims_ = Dims{-1, {}};
  });
}

int32_t ResizeLayer::getScales(int32_t size, float* scales) const noexcept {
  if (!has_scales_) return -1;
  const auto count = static_cast<int32_t>(scales_.size());
  if (size == count && scales != nullptr) std::copy(scales_.begin(), scales_.end(), scales);
  return count;
}

void ResizeLayer::setResizeMode(InterpolationMode interpolationMode) noexcept {
  set("IResizeLayer::setResizeMode", [&] {
    require_enum(interpolationMode, "IResizeLayer::setResizeMode: InterpolationMode");
    mode_ = interpolationMode;
  });
}

void ResizeLayer::setAlignCorners(bool alignCorners) noexcept {
  set("IResizeLayer::setAlignCorners", [&] {
    coordinates_ =
        alignCorners ? ResizeCoordinateTransformation::kALIGN_CORNERS : ResizeCoordinateTransformation::kASYMMETRIC;
  });
}

void ResizeLayer::setCoordinateTransformation(ResizeCoordinateTransformation coordTransform) noexcept {
  set("IResizeLayer::setCoordinateTransformation", [&] {
    require_enum(coordTransform, "IResizeLayer::setCoordinateTransformation: ResizeCoordinateTransformation");
    coordinates_ = coordTransform;
  });
}

void ResizeLayer::setSelectorForSinglePixel(ResizeSelector selector) noexcept {
  set("IResizeLayer::setSelectorForSinglePixel", [&] {
    require_enum(selector, "IResizeLayer::setSelectorForSinglePixel: ResizeSelector");
    selector_ = selector;
  });
}

void ResizeLayer::setNearestRounding(ResizeRoundMode value) noexcept {
  set("IResizeLayer::setNearestRounding", [&] {
    require_enum(value, "IResizeLayer::setNearestRounding: ResizeRoundMode");
    rounding_ = value;
  });
}

void ResizeLayer::setCubicCoeff(float A) noexcept {
  set("IResizeLayer::setCubicCoeff", [&] {
    require(std::isfinite(A), who(), ": the cubic coefficient is not finite");
    cubic_coeff_ = A;
  });
}

void ResizeLayer::setExcludeOutside(bool excludeFlag) noexcept {
  set("IResizeLayer::setExcludeOutside", [&] { exclude_outside_ = excludeFlag; });
}

void ResizeLayer::input_changed(size_t index) {
  if (index != 1) return;
  dims_ = Dims{-1, {}};
  scales_.clear();
  has_scales_ = false;
}

ir::Dims ResizeLayer::output_dims(Emitter& out, const Refs& in) const {
  if (in.size() > 1 && in[1] != Emitter::kNoRef)
    return shape_operand(*this, out, in[1], "input 1, the output dimensions,");
  const ir::Dims extents = out.type(in[0]).dims;
  if (!has_scales_) {
    require(dims_.nbDims >= 0, who(), ": no output size; call setOutputDimensions or setScales, or set input 1");
    return to_inner(out.dims(), dims_);
  }
  require(scales_.size() == extents.size(), who(), ": ", scales_.size(), " scales for an input of rank ",
          extents.size(), " (resize C1)");
  ir::Dims result;
  for (size_t i = 0; i < extents.size(); ++i) result.push_back(scaled(out.dims(), extents[i], scales_[i], who()));
  return result;
}

Refs ResizeLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"shape", output_dims(out, in)},
                  {"mode", static_cast<int64_t>(mode_)},
                  {"transform", static_cast<int64_t>(coordinates_)},
                  {"selector", static_cast<int64_t>(selector_)},
                  {"rounding", static_cast<int64_t>(rounding_)},
                  {"cubic_coeff", static_cast<double>(cubic_coeff_)},
                  {"exclude_outside", int64_t{exclude_outside_}}};
  return {out.add(ir::OpKind::k_resize, attrs, {in[0]}, name())};
}

void GridSampleLayer::setInterpolationMode(InterpolationMode mode) noexcept {
  set("IGridSampleLayer::setInterpolationMode", [&] {
    require_enum(mode, "IGridSampleLayer::setInterpolationMode: InterpolationMode");
    mode_ = mode;
  });
}

void GridSampleLayer::setAlignCorners(bool alignCorners) noexcept {
  set("IGridSampleLayer::setAlignCorners", [&] { align_corners_ = alignCorners; });
}

bool GridSampleLayer::setSampleMode(SampleMode mode) noexcept {
  return guarded(sink(), "IGridSampleLayer::setSampleMode", [&] {
    require(mode == SampleMode::kFILL || mode == SampleMode::kCLAMP || mode == SampleMode::kREFLECT, who(),
            ": sample mode ", static_cast<int64_t>(mode), " is none of kFILL, kCLAMP, kREFLECT (grid_sample C5)");
    sample_mode_ = mode;
    touch();
  });
}

Refs GridSampleLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"mode", static_cast<int64_t>(mode_)},
                  {"padding", static_cast<int64_t>(sample_mode_)},
                  {"align_corners", int64_t{align_corners_}}};
  return {out.add(ir::OpKind::k_grid_sample, attrs, in, name())};
}

}  // namespace rondo::api
