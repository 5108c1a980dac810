#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bert/layer_builder.h"

namespace bert {

/// Sizes of a BertForMaskedLM; the defaults are BERT-base, uncased.
struct Config {
  int64_t layers = 12, hidden = 768, heads = 12, intermediate = 3072, vocab = 30522, positions = 512, token_types = 2;
  float eps = 1e-12F;
  bool tanh_gelu = false;  ///< false: the erf form
};

/// Float arrays by HuggingFace's names; linear weights are [out, in].
class WeightMap {
 public:
  /// Adds an array of zeros and returns its elements.
  std::vector<float>& add(const std::string& name, std::vector<int64_t> shape);
  /// Throws std::invalid_argument if there is no such array.
  Array at(const std::string& name) const;

 private:
  struct Owned {
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  std::map<std::string, Owned> arrays_;
};

using NamedShape = std::pair<std::string, std::vector<int64_t>>;

/// The arrays that a model of these sizes needs.
std::vector<NamedShape> weight_shapes(const Config& config);

/// Weights of the spread that trained models have, from SplitMix64: the same for a seed here and in bert_model.py.
WeightMap random_weights(const Config& config, uint64_t seed);

/// Adds inputs input_ids, token_type_ids, position_ids int32 [1, S] and returns logits [1, S, vocab]. The attention mask is left
/// out: one sentence per call, nothing is padded.
nvinfer1::ITensor& add_bert(LayerBuilder& net, const Config& config, const WeightMap& weights);

/// Logits [S, vocab] of one sentence in double precision, written from the formulas.
std::vector<double> reference_logits(const Config& config, const WeightMap& weights, const std::vector<int32_t>& ids);

}  // namespace bert
