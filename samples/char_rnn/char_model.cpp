#include "char_rnn/char_model.h"

#include <rondo/importers/weight_file.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

namespace sample::char_rnn {

using namespace rondo::importers;

namespace {

bool ends_with(const std::string& text, const std::string& tail) {
  return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

/// The one tensor whose name ends so; null if there is none.
const WeightMap::Item* find_ending(const WeightMap& weights, const std::string& tail) {
  for (const WeightMap::Item& item : weights) {
    if (ends_with(item.first, tail)) return &item;
  }
  return nullptr;
}

const WeightMap::Item& the_ending(const WeightMap& weights, const std::string& tail) {
  if (const WeightMap::Item* item = find_ending(weights, tail)) return *item;
  throw ImportError("no tensor's name ends in '" + tail + "'; these are no weights of a character model");
}

/// In front of "kernel" or "weights" in the names of layer `layer`: "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/". A lone layer has no number.
std::string cell_prefix(const WeightMap& weights, size_t layer) {
  const std::string number = "cell_" + std::to_string(layer);
  for (const WeightMap::Item& item : weights) {
    const std::string& name = item.first;
    const size_t kind = name.find("basic_lstm_cell");
    const size_t leaf = ends_with(name, "kernel") ? 6 : ends_with(name, "weights") ? 7 : 0;
    if (kind == std::string::npos || leaf == 0) continue;
    const bool numbered = kind > number.size() && name.compare(kind - 1 - number.size(), number.size(), number) == 0;
    const bool lone = layer == 0 && name.find("multi_rnn_cell") == std::string::npos;
    if (numbered || lone) return name.substr(0, name.size() - leaf);
  }
  return "";
}

void read_tensorflow_cells(const WeightMap& weights, float forget_bias, CharModel* model) {
  for (size_t layer = 0;; ++layer) {
    const std::string prefix = cell_prefix(weights, layer);
    if (prefix.empty()) break;
    CellOptions options;
    options.prefix = prefix;
    options.forget_bias = forget_bias;
    model->layers.push_back(read_cell(Framework::kTensorFlow, CellKind::kLstm, weights, options));
  }
}

void read_pytorch_cells(const WeightMap& weights, const std::string& prefix, CharModel* model) {
  for (int layer = 0; weights.find(prefix + "weight_ih_l" + std::to_string(layer)) != nullptr; ++layer) {
    CellOptions options;
    options.prefix = prefix;
    options.layer = layer;
    model->layers.push_back(read_cell(Framework::kPyTorch, CellKind::kLstm, weights, options));
  }
}

std::vector<float> transposed(const std::vector<float>& from, size_t rows, size_t columns) {
  std::vector<float> to(from.size());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
  return to;
}

void require(bool ok, const std::string& text) {
  if (!ok) throw ImportError(text);
}

void check(const CharModel& model) {
  require(!model.layers.empty(), "there is no LSTM layer among the weights");
  require(model.vocab > 0 && static_cast<int64_t>(model.softmax_w.size()) == model.hidden() * model.vocab,
          "the dense layer does not fit " + std::to_string(model.hidden()) + " hidden units");
  int64_t width = model.input;
  for (const CellWeights& cell : model.layers) {
    require(
        cell.input == width && cell.hidden == model.hidden(),
        "an LSTM layer reads " + std::to_string(cell.input) + " values, the one below gives " + std::to_string(width));
    width = cell.hidden;
  }
}

WeightMap load_all(const std::vector<std::string>& paths) {
  WeightMap all;
  for (const std::string& path : paths) {
    for (const WeightMap::Item& item : load_weights(path)) all.add(item.first, item.second);
  }
  return all;
}

/// The UTF-8 characters of a text.
std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> result;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 || result.empty()) result.emplace_back();
    result.back() += c;
  }
  return result;
}

}  // namespace

