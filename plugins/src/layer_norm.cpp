#include "plugins.h"

namespace rondo::bundled {

LayerNorm::LayerNorm(char const* version, Fields const& fields)
    : BundledPlugin(kType, version),
      gamma_(fields.numbers("gamma")),
      beta_(fields.numbers("beta")),
      epsilon_(fields.real("eps", fields.real("epsilon", 6e-6F))) {}

LayerNorm::LayerNorm(char const* version, Reader& reader)
    : BundledPlugin(kType, version), gamma_(reader.numbers()), beta_(reader.numbers()), epsilon_(reader.real()) {
  reader.finish();
}

void LayerNorm::write(Writer& to) const {
  to.numbers(gamma_);
  to.numbers(beta_);
  to.real(epsilon_);
}

bool LayerNorm::supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t, int32_t) noexcept {
  return same_float(pos, inOut);
}

void LayerNorm::configurePlugin(DynamicPluginTensorDesc const*, int32_t nbInputs, DynamicPluginTensorDesc const*,
                                int32_t) noexcept {
  inputs_ = nbInputs;
}

int32_t LayerNorm::enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* inputs,
                           void* const* outputs, void*, cudaStream_t) noexcept {
  Dims const& dims = in[0].dims;
  if (dims.nbDims < 1 || (inputs_ != 1 && inputs_ != 3)) return 1;
  const int64_t width = dims.d[dims.nbDims - 1], rows = volume(dims, 0, dims.nbDims - 1);
  const bool tensors = inputs_ == 3;
  for (int32_t i = 1; i < inputs_; ++i) {
    if (volume(in[i].dims) != width) return 2;
  }
  for (Numbers const& list : {gamma_, beta_}) {
    if (!tensors && !list->empty() && static_cast<int64_t>(list->size()) != width) return 2;
  }
  float* const row = scratch(3 * width);
  if (row == nullptr) return 3;
  float const* scale = gamma_->empty() ? nullptr : gamma_->data();
  float const* shift = beta_->empty() ? nullptr : beta_->data();
  if (tensors) {
    load(inputs[1], in[1].type, 0, width, row + width);
    load(inputs[2], in[2].type, 0, width, row + 2 * width);
    scale = row + width;
    shift = row + 2 * width;
  }
  for (int64_t r = 0; r < rows; ++r) {
    load(inputs[0], in[0].type, r * width, width, row);
    normalize_row(row, width, epsilon_, scale, shift, row);
    store(row, in[0].type, r * width, width, outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
