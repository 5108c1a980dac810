#include "layernorm_plugin.h"

#include <cmath>
#include <cstring>

using namespace nvinfer1;

REGISTER_TENSORRT_PLUGIN(LayerNormPluginCreator);

namespace {

constexpr float kEpsilon = 6e-6F;

float from_half(uint16_t h) {
  const int exponent = (h >> 10) & 31, fraction = h & 1023;
  const float magnitude = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                          : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                           : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return (h & 0x8000) != 0 ? -magnitude : magnitude;
}

uint16_t to_half(float x) {
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  const float magnitude = std::fabs(x);
  if (std::isnan(x)) return 0x7E00;
  if (magnitude >= 65520) return static_cast<uint16_t>(sign | 0x7C00);
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  exponent = exponent < -13 ? -13 : exponent;
  const auto steps = static_cast<int>(std::nearbyint(std::ldexp(magnitude, 11 - exponent)));  // of 2^(exponent - 11)
  return static_cast<uint16_t>(sign | (steps + (exponent + 13) * 1024));
}

/// One row, in f32 whatever the type of the tensor.
template <class T, class Load, class Store>
void normalize(T const* x, T* y, int64_t width, Load load, Store store) {
  double mean = 0, variance = 0;
  for (int64_t i = 0; i < width; ++i) mean += load(x[i]);
  mean /= static_cast<double>(width);
  for (int64_t i = 0; i < width; ++i) variance += (load(x[i]) - mean) * (load(x[i]) - mean);
  variance /= static_cast<double>(width);
  const double scale = 1 / std::sqrt(variance + static_cast<double>(kEpsilon));
  for (int64_t i = 0; i < width; ++i) y[i] = store(static_cast<float>((load(x[i]) - mean) * scale));
}

}  // namespace

DimsExprs LayerNormPlugin::getOutputDimensions(int32_t, DimsExprs const* inputs, int32_t, IExprBuilder&) noexcept {
  return inputs[0];
}

DataType LayerNormPlugin::getOutputDataType(int32_t, DataType const* inputTypes, int32_t) const noexcept {
  return inputTypes[0];
}

bool LayerNormPlugin::supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t, int32_t) noexcept {
  const bool known = inOut[0].type == DataType::kFLOAT || inOut[0].type == DataType::kHALF;
  return known && inOut[pos].type == inOut[0].type && inOut[pos].format == TensorFormat::kLINEAR;
}

size_t LayerNormPlugin::getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*,
                                         int32_t) const noexcept {
  return 0;
}

int32_t LayerNormPlugin::enqueue(PluginTensorDesc const* inputDesc, PluginTensorDesc const*, void const* const* inputs,
                                 void* const* outputs, void*, cudaStream_t) noexcept {
  Dims const& dims = inputDesc[0].dims;
  if (dims.nbDims < 1) return 1;
  const int64_t width = dims.d[dims.nbDims - 1];
  int64_t rows = 1;
  for (int32_t i = 0; i + 1 < dims.nbDims; ++i) rows *= dims.d[i];
  for (int64_t r = 0; r < rows; ++r) {
    if (inputDesc[0].type == DataType::kHALF) {
      normalize(static_cast<uint16_t const*>(inputs[0]) + r * width, static_cast<uint16_t*>(outputs[0]) + r * width,
                width, from_half, to_half);
    } else {
      const auto same = [](float v) { return v; };
      normalize(static_cast<float const*>(inputs[0]) + r * width, static_cast<float*>(outputs[0]) + r * width, width,
                same, same);
    }
  }
  return 0;
}
