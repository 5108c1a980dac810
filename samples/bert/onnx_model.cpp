// BERT from an ONNX file: its weights for the helper functions, and the whole of it through the parser.

#include "bert/onnx_model.h"

#include <NvOnnxParser.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <rondo_onnx.pb.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace bert {
namespace {

using Proto = rondo::onnx_proto::ModelProto;
using Tensor = rondo::onnx_proto::TensorProto;
using Node = rondo::onnx_proto::NodeProto;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

class Reader {
 public:
  Reader(const std::string& path, int64_t heads) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || !model_.ParseFromIstream(&file)) throw std::invalid_argument(path + ": no ONNX model");
    for (const Tensor& tensor : model_.graph().initializer()) by_name_[tensor.name()] = &tensor;
    for (const Node& node : model_.graph().node()) {
      for (const std::string& output : node.output()) makers_[output] = &node;
      for (const std::string& input : node.input()) users_[input] = &node;
      result_.config.tanh_gelu |= node.op_type() == "Tanh";
    }
    read_sizes(heads);
  }

  OnnxModel read() {
    for (const auto& [name, shape] : weight_shapes(result_.config)) copy(name, shape);
    return std::move(result_);
  }

 private:
  const Tensor& tensor(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) throw std::invalid_argument(path_ + ": the initializer '" + name + "' is missing");
    return *found->second;
  }

  int64_t extent(const std::string& name, int dimension) const {
    const Tensor& array = tensor(name);
    if (array.dims_size() <= dimension) throw std::invalid_argument(path_ + ": '" + name + "' has too few dimensions");
    return array.dims(dimension);
  }

  void read_sizes(int64_t heads) {
    Config& config = result_.config;
    const std::string embeddings = "bert.embeddings.";
    config.vocab = extent(embeddings + "word_embeddings.weight", 0);
    config.hidden = extent(embeddings + "word_embeddings.weight", 1);
    config.positions = extent(embeddings + "position_embeddings.weight", 0);
    config.token_types = extent(embeddings + "token_type_embeddings.weight", 0);
    config.intermediate = extent("bert.encoder.layer.0.intermediate.dense.bias", 0);
    const auto is_there = [&](int64_t layer) {
      return by_name_.count("bert.encoder.layer." + std::to_string(layer) + ".output.dense.bias") > 0;
    };
    for (config.layers = 0; is_there(config.layers);) ++config.layers;
    config.heads = heads > 0 ? heads : std::max<int64_t>(config.hidden / 64, 1);
  }

  /// The right factor of the product that the bias is added to.
  const Tensor& factor_before(const std::string& bias) const {
    const auto add = users_.find(bias);
    if (add != users_.end() && add->second->op_type() == "Add") {
      for (const std::string& input : add->second->input()) {
        const auto maker = makers_.find(input);
        if (maker != makers_.end() && maker->second->op_type() == "MatMul") return tensor(maker->second->input(1));
      }
    }
    throw std::invalid_argument(path_ + ": '" + bias + "' is added to no product of an initializer");
  }

  void copy(const std::string& name, const std::vector<int64_t>& shape) {
    const bool named = by_name_.count(name) > 0;
    if (named) return fill(name, shape, tensor(name), false);
    if (!ends_with(name, ".weight")) tensor(name);
    fill(name, shape, factor_before(name.substr(0, name.size() - std::strlen("weight")) + "bias"), true);
  }

  void fill(const std::string& name, const std::vector<int64_t>& shape, const Tensor& from, bool transposed) {
    std::vector<int64_t> dims(from.dims().begin(), from.dims().end());
    if (transposed) std::reverse(dims.begin(), dims.end());
    const size_t count = static_cast<size_t>(Array{shape, nullptr}.count());
    const bool raw = from.raw_data().size() == count * sizeof(float);
    if (dims != shape || from.data_type() != Tensor::FLOAT ||
        (!raw && from.float_data_size() != static_cast<int>(count)))
      throw std::invalid_argument(path_ + ": '" + from.name() + "' is not the float array that '" + name + "' needs");
    std::vector<float> values(count);
    std::memcpy(values.data(), raw ? static_cast<const void*>(from.raw_data().data()) : from.float_data().data(),
                count * sizeof(float));
    std::vector<float>& to = result_.weights.add(name, shape);
    if (!transposed) {
      to = std::move(values);
      return;
    }
    const auto rows = static_cast<size_t>(shape[0]), columns = static_cast<size_t>(shape[1]);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < columns; ++j) to[i * columns + j] = values[j * rows + i];
    }
  }

  std::string path_;
  Proto model_;
  std::map<std::string, const Tensor*> by_name_;
  std::map<std::string, const Node*> makers_, users_;
  OnnxModel result_;
};

}  // namespace

OnnxModel read_onnx(const std::string& path, int64_t heads) { return Reader(path, heads).read(); }

Session parse_onnx(const std::string& path, int64_t longest, nvinfer1::ILogger& logger) {
  std::unique_ptr<nvonnxparser::IParser> parser;  // owns the weights: it goes after the build
  return Session(longest, logger, [&](nvinfer1::INetworkDefinition& network) {
    parser.reset(nvonnxparser::createParser(network, logger));
    if (parser && parser->parseFromFile(path.c_str(), static_cast<int>(nvinfer1::ILogger::Severity::kWARNING))) return;
    throw std::invalid_argument(parser && parser->getNbErrors() ? parser->getError(0)->desc() : "createParser");
  });
}

}  // namespace bert
