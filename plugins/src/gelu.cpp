#include <algorithm>
#include <cmath>

#include "plugins.h"

namespace rondo::bundled {

Gelu::Gelu(int32_t /*version*/, Fields const& fields)
    : Computation(type_of_id(fields.integer("type_id", 0))), bias_(fields.numbers("bias")) {}

Gelu::Gelu(int32_t /*version*/, Reader& reader) : Computation(type_of_id(reader.integer())), bias_(reader.numbers()) {
  reader.finish();
}

void Gelu::write(Writer& to) const {
  to.integer("type_id", static_cast<int32_t>(*type_));
  to.numbers("bias", bias_);
}

int32_t Gelu::compute(Run const& run) const {
  constexpr int64_t kPiece = 4096;
  const int64_t total = volume(run.in[0].dims), width = static_cast<int64_t>(bias_->size());
  if ((width > 0 && total % width != 0) || volume(run.out[0].dims) != total) return 2;
  const int64_t piece = width > 0 ? width : kPiece;
  float* const x = scratch(piece);
  if (x == nullptr) return 3;
  for (int64_t first = 0; first < total; first += piece) {
    const int64_t count = std::min(piece, total - first);
    load(run.inputs[0], *type_, first, count, x);
    for (int64_t i = 0; i < width; ++i) x[i] += (*bias_)[static_cast<size_t>(i)];
    for (int64_t i = 0; i < count; ++i) {
      const float v = x[i];
      x[i] = 0.5F * v * (1 + std::tanh(v * (0.7978845608F + 0.0356774081F * v * v)));
    }
    store(x, *type_, first, count, run.outputs[0]);
  }
  return 0;
}

}  // namespace rondo::bundled
