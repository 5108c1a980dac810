#include "plugins.h"

namespace rondo::bundled {
namespace {

constexpr float kEpsilon = 1e-12F;  // BERT's own

bool has_residual(int32_t version) { return version == 4; }
/// Of the type that the fields tell, or any in versions that have no such field.
std::optional<DataType> type_of(int32_t version, int32_t type_id) {
  return version >= 3 ? std::nullopt : std::optional(type_of_id(type_id));
}

/// The hidden dimension.
int32_t axis_of(Dims const& dims) { return dims.nbDims == 5 ? 2 : dims.nbDims == 4 ? 1 : dims.nbDims - 1; }

}  // namespace

SkipLayerNorm::SkipLayerNorm(int32_t version, Fields const& fields)
    : Computation(type_of(version, fields.integer("type_id", 0))),
      residual_(has_residual(version)),
      beta_(fields.required("beta")),
      gamma_(fields.required("gamma")),
      bias_(fields.numbers("bias")) {
  const auto width = static_cast<size_t>(fields.integer("ld", static_cast<int32_t>(gamma_->size())));
  if (gamma_->size() != width || beta_->size() != width || (!bias_->empty() && bias_->size() != width)) {
    throw BadParameter("beta, gamma and bias need ld elements each");
  }
}

SkipLayerNorm::SkipLayerNorm(int32_t version, Reader& reader)
    : Computation(type_of(version, reader.integer())),
      residual_(has_residual(version)),
      beta_(reader.numbers()),
      gamma_(reader.numbers()),
      bias_(reader.numbers()) {
  reader.finish();
  const bool fits = beta_->size() == gamma_->size() && (bias_->empty() || bias_->size() == gamma_->size());
  if (!fits || gamma_->empty()) throw BadParameter("the parameters in the plan are damaged");
}

void SkipLayerNorm::write(Writer& to) const {
  to.integer("type_id", static_cast<int32_t>(type_.value_or(DataType::kFLOAT)));
  to.numbers("beta", beta_);
  to.numbers("gamma", gamma_);
  to.numbers("bias", bias_);
}

int32_t SkipLayerNorm::compute(Run const& run) const {
  Dims const& dims = run.in[0].dims;
  const auto width = static_cast<int64_t>(gamma_->size());
  const int32_t axis = axis_of(dims);
  const int64_t total = volume(dims);
  if (axis < 0 || dims.d[axis] != width || volume(run.in[1].dims) != total) return 2;
  for (int32_t i = 0; i < run.output_count; ++i) {
    if (volume(run.out[i].dims) != total) return 2;
  }
  const DataType type = run.in[0].type;
  // A row is `width` elements, `step` apart: neighbours unless dimensions stand behind the hidden one.
  const int64_t step = volume(dims, axis + 1, dims.nbDims), rows = total / width;
  float* const row = scratch(2 * width);
  if (row == nullptr) return 3;
  const auto each = [&](int64_t r, auto&& piece) {
    const int64_t first = r / step * width * step + r % step;
    if (step == 1) return piece(first, width, 0);
    for (int64_t i = 0; i < width; ++i) piece(first + i * step, 1, i);
  };
  for (int64_t r = 0; r < rows; ++r) {
    each(r, [&](int64_t at, int64_t count, int64_t i) {
      load(run.inputs[0], type, at, count, row + i);
      load(run.inputs[1], type, at, count, row + width + i);
    });
    for (int64_t i = 0; i < width; ++i) row[i] += row[width + i];
    for (size_t i = 0; i < bias_->size(); ++i) row[i] += (*bias_)[i];
    if (residual_) {
      each(r, [&](int64_t at, int64_t count, int64_t i) { store(row + i, type, at, count, run.outputs[1]); });
    }
    normalize_row(row, width, kEpsilon, gamma_->data(), beta_->data(), row);
    each(r, [&](int64_t at, int64_t count, int64_t i) { store(row + i, type, at, count, run.outputs[0]); });
  }
  return 0;
}

}  // namespace rondo::bundled
