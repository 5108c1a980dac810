// BERT in double precision, from the formulas, one row at a time.
#include <cmath>

#include "bert/model.h"

namespace bert {
namespace {

using Rows = std::vector<std::vector<double>>;

class Reference {
 public:
  Reference(const Config& config, const WeightMap& weights) : config_(config), weights_(weights) {}

  std::vector<double> logits(const std::vector<int32_t>& ids) const {
    Rows x = embed(ids);
    for (int64_t i = 0; i < config_.layers; ++i) x = layer(x, "bert.encoder.layer." + std::to_string(i));
    x = linear(x, "cls.predictions.transform.dense");
    for (auto& row : x) gelu(row);
    normalize(x, "cls.predictions.transform.LayerNorm");
    std::vector<double> all;
    for (const auto& row :
         product(x, weights_.at("bert.embeddings.word_embeddings.weight"), weights_.at("cls.predictions.bias"))) {
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }

 private:
  size_t hidden() const { return static_cast<size_t>(config_.hidden); }

  Rows embed(const std::vector<int32_t>& ids) const {
    const float* words = weights_.at("bert.embeddings.word_embeddings.weight").values;
    const float* positions = weights_.at("bert.embeddings.position_embeddings.weight").values;
    const float* types = weights_.at("bert.embeddings.token_type_embeddings.weight").values;
    Rows x(ids.size(), std::vector<double>(hidden()));
    for (size_t s = 0; s < ids.size(); ++s) {
      for (size_t j = 0; j < hidden(); ++j) {
        x[s][j] = static_cast<double>(words[static_cast<size_t>(ids[s]) * hidden() + j]) +
                  static_cast<double>(positions[s * hidden() + j]) + static_cast<double>(types[j]);
      }
    }
    normalize(x, "bert.embeddings.LayerNorm");
    return x;
  }

  static Rows product(const Rows& x, const Array& weight, const Array& bias) {
    const auto outer = static_cast<size_t>(weight.shape[0]), inner = static_cast<size_t>(weight.shape[1]);
    Rows y(x.size(), std::vector<double>(outer));
    for (size_t s = 0; s < x.size(); ++s) {
      for (size_t o = 0; o < outer; ++o) {
        double sum = static_cast<double>(bias.values[o]);
        for (size_t i = 0; i < inner; ++i) sum += x[s][i] * static_cast<double>(weight.values[o * inner + i]);
        y[s][o] = sum;
      }
    }
    return y;
  }

  Rows linear(const Rows& x, const std::string& name) const {
    return product(x, weights_.at(name + ".weight"), weights_.at(name + ".bias"));
  }

  void normalize(Rows& x, const std::string& name) const {
    const float *gain = weights_.at(name + ".weight").values, *offset = weights_.at(name + ".bias").values;
    for (auto& row : x) {
      double mean = 0, variance = 0;
      for (const double v : row) mean += v / static_cast<double>(row.size());
      for (const double v : row) variance += (v - mean) * (v - mean) / static_cast<double>(row.size());
      const double scale = 1 / std::sqrt(variance + static_cast<double>(config_.eps));
      for (size_t j = 0; j < row.size(); ++j) {
        row[j] = (row[j] - mean) * scale * static_cast<double>(gain[j]) + static_cast<double>(offset[j]);
      }
    }
  }

  void gelu(std::vector<double>& row) const {
    for (double& v : row) {
      const double inner = config_.tanh_gelu ? std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v))
                                             : std::erf(v * std::sqrt(0.5));
      v = 0.5 * v * (1 + inner);
    }
  }

  Rows attention(const Rows& query, const Rows& key, const Rows& value) const {
    const auto heads = static_cast<size_t>(config_.heads);
    const size_t width = hidden() / heads;
    Rows y(query.size(), std::vector<double>(hidden()));
    for (size_t s = 0; s < query.size(); ++s) {
      for (size_t from = 0; from < hidden(); from += width) {
        std::vector<double> powers(key.size());
        double total = 0;
        for (size_t t = 0; t < key.size(); ++t) {
          double score = 0;
          for (size_t j = from; j < from + width; ++j) score += query[s][j] * key[t][j];
          total += powers[t] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (size_t t = 0; t < key.size(); ++t) {
          for (size_t j = from; j < from + width; ++j) y[s][j] += powers[t] / total * value[t][j];
        }
      }
    }
    return y;
  }

  Rows layer(const Rows& x, const std::string& name) const {
    const std::string self = name + ".attention.self";
    const Rows heads = attention(linear(x, self + ".query"), linear(x, self + ".key"), linear(x, self + ".value"));
    Rows y = linear(heads, name + ".attention.output.dense");
    add(y, x);
    normalize(y, name + ".attention.output.LayerNorm");
    Rows wide = linear(y, name + ".intermediate.dense");
    for (auto& row : wide) gelu(row);
    Rows narrow = linear(wide, name + ".output.dense");
    add(narrow, y);
    normalize(narrow, name + ".output.LayerNorm");
    return narrow;
  }

  static void add(Rows& to, const Rows& x) {
    for (size_t s = 0; s < to.size(); ++s) {
      for (size_t j = 0; j < to[s].size(); ++j) to[s][j] += x[s][j];
    }
  }

  const Config& config_;
  const WeightMap& weights_;
};

}  // namespace

std::vector<double> reference_logits(const Config& config, const WeightMap& weights, const std::vector<int32_t>& ids) {
  return Reference(config, weights).logits(ids);
}

}  // namespace bert
