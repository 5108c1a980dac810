#include "bert/model.h"

#include <cmath>
#include <stdexcept>

using namespace nvinfer1;

namespace bert {
namespace {

using Tensor = ITensor;

/// Number `index` of the sequence: a hash of the seed plus index steps.
float uniform(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  z ^= z >> 31U;
  return static_cast<float>(z >> 40U) * 0x1p-23F - 1.0F;
}

/// Lists the arrays of a model in the order in which random ones are made.
class Shapes {
 public:
  explicit Shapes(const Config& config) : config_(config) {}

  std::vector<NamedShape> list() {
    const int64_t hidden = config_.hidden;
    array("bert.embeddings.word_embeddings.weight", {config_.vocab, hidden});
    array("bert.embeddings.position_embeddings.weight", {config_.positions, hidden});
    array("bert.embeddings.token_type_embeddings.weight", {config_.token_types, hidden});
    layer_norm("bert.embeddings.LayerNorm");
    for (int64_t i = 0; i < config_.layers; ++i) {
      const std::string layer = "bert.encoder.layer." + std::to_string(i);
      for (const char* part : {"query", "key", "value"}) linear(layer + ".attention.self." + part, hidden, hidden);
      linear(layer + ".attention.output.dense", hidden, hidden);
      layer_norm(layer + ".attention.output.LayerNorm");
      linear(layer + ".intermediate.dense", config_.intermediate, hidden);
      linear(layer + ".output.dense", hidden, config_.intermediate);
      layer_norm(layer + ".output.LayerNorm");
    }
    linear("cls.predictions.transform.dense", hidden, hidden);
    layer_norm("cls.predictions.transform.LayerNorm");
    array("cls.predictions.bias", {config_.vocab});
    return std::move(shapes_);
  }

 private:
  void array(std::string name, std::vector<int64_t> shape) { shapes_.emplace_back(std::move(name), std::move(shape)); }
  void linear(const std::string& name, int64_t outer, int64_t inner) {
    array(name + ".weight", {outer, inner});
    array(name + ".bias", {outer});
  }
  void layer_norm(const std::string& name) {
    array(name + ".weight", {config_.hidden});
    array(name + ".bias", {config_.hidden});
  }

  const Config& config_;
  std::vector<NamedShape> shapes_;
};

class BertBuilder {
 public:
  BertBuilder(LayerBuilder& net, const Config& config, const WeightMap& weights)
      : net_(net), config_(config), weights_(weights) {}

  Tensor& logits() {
    Dims ids{};
    ids.nbDims = 2;
    ids.d[0] = 1;
    ids.d[1] = -1;
    Tensor& words = net_.addConstant(weights_.at("bert.embeddings.word_embeddings.weight"), "word_embeddings");
    Tensor& input = net_.addInput("input_ids", DataType::kINT32, ids);
    Tensor& types = net_.addInput("token_type_ids", DataType::kINT32, ids);
    Tensor& positions = net_.addInput("position_ids", DataType::kINT32, ids);
    Tensor* x = &net_.addEmbedding(input, words, "nn.Embedding.words");
    x = &net_.addAdd(*x, embedding(positions, "position"), "torch.add.position");
    x = &net_.addAdd(*x, embedding(types, "token_type"), "torch.add.token_type");
    x = &layer_norm(*x, "bert.embeddings.LayerNorm");
    for (int64_t i = 0; i < config_.layers; ++i) x = &layer(*x, "bert.encoder.layer." + std::to_string(i));
    x = &gelu(linear(*x, "cls.predictions.transform.dense"), "cls.predictions.transform");
    x = &layer_norm(*x, "cls.predictions.transform.LayerNorm");
    return net_.addLinear(*x, words, weights_.at("cls.predictions.bias"), "nn.Linear.cls.predictions.decoder", true);
  }