CharModel load_model(const std::vector<std::string>& paths, float forget_bias) {
  const WeightMap weights = load_all(paths);
  CharModel model;
  if (const WeightMap::Item* first = find_ending(weights, "weight_ih_l0")) {
    read_pytorch_cells(weights, first->first.substr(0, first->first.size() - 12), &model);
    const Tensor& dense = weights.at("softmax.weight");
    require(dense.dims.size() == 2, "'softmax.weight' is no matrix");
    model.vocab = dense.dims[0];
    model.softmax_w = transposed(dense.floats("softmax.weight"), static_cast<size_t>(dense.dims[0]),
                                 static_cast<size_t>(dense.dims[1]));
    model.softmax_b = weights.at("softmax.bias").floats("softmax.bias");
  } else {
    read_tensorflow_cells(weights, forget_bias, &model);
    const WeightMap::Item& bias = the_ending(weights, "softmax_b");
    model.softmax_w = the_ending(weights, "softmax_w").second.floats("softmax_w");
    model.softmax_b = bias.second.floats("softmax_b");
    model.vocab = bias.second.elements();
  }
  const WeightMap::Item* table = find_ending(weights, "embedding");
  if (table == nullptr) table = find_ending(weights, "embedding.weight");
  model.input = table ? table->second.dims.back() : model.vocab;
  if (table) {
    model.embedding = table->second.floats(table->first);
  } else {  // one-hot: row i of the identity
    model.embedding.assign(static_cast<size_t>(model.vocab * model.vocab), 0.F);
    for (int64_t i = 0; i < model.vocab; ++i) model.embedding[static_cast<size_t>(i * model.vocab + i)] = 1.F;
  }
  require(static_cast<int64_t>(model.embedding.size()) == model.vocab * model.input,
          "the embedding has another number of characters than the dense layer");
  check(model);
  return model;
}

CharModel random_model(int64_t vocab, int64_t embedding, int64_t hidden, int64_t layers, uint32_t seed) {
  std::mt19937 numbers(seed);
  const auto fill = [&](std::vector<float>& to, int64_t count, float range) {
    to.resize(static_cast<size_t>(count));
    for (float& x : to) x = range * (static_cast<float>(numbers() >> 8) * 0x1p-23F - 1);
  };
  const float range = 1.F / std::sqrt(static_cast<float>(hidden));
  CharModel model;
  model.vocab = vocab;
  model.input = embedding;
  fill(model.embedding, vocab * embedding, 1);
  for (int64_t layer = 0; layer < layers; ++layer) {
    CellWeights cell;
    cell.input = layer == 0 ? embedding : hidden;
    cell.hidden = hidden;
    fill(cell.w, 4 * hidden * cell.input, range);
    fill(cell.r, 4 * hidden * hidden, range);
    fill(cell.wb, 4 * hidden, range);
    cell.rb.assign(static_cast<size_t>(4 * hidden), 0.F);
    model.layers.push_back(std::move(cell));
  }
  fill(model.softmax_w, hidden * vocab, 8 * range);
  fill(model.softmax_b, vocab, range);
  return model;
}

Vocabulary Vocabulary::load(const std::string& path) {
  std::ifstream file(path);
  require(file.good(), "cannot read '" + path + "'");
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  require(json.is_object(), "'" + path + "' is no JSON object of characters and ids");
  Vocabulary result;
  result.characters_.resize(json.size());
  for (const auto& [character, id] : json.items()) {
    const bool valid =
        id.is_number_unsigned() && id.get<size_t>() < json.size() && result.characters_[id.get<size_t>()].empty();
    require(valid, "'" + path + "': the ids of " + std::to_string(json.size()) + " characters are not 0, 1, ..");
    result.characters_[id.get<size_t>()] = character;
  }
  return result;
}

std::vector<int32_t> Vocabulary::encode(const std::string& text, int64_t* unknown) const {
  std::map<std::string, int32_t> ids;
  for (size_t i = 0; i < characters_.size(); ++i) ids[characters_[i]] = static_cast<int32_t>(i);
  std::vector<int32_t> result;
  for (const std::string& character : characters_of(text)) {
    const auto found = ids.find(character);
    if (found == ids.end() && unknown != nullptr) ++*unknown;
    result.push_back(found == ids.end() ? 0 : found->second);
  }
  return result;
}

std::string Vocabulary::decode(const std::vector<int32_t>& ids) const {
  std::string text;
  for (const int32_t id : ids) text += characters_.at(static_cast<size_t>(id));
  return text;
}

}  // namespace sample::char_rnn
