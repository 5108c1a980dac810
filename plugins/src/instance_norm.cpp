#include "plugins.h"

namespace rondo::bundled {

InstanceNorm::InstanceNorm(int32_t /*version*/, Fields const& fields)
    : epsilon_(fields.real("epsilon", 1e-5F)),
      alpha_(fields.real("alpha", 0)),
      relu_(fields.integer("relu", 0)),
      scales_(fields.required("scales")),
      bias_(fields.required("bias")) {
  if (scales_->size() != bias_->size()) throw BadParameter("scales and bias need one element per channel each");
}

InstanceNorm::InstanceNorm(int32_t /*version*/, Reader& reader)
    : epsilon_(reader.real()),
      alpha_(reader.real()),
      relu_(reader.integer()),
      scales_(reader.numbers()),
      bias_(reader.numbers()) {
  reader.finish();
  if (scales_->size() != bias_->size()) throw BadParameter("the parameters in the plan are damaged");
}

void InstanceNorm::write(Writer& to) const {
  to.real("epsilon", epsilon_);
  to.real("alpha", alpha_);
  to.integer("relu", relu_);
  to.numbers("scales", scales_);
  to.numbers("bias", bias_);
}

int32_t InstanceNorm::compute(Run const& run) const {
  Dims const& dims = run.in[0].dims;
  const auto channels = static_cast<int64_t>(scales_->size());
  if (dims.nbDims < 2 || dims.d[1] != channels) return 2;
  const int64_t width = volume(dims, 2, dims.nbDims), rows = dims.d[0] * channels;
  if (volume(run.out[0].dims) != rows * width) return 2;
  float* const row = scratch(width);
  if (row == nullptr) return 3;
  for (int64_t r = 0; r < rows; ++r) {
    const auto c = static_cast<size_t>(r % channels);
    load(run.inputs[0], run.in[0].type, r * width, width, row);
    normalize_row(row, width, epsilon_, nullptr, nullptr, row);
    for (int64_t i = 0; i < width; ++i) row[i] = row[i] * (*scales_)[c] + (*bias_)[c];
    for (int64_t i = 0; relu_ != 0 && i < width; ++i) row[i] = row[i] < 0 ? alpha_ * row[i] : row[i];
    store(row, run.in[0].type, r * width, width, run.outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
