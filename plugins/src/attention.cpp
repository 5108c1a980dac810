// One (item, head) at a time: q, k and v are gathered as f32 rows, then each query's scores, their softmax and the sum
// of values. The key loop is innermost and over contiguous memory both times.
#include <algorithm>
#include <cmath>

#include "plugins.h"

namespace rondo::bundled {
namespace {

/// Where the rows of one sequence stand: row s is row first + s * step of the tensor.
struct Sequence {
  int64_t first, step, length;
};

/// softmax(scale q k^T) v for one sequence and head; `allowed(j)` masks keys. k is kept transposed [H, length].
template <class Allowed>
void attend(float const* q, float const* k, float const* v, int64_t length, int64_t head, Allowed allowed,
            float* scores, float* out) {
  const float scale = 1 / std::sqrt(static_cast<float>(head));
  for (int64_t s = 0; s < length; ++s) {
    std::fill_n(scores, length, 0.0F);
    for (int64_t h = 0; h < head; ++h) {
      const float x = q[s * head + h] * scale;
      for (int64_t j = 0; j < length; ++j) scores[j] += x * k[h * length + j];
    }
    float most = -INFINITY;
    for (int64_t j = 0; j < length; ++j) {
      if (!allowed(j)) scores[j] = -INFINITY;
      most = std::max(most, scores[j]);
    }
    double sum = 0;
    for (int64_t j = 0; j < length; ++j) {
      scores[j] = most == -INFINITY ? 0 : std::exp(scores[j] - most);
      sum += static_cast<double>(scores[j]);
    }
    const float weight = sum > 0 ? static_cast<float>(1 / sum) : 0;
    std::fill_n(out + s * head, head, 0.0F);
    for (int64_t j = 0; j < length; ++j) {
      const float p = scores[j] * weight;
      for (int64_t h = 0; h < head; ++h) out[s * head + h] += p * v[j * head + h];
    }
  }
}

}  // namespace

Attention::Attention(int32_t /*version*/, Fields const& fields)
    : Computation(type_of_id(fields.integer("type_id", 0))),
      hidden_(fields.integer("hidden_size", 0)),
      heads_(fields.integer("num_heads", 0)),
      has_mask_(fields.integer("has_mask", 0)),
      packed_(fields.integer("var_seqlen", 0)) {
  require_sizes();
}

Attention::Attention(int32_t /*version*/, Reader& reader)
    : Computation(type_of_id(reader.integer())),
      hidden_(reader.integer()),
      heads_(reader.integer()),
      has_mask_(reader.integer()),
      packed_(reader.integer()) {
  reader.finish();
  require_sizes();
}

void Attention::require_sizes() const {
  if (hidden_ <= 0 || heads_ <= 0 || hidden_ % heads_ != 0) {
    throw BadParameter("hidden_size must be a positive multiple of num_heads");
  }
}

void Attention::write(Writer& to) const {
  to.integer("type_id", static_cast<int32_t>(*type_));
  to.integer("hidden_size", hidden_);
  to.integer("num_heads", heads_);
  to.integer("has_mask", has_mask_);
  to.integer("var_seqlen", packed_);
}

DimsExprs Attention::output_shape(int32_t /*output*/, DimsExprs const* inputs, IExprBuilder& builder) const {
  DimsExprs out = inputs[0];
  const int32_t axis = packed_ != 0 ? 1 : 2;
  if (axis < out.nbDims) out.d[axis] = builder.constant(hidden_);
  return out;
}

bool Attention::accepts(int32_t pos, DataType type, DataType /*first*/, int32_t input_count) const {
  const bool index = pos > 0 && pos < input_count;
  return type == (index ? DataType::kINT32 : *type_);
}

int32_t Attention::compute(Run const& run) const {
  Dims const& dims = run.in[0].dims;
  if (dims.nbDims < 2) return 2;
  const int64_t rows = packed_ != 0 ? dims.d[0] : dims.d[0] * dims.d[1], width = 3 * int64_t{hidden_};
  if (volume(dims) != rows * width || volume(run.out[0].dims) != rows * hidden_) return 2;
  const int64_t batch = packed_ != 0 ? volume(run.in[2].dims) - 1 : dims.d[1], head = hidden_ / heads_;
  auto const* starts = packed_ != 0 ? static_cast<int32_t const*>(run.inputs[2]) : nullptr;
  auto const* mask = packed_ == 0 && has_mask_ != 0 ? static_cast<int32_t const*>(run.inputs[1]) : nullptr;
  const bool full = mask != nullptr && run.in[1].dims.nbDims == 2;
  if (mask != nullptr && volume(run.in[1].dims) != (full ? rows : batch)) return 2;
  for (int64_t b = 0; b < batch; ++b) {
    const Sequence s =
        packed_ != 0 ? Sequence{starts[b], 1, int64_t{starts[b + 1]} - starts[b]} : Sequence{b, batch, dims.d[0]};
    if (s.length < 0 || s.first < 0 || (s.length > 0 && s.first + (s.length - 1) * s.step >= rows)) return 4;
    float* const memory = scratch(s.length * (4 * head + 1) + head);
    if (memory == nullptr) return 3;
    float *q = memory, *k = q + s.length * head, *v = k + s.length * head, *out = v + s.length * head;
    float *scores = out + s.length * head, *line = scores + s.length;
    const auto allowed = [&](int64_t j) {
      return mask == nullptr || (full ? mask[b * s.length + j] != 0 : j < mask[b]);
    };
    for (int64_t n = 0; n < heads_; ++n) {
      for (int64_t i = 0; i < s.length; ++i) {
        const int64_t at = (s.first + i * s.step) * width + n * 3 * head;
        load(run.inputs[0], *type_, at, head, q + i * head);
        load(run.inputs[0], *type_, at + head, head, line);
        for (int64_t h = 0; h < head; ++h) k[h * s.length + i] = line[h];
        load(run.inputs[0], *type_, at + 2 * head, head, v + i * head);
      }
      attend(q, k, v, s.length, head, allowed, scores, out);
      for (int64_t i = 0; i < s.length; ++i) {
        store(out + i * head, *type_, (s.first + i * s.step) * hidden_ + n * head, head, run.outputs[0]);
      }
    }
  }
  return 0;
}

}  // namespace rondo::bundled
