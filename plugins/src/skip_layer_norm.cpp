#include "plugins.h"

namespace rondo::bundled {
namespace {

constexpr float kEpsilon = 1e-12F;  // BERT's own

bool has_residual(char const* version) { return std::string(version) == "4"; }
bool takes_any_float(char const* version) { return std::string(version) >= "3"; }

}  // namespace

SkipLayerNorm::SkipLayerNorm(char const* version, Fields const& fields)
    : BundledPlugin(kType, version),
      residual_(has_residual(version)),
      any_float_(takes_any_float(version)),
      type_(type_of_id(any_float_ ? 0 : fields.integer("type_id", 0))),
      beta_(fields.required("beta")),
      gamma_(fields.required("gamma")),
      bias_(fields.numbers("bias")) {
  const auto width = static_cast<size_t>(fields.integer("ld", static_cast<int32_t>(gamma_->size())));
  if (gamma_->size() != width || beta_->size() != width || (!bias_->empty() && bias_->size() != width)) {
    throw BadParameter("beta, gamma and bias need ld elements each");
  }
}

SkipLayerNorm::SkipLayerNorm(char const* version, Reader& reader)
    : BundledPlugin(kType, version),
      residual_(has_residual(version)),
      any_float_(takes_any_float(version)),
      type_(type_of_id(reader.integer())),
      beta_(reader.numbers()),
      gamma_(reader.numbers()),
      bias_(reader.numbers()) {
  reader.finish();
  const bool fits = beta_->size() == gamma_->size() && (bias_->empty() || bias_->size() == gamma_->size());
  if (!fits || gamma_->empty()) throw BadParameter("the parameters in the plan are damaged");
}

void SkipLayerNorm::write(Writer& to) const {
  to.integer(static_cast<int32_t>(type_));
  to.numbers(beta_);
  to.numbers(gamma_);
  to.numbers(bias_);
}

bool SkipLayerNorm::supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t, int32_t) noexcept {
  return same_float(pos, inOut) && (any_float_ || inOut[pos].type == type_);
}

int32_t SkipLayerNorm::enqueue(PluginTensorDesc const* in, PluginTensorDesc const*, void const* const* inputs,
                               void* const* outputs, void*, cudaStream_t) noexcept {
  const auto width = static_cast<int64_t>(gamma_->size());
  const int64_t total = volume(in[0].dims);
  if (total % width != 0 || volume(in[1].dims) != total) return 2;
  float* const row = scratch(2 * width);
  if (row == nullptr) return 3;
  for (int64_t first = 0; first < total; first += width) {
    load(inputs[0], in[0].type, first, width, row);
    load(inputs[1], in[1].type, first, width, row + width);
    for (int64_t i = 0; i < width; ++i) row[i] += row[width + i];
    if (!bias_->empty()) {
      for (int64_t i = 0; i < width; ++i) row[i] += (*bias_)[static_cast<size_t>(i)];
    }
    if (residual_) store(row, in[0].type, first, width, outputs[1]);
    normalize_row(row, width, kEpsilon, gamma_->data(), beta_->data(), row);
    store(row, in[0].type, first, width, outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
