#include <algorithm>

#include "plugins.h"

namespace rondo::bundled {

FullyConnected::FullyConnected(int32_t /*version*/, Fields const& fields)
    : Computation(type_of_id(fields.integer("type_id", 0))),
      out_(fields.integer("out_dims", 0)),
      weights_(fields.required("W")) {
  require_sizes();
}

FullyConnected::FullyConnected(int32_t /*version*/, Reader& reader)
    : Computation(type_of_id(reader.integer())), out_(reader.integer()), weights_(reader.numbers()) {
  reader.finish();
  require_sizes();
}

void FullyConnected::require_sizes() const {
  if (out_ <= 0 || weights_->empty() || weights_->size() % static_cast<size_t>(out_) != 0) {
    throw BadParameter("W needs a multiple of out_dims elements");
  }
}

void FullyConnected::write(Writer& to) const {
  to.integer("type_id", static_cast<int32_t>(*type_));
  to.integer("out_dims", out_);
  to.numbers("W", weights_);
}

DimsExprs FullyConnected::output_shape(int32_t /*output*/, DimsExprs const* inputs, IExprBuilder& builder) const {
  DimsExprs out = inputs[0];
  if (out.nbDims > 2) out.d[2] = builder.constant(out_);
  return out;
}

int32_t FullyConnected::compute(Run const& run) const {
  constexpr int64_t kRows = 8;  // share each row of W
  Dims const& dims = run.in[0].dims;
  const int64_t k = inner(), rows = volume(dims) / k;
  if (dims.nbDims != 5 || dims.d[2] != k || volume(dims) != rows * k || volume(run.out[0].dims) != rows * out_)
    return 2;
  float* const x = scratch(kRows * (k + out_));
  if (x == nullptr) return 3;
  float* const y = x + kRows * k;
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t count = std::min(kRows, rows - first);
    load(run.inputs[0], *type_, first * k, count * k, x);
    std::fill_n(y, count * out_, 0.0F);
    for (int64_t i = 0; i < k; ++i) {
      float const* w = weights_->data() + i * out_;
      for (int64_t r = 0; r < count; ++r) {
        const float factor = x[r * k + i];
        for (int64_t j = 0; j < out_; ++j) y[r * out_ + j] += factor * w[j];
      }
    }
    store(y, *type_, first * out_, count * out_, run.outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
