#include "plugins.h"

namespace rondo::bundled {

LayerNorm::LayerNorm(int32_t /*version*/, Fields const& fields)
    : gamma_(fields.numbers("gamma")),
      beta_(fields.numbers("beta")),
      epsilon_(fields.real("eps", fields.real("epsilon", 6e-6F))) {}

LayerNorm::LayerNorm(int32_t /*version*/, Reader& reader)
    : gamma_(reader.numbers()), beta_(reader.numbers()), epsilon_(reader.real()) {
  reader.finish();
}

void LayerNorm::write(Writer& to) const {
  to.numbers("gamma", gamma_);
  to.numbers("beta", beta_);
  to.real("eps", epsilon_);
}

int32_t LayerNorm::compute(Run const& run) const {
  Dims const& dims = run.in[0].dims;
  if (dims.nbDims < 1 || (run.input_count != 1 && run.input_count != 3)) return 1;
  const int64_t width = dims.d[dims.nbDims - 1], rows = volume(dims, 0, dims.nbDims - 1);
  if (volume(run.out[0].dims) != rows * width) return 2;
  const bool tensors = run.input_count == 3;
  for (int32_t i = 1; i < run.input_count; ++i) {
    if (volume(run.in[i].dims) != width) return 2;
  }
  for (Numbers const& list : {gamma_, beta_}) {
    if (!tensors && !list->empty() && static_cast<int64_t>(list->size()) != width) return 2;
  }
  float* const row = scratch(3 * width);
  if (row == nullptr) return 3;
  float const* scale = gamma_->empty() ? nullptr : gamma_->data();
  float const* shift = beta_->empty() ? nullptr : beta_->data();
  if (tensors) {
    load(run.inputs[1], run.in[1].type, 0, width, row + width);
    load(run.inputs[2], run.in[2].type, 0, width, row + 2 * width);
    scale = row + width;
    shift = row + 2 * width;
  }
  for (int64_t r = 0; r < rows; ++r) {
    load(run.inputs[0], run.in[0].type, r * width, width, row);
    normalize_row(row, width, epsilon_, scale, shift, row);
    store(row, run.in[0].type, r * width, width, run.outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
