#pragma once

#include <rondo/importers/cell_weights.h>

#include <string>
#include <vector>

namespace sample::char_rnn {

/// A character model: an embedding, LSTM layers, and one dense layer that gives a score to each character.
struct CharModel {
  int64_t vocab = 0;             ///< V, number of characters
  int64_t input = 0;             ///< E, width of the embedding; V without one (one-hot)
  std::vector<float> embedding;  ///< [V, E]; without one the identity
  std::vector<rondo::importers::CellWeights> layers;
  std::vector<float> softmax_w;  ///< [H, V]
  std::vector<float> softmax_b;  ///< [V]

  int64_t hidden() const { return layers.front().hidden; }
  int64_t layer_count() const { return static_cast<int64_t>(layers.size()); }
};

/// Reads a model from a TensorFlow checkpoint, a `.wts`, an npz or a safetensors file (recognised by content), or from several that share its
/// tensors. Names are those of tensorflow-char-rnn, with / or _ between the parts, or those of PyTorch's modules `embedding`, `lstm` and
/// `softmax`. What TensorFlow adds to the forget gate as it runs is 0 in these models.
/// Errors    importers::ImportError
CharModel load_model(const std::vector<std::string>& paths, float forget_bias = 0);

/// A model of seeded random numbers.
CharModel random_model(int64_t vocab, int64_t embedding, int64_t hidden, int64_t layers, uint32_t seed);

/// Characters and their numbers.
class Vocabulary {
 public:
  /// Reads {"character": id, ..}.
  /// Errors    importers::ImportError if the ids are not 0 .. n - 1
  static Vocabulary load(const std::string& path);

  int64_t size() const { return static_cast<int64_t>(characters_.size()); }
  /// The ids of a UTF-8 text; a character that is not in the vocabulary becomes 0, and `unknown` counts it.
  std::vector<int32_t> encode(const std::string& text, int64_t* unknown = nullptr) const;
  std::string decode(const std::vector<int32_t>& ids) const;

 private:
  std::vector<std::string> characters_;  // by id
};

}  // namespace sample::char_rnn
