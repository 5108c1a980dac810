#include <algorithm>

#include "plugins.h"

namespace rondo::bundled {
namespace {

constexpr float kEpsilon = 1e-12F;  // BERT's own

/// Tokens that count stand in front; their number is the last one's position.
int32_t leading(int32_t const* mask, int64_t sequence, int64_t batch, int64_t b) {
  int32_t count = 0;
  for (int64_t s = 0; s < sequence; ++s) count += mask[s * batch + b] != 0;
  return count;
}

}  // namespace

Embedding::Embedding(int32_t version, Fields const& fields)
    : number_(version),
      half_(fields.integer("output_fp16", 0)),
      full_mask_(fields.integer("full_mask", 0)),
      beta_(fields.required("bert_embeddings_layernorm_beta")),
      gamma_(fields.required("bert_embeddings_layernorm_gamma")),
      word_(fields.required("bert_embeddings_word_embeddings")),
      segment_(fields.required("bert_embeddings_token_type_embeddings")),
      position_(fields.required("bert_embeddings_position_embeddings")) {
  require_tables();
}

Embedding::Embedding(int32_t version, Reader& reader)
    : number_(version),
      half_(reader.integer()),
      full_mask_(reader.integer()),
      beta_(reader.numbers()),
      gamma_(reader.numbers()),
      word_(reader.numbers()),
      segment_(reader.numbers()),
      position_(reader.numbers()) {
  reader.finish();
  require_tables();
}

void Embedding::require_tables() const {
  const size_t width = gamma_->size();
  const bool fits = width > 0 && beta_->size() == width && word_->size() % width == 0 &&
                    segment_->size() % width == 0 && position_->size() % width == 0;
  if (!fits) throw BadParameter("beta needs as many elements as gamma, and the tables rows of that length");
}

void Embedding::write(Writer& to) const {
  to.integer("output_fp16", half_);
  to.integer("full_mask", full_mask_);
  to.numbers("bert_embeddings_layernorm_beta", beta_);
  to.numbers("bert_embeddings_layernorm_gamma", gamma_);
  to.numbers("bert_embeddings_word_embeddings", word_);
  to.numbers("bert_embeddings_token_type_embeddings", segment_);
  to.numbers("bert_embeddings_position_embeddings", position_);
}

DimsExprs Embedding::output_shape(int32_t output, DimsExprs const* inputs, IExprBuilder& builder) const {
  const bool packed = number_ > 1;
  if (output == 1 && packed && number_ == 2) return inputs[2];
  DimsExprs mask{};
  if (output == 1 && !packed) {
    mask.nbDims = full_mask_ != 0 ? 2 : 1;
    mask.d[0] = inputs[0].d[1];
    mask.d[1] = inputs[0].d[0];
    return mask;
  }
  DimsExprs out = inputs[0];
  for (const int64_t extent : {static_cast<int64_t>(gamma_->size()), int64_t{1}, int64_t{1}}) {
    if (out.nbDims < Dims::MAX_DIMS) out.d[out.nbDims] = builder.constant(extent);
    ++out.nbDims;  // beyond the limit it refuses the layer
  }
  return out;
}

DataType Embedding::output_type(int32_t output, DataType const* /*inputs*/) const {
  if (output == 1 && number_ != 3) return DataType::kINT32;
  return half_ != 0 ? DataType::kHALF : DataType::kFLOAT;
}

bool Embedding::accepts(int32_t pos, DataType type, DataType /*first*/, int32_t input_count) const {
  return type == (pos < input_count ? DataType::kINT32 : output_type(pos - input_count, nullptr));
}

/// False for an id outside of its table.
bool Embedding::row(int32_t token, int32_t segment, int64_t position, float* sum) const {
  const auto width = static_cast<int64_t>(gamma_->size());
  const auto rows = [&](Numbers const& table) { return static_cast<int64_t>(table->size()) / width; };
  if (token < 0 || token >= rows(word_) || segment < 0 || segment >= rows(segment_) || position >= rows(position_)) {
    return false;
  }
  float const *w = word_->data() + token * width, *t = segment_->data() + segment * width;
  float const* p = position_->data() + position * width;
  for (int64_t i = 0; i < width; ++i) sum[i] = w[i] + p[i] + t[i];
  return true;
}

int32_t Embedding::compute(Run const& run) const {
  const int64_t rows = volume(run.in[0].dims);
  const int64_t wide = rows * static_cast<int64_t>(gamma_->size()), second = volume(run.out[1].dims);
  if (volume(run.in[1].dims) != rows || volume(run.out[0].dims) != wide) return 2;
  if (number_ > 1) return second != (number_ == 3 ? wide : volume(run.in[2].dims)) ? 2 : embed(run, rows, 0);
  if (run.in[0].dims.nbDims != 2) return 2;
  const int64_t sequence = run.in[0].dims.d[0], batch = run.in[0].dims.d[1];
  auto const* mask = static_cast<int32_t const*>(run.inputs[2]);
  auto* result = static_cast<int32_t*>(run.outputs[1]);
  if (volume(run.in[2].dims) != rows || second != (full_mask_ != 0 ? rows : batch)) return 2;
  for (int64_t b = 0; b < batch; ++b) {
    if (full_mask_ == 0) result[b] = leading(mask, sequence, batch, b);
    for (int64_t s = 0; full_mask_ != 0 && s < sequence; ++s) result[b * sequence + s] = mask[s * batch + b] != 0;
  }
  return embed(run, rows, batch);
}

/// batch 0: packed, positions count from the start of each sequence.
int32_t Embedding::embed(Run const& run, int64_t rows, int64_t batch) const {
  const auto width = static_cast<int64_t>(gamma_->size());
  auto const *token = static_cast<int32_t const*>(run.inputs[0]), *segment = static_cast<int32_t const*>(run.inputs[1]);
  auto const* starts = static_cast<int32_t const*>(run.inputs[2]);
  const int64_t count = batch == 0 ? volume(run.in[2].dims) : 0;
  float* const row = scratch(width);
  if (row == nullptr) return 3;
  int64_t start = 0, next = 0;
  for (int64_t r = 0; r < rows; ++r) {
    while (next < count && starts[next] <= r) start = starts[next++];
    if (!this->row(token[r], segment[r], batch == 0 ? r - start : r / batch, row)) return 4;
    if (number_ == 3) store(row, run.out[0].type, r * width, width, run.outputs[1]);
    normalize_row(row, width, kEpsilon, gamma_->data(), beta_->data(), row);
    store(row, run.out[0].type, r * width, width, run.outputs[0]);
  }
  if (number_ == 2) std::copy_n(starts, count, static_cast<int32_t*>(run.outputs[1]));
  return 0;
}

}  // namespace rondo::bundled