 private:
  Tensor& embedding(Tensor& ids, const std::string& kind) {
    Tensor& table = net_.addConstant(weights_.at("bert.embeddings." + kind + "_embeddings.weight"), kind);
    return net_.addEmbedding(ids, table, "nn.Embedding." + kind);
  }
  Tensor& linear(Tensor& x, const std::string& name) {
    return net_.addLinear(x, weights_.at(name + ".weight"), weights_.at(name + ".bias"), "nn.Linear." + name, true);
  }
  Tensor& layer_norm(Tensor& x, const std::string& name) {
    const Array gamma = weights_.at(name + ".weight"), beta = weights_.at(name + ".bias");
    return net_.addLayerNorm(x, gamma, beta, config_.eps, "nn.LayerNorm." + name);
  }
  Tensor& gelu(Tensor& x, const std::string& name) {
    return config_.tanh_gelu ? net_.addGELU(x, "nn.GELU." + name) : net_.addGELUErf(x, "nn.GELU." + name);
  }
  Tensor& split_heads(Tensor& x, std::vector<int32_t> order, const std::string& name) {
    LayerBuilder::Shuffle shuffle;
    shuffle.reshape = Dims4(0, -1, config_.heads, config_.hidden / config_.heads);
    shuffle.second_transpose = std::move(order);
    return net_.addShuffle(linear(x, name), shuffle, name + ".heads");
  }

  Tensor& layer(Tensor& x, const std::string& name) {
    const std::string self = name + ".attention.self";
    Tensor& query = split_heads(x, {0, 2, 1, 3}, self + ".query");
    Tensor& key = split_heads(x, {0, 2, 3, 1}, self + ".key");
    Tensor& value = split_heads(x, {0, 2, 1, 3}, self + ".value");
    const float scale = 1.0F / std::sqrt(static_cast<float>(config_.hidden / config_.heads));
    Tensor& scores = net_.addScale(net_.addMatMul(query, key, self + ".scores"), scale, self + ".scale");
    Tensor& weighted = net_.addMatMul(net_.addSoftmax(scores, -1, self + ".softmax"), value, self + ".weighted");
    LayerBuilder::Shuffle join;
    join.first_transpose = std::vector<int32_t>{0, 2, 1, 3};
    join.reshape = Dims3(0, -1, config_.hidden);
    Tensor& joined = net_.addShuffle(weighted, join, self + ".join");
    Tensor& attended = net_.addAdd(linear(joined, name + ".attention.output.dense"), x, name + ".attention.residual");
    Tensor& y = layer_norm(attended, name + ".attention.output.LayerNorm");
    Tensor& wide = gelu(linear(y, name + ".intermediate.dense"), name + ".intermediate");
    Tensor& narrow = net_.addAdd(linear(wide, name + ".output.dense"), y, name + ".residual");
    return layer_norm(narrow, name + ".output.LayerNorm");
  }

  LayerBuilder& net_;
  const Config& config_;
  const WeightMap& weights_;
};

}  // namespace

std::vector<float>& WeightMap::add(const std::string& name, std::vector<int64_t> shape) {
  Owned& owned = arrays_[name];
  owned.shape = std::move(shape);
  owned.values.assign(static_cast<size_t>(Array{owned.shape, nullptr}.count()), 0.0F);
  return owned.values;
}

Array WeightMap::at(const std::string& name) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw std::invalid_argument("weights: '" + name + "' is missing");
  return {found->second.shape, found->second.values.data()};
}

std::vector<NamedShape> weight_shapes(const Config& config) { return Shapes(config).list(); }

WeightMap random_weights(const Config& config, uint64_t seed) {
  WeightMap weights;
  uint64_t from = seed * 1000003U;
  for (const auto& [name, shape] : weight_shapes(config)) {
    const bool gain = name.find("LayerNorm.weight") != std::string::npos;
    std::vector<float>& values = weights.add(name, shape);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = uniform(from, i) * (gain ? 0.2F : 0.07F) + (gain ? 1.0F : 0.0F);
    from += 7919U;
  }
  return weights;
}

ITensor& add_bert(LayerBuilder& net, const Config& config, const WeightMap& weights) {
  if (config.heads < 1 || config.hidden % config.heads != 0)
    throw std::invalid_argument("hidden " + std::to_string(config.hidden) + " must be a multiple of heads " +
                                std::to_string(config.heads));
  return BertBuilder(net, config, weights).logits();
}

}  // namespace bert
