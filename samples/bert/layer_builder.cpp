#include "bert/layer_builder.h"

#include <cmath>
#include <stdexcept>

using namespace nvinfer1;

namespace bert {
namespace {

constexpr float kSqrtTwoOverPi = 0.7978845608F, kCubeFactor = 0.044715F;

std::string text_of(const Dims& dims) {
  std::string text = "[";
  for (int i = 0; i < dims.nbDims; ++i) text += (i == 0 ? "" : ", ") + std::to_string(dims.d[i]);
  return text + "]";
}

void expect(bool holds, const std::string& name, const std::string& message) {
  if (!holds) throw std::invalid_argument(name + ": " + message);
}

int64_t last(const Dims& dims) { return dims.d[dims.nbDims - 1]; }

/// [1, .., 1, shape].
Dims padded(int32_t rank, const std::vector<int64_t>& shape) {
  Dims dims{};
  dims.nbDims = rank;
  const auto more = rank - static_cast<int32_t>(shape.size());
  for (int32_t i = 0; i < rank; ++i) dims.d[i] = i < more ? 1 : shape[static_cast<size_t>(i - more)];
  return dims;
}

Permutation permutation(const std::vector<int32_t>& order, int32_t rank, const std::string& name) {
  Permutation result{};
  expect(order.size() <= Dims::MAX_DIMS, name, "an order of " + std::to_string(order.size()) + " dimensions");
  std::vector<bool> seen(order.size(), false);
  for (size_t i = 0; i < order.size(); ++i) {
    const bool fresh = order[i] >= 0 && order[i] < rank && static_cast<size_t>(order[i]) < order.size() &&
                       !seen[static_cast<size_t>(order[i])];
    expect(fresh, name, "the order of a transpose names each of its dimensions once");
    seen[static_cast<size_t>(order[i])] = true;
    result.order[i] = order[i];
  }
  return result;
}

}  // namespace

int64_t Array::count() const {
  int64_t product = 1;
  for (const int64_t extent : shape) product *= extent;
  return product;
}

ITensor& LayerBuilder::finish(ILayer* layer, const std::string& name) {
  expect(layer != nullptr, name, "refused by the network, see the log");
  const std::string full = std::to_string(network_.getNbLayers()) + "_" + name;
  layer->setName(full.c_str());
  for (int32_t i = 0; i < layer->getNbOutputs(); ++i) {
    const std::string line = "[Network] " + full + ", output[" + std::to_string(i) +
                             "] shape= " + text_of(layer->getOutput(i)->getDimensions());
    logger_.log(ILogger::Severity::kVERBOSE, line.c_str());
  }
  return *layer->getOutput(0);
}

ITensor& LayerBuilder::addInput(const std::string& name, DataType type, const Dims& shape) {
  ITensor* input = network_.addInput(name.c_str(), type, shape);
  expect(input != nullptr, name, "refused by the network, see the log");
  return *input;
}

void LayerBuilder::markOutput(ITensor& x, const std::string& name) {
  x.setName(name.c_str());
  network_.markOutput(x);
}

ITensor& LayerBuilder::addConstant(const Array& weight, const std::string& name) {
  const Dims dims = padded(static_cast<int32_t>(weight.shape.size()), weight.shape);
  return finish(network_.addConstant(dims, {DataType::kFLOAT, weight.values, weight.count()}), name);
}

ITensor& LayerBuilder::scalar(float value, int32_t rank, const std::string& name) {
  scalars_.push_back(value);
  return finish(network_.addConstant(padded(rank, {}), {DataType::kFLOAT, &scalars_.back(), 1}), name + ".constant");
}

ITensor& LayerBuilder::elementwise(ITensor& a, ITensor& b, ElementWiseOperation operation, const std::string& name) {
  return finish(network_.addElementWise(a, b, operation), name);
}

ITensor& LayerBuilder::addEmbedding(ITensor& indices, ITensor& table, const std::string& name) {
  const bool integers = indices.getType() == DataType::kINT32 || indices.getType() == DataType::kINT64;
  expect(integers, name, "indices must be int32 or int64");
  expect(table.getDimensions().nbDims == 2, name,
         "the table has shape " + text_of(table.getDimensions()) + ", it must be [entries, width]");
  return finish(network_.addGather(table, indices, 0), name);
}

ITensor& LayerBuilder::addLinear(ITensor& x, ITensor& weight, const Array& bias, const std::string& name,
                                 bool transposed) {
  const Dims from = x.getDimensions(), matrix = weight.getDimensions();
  expect(matrix.nbDims == 2, name, "the weight has shape " + text_of(matrix) + ", it must have two dimensions");
  const int64_t inner = matrix.d[transposed ? 1 : 0], outer = matrix.d[transposed ? 0 : 1];
  expect(last(from) == inner, name,
         "x has shape " + text_of(from) + ", its last extent must be the weight's " + std::to_string(inner));
  expect(bias.shape == std::vector<int64_t>{outer}, name, "the bias must have shape [" + std::to_string(outer) + "]");
  ITensor* right = &weight;
  if (from.nbDims > 2) {
    Shuffle shuffle;
    shuffle.reshape = padded(from.nbDims, {matrix.d[0], matrix.d[1]});
    right = &addShuffle(weight, shuffle, name + ".weight");
  }
  const MatrixOperation turn = transposed ? MatrixOperation::kTRANSPOSE : MatrixOperation::kNONE;
  ITensor& product = finish(network_.addMatrixMultiply(x, MatrixOperation::kNONE, *right, turn), name);
  const Dims row = padded(from.nbDims, bias.shape);
  ITensor& added = finish(network_.addConstant(row, {DataType::kFLOAT, bias.values, outer}), name + ".bias.constant");
  return elementwise(product, added, ElementWiseOperation::kSUM, name + ".bias");
}

ITensor& LayerBuilder::addLinear(ITensor& x, const Array& weight, const Array& bias, const std::string& name,
                                 bool transposed) {
  return addLinear(x, addConstant(weight, name + ".weight"), bias, name, transposed);
}

ITensor& LayerBuilder::half_of_one_plus(ITensor& x, ITensor& y, const std::string& name) {
  const int32_t rank = x.getDimensions().nbDims;
  ITensor& factor = elementwise(y, scalar(1.0F, rank, name), ElementWiseOperation::kSUM, name + ".plus_one");
  ITensor& product = elementwise(x, factor, ElementWiseOperation::kPROD, name + ".times_x");
  return elementwise(product, scalar(0.5F, rank, name), ElementWiseOperation::kPROD, name + ".half");
}

ITensor& LayerBuilder::addGELU(ITensor& x, const std::string& name) {
  const int32_t rank = x.getDimensions().nbDims;
  ITensor& cube = elementwise(x, scalar(3.0F, rank, name), ElementWiseOperation::kPOW, name + ".cube");
  ITensor& part = elementwise(cube, scalar(kCubeFactor, rank, name), ElementWiseOperation::kPROD, name + ".part");
  ITensor& sum = elementwise(x, part, ElementWiseOperation::kSUM, name + ".sum");
  ITensor& inner = elementwise(sum, scalar(kSqrtTwoOverPi, rank, name), ElementWiseOperation::kPROD, name + ".inner");
  return half_of_one_plus(x, finish(network_.addActivation(inner, ActivationType::kTANH), name + ".tanh"), name);
}

ITensor& LayerBuilder::addGELUErf(ITensor& x, const std::string& name) {
  const int32_t rank = x.getDimensions().nbDims;
  ITensor& inner =
      elementwise(x, scalar(std::sqrt(0.5F), rank, name), ElementWiseOperation::kPROD, name + ".over_root_two");
  return half_of_one_plus(x, finish(network_.addUnary(inner, UnaryOperation::kERF), name + ".erf"), name);
}

ITensor& LayerBuilder::addLayerNorm(ITensor& x, const Array& gamma, const Array& beta, float eps,
                                    const std::string& name) {
  const Dims dims = x.getDimensions();
  const std::vector<int64_t> width{last(dims)};
  expect(gamma.shape == width && beta.shape == width, name,
         "gamma and beta must have shape [" + std::to_string(width[0]) + "]");
  const Dims row = padded(dims.nbDims, width);
  ITensor& gain = finish(network_.addConstant(row, {DataType::kFLOAT, gamma.values, width[0]}), name + ".gamma");
  ITensor& offset = finish(network_.addConstant(row, {DataType::kFLOAT, beta.values, width[0]}), name + ".beta");
  INormalizationLayer* layer = network_.addNormalization(x, gain, offset, 1U << static_cast<uint32_t>(dims.nbDims - 1));
  expect(layer != nullptr, name, "refused by the network, see the log");
  layer->setEpsilon(eps);
  return finish(layer, name);
}

ITensor& LayerBuilder::addSoftmax(ITensor& x, int32_t dim, const std::string& name) {
  const int32_t rank = x.getDimensions().nbDims;
  expect(dim >= -rank && dim < rank, name, "x has " + std::to_string(rank) + " dimensions");
  ISoftMaxLayer* layer = network_.addSoftMax(x);
  expect(layer != nullptr, name, "refused by the network, see the log");
  layer->setAxes(1U << static_cast<uint32_t>((dim + rank) % rank));
  return finish(layer, name);
}

ITensor& LayerBuilder::addReLU(ITensor& x, const std::string& name) {
  return finish(network_.addActivation(x, ActivationType::kRELU), name);
}

ITensor& LayerBuilder::addLog(ITensor& x, const std::string& name) {
  return finish(network_.addUnary(x, UnaryOperation::kLOG), name);
}

ITensor& LayerBuilder::addAdd(ITensor& a, ITensor& b, const std::string& name) {
  const Dims p = a.getDimensions(), q = b.getDimensions();
  expect(a.getType() == b.getType(), name, "the operands have different types");
  bool fits = p.nbDims == q.nbDims;
  for (int32_t i = 0; fits && i < p.nbDims; ++i) {
    fits = p.d[i] == q.d[i] || p.d[i] == 1 || q.d[i] == 1 || p.d[i] < 0 || q.d[i] < 0;
  }
  expect(fits, name, "shapes " + text_of(p) + " and " + text_of(q) + " do not fit");
  return elementwise(a, b, ElementWiseOperation::kSUM, name);
}

ITensor& LayerBuilder::addScale(ITensor& x, float scale, const std::string& name) {
  const Dims dims = x.getDimensions();
  expect(dims.nbDims >= 3, name, "x has shape " + text_of(dims) + ", it must have three dimensions or more");
  ITensor* wide = &x;
  Shuffle shuffle;
  if (dims.nbDims == 3) {
    shuffle.reshape = Dims4(0, 0, 0, 1);
    wide = &addShuffle(x, shuffle, name + ".3d_to_4d");
  }
  scalars_.push_back(scale);
  const Weights none{DataType::kFLOAT, nullptr, 0};
  ITensor& y =
      finish(network_.addScale(*wide, ScaleMode::kUNIFORM, none, {DataType::kFLOAT, &scalars_.back(), 1}, none), name);
  if (dims.nbDims != 3) return y;
  shuffle.reshape = Dims3(0, 0, 0);
  return addShuffle(y, shuffle, name + ".4d_to_3d");
}

ITensor& LayerBuilder::addMatMul(ITensor& a, ITensor& b, const std::string& name) {
  const Dims p = a.getDimensions(), q = b.getDimensions();
  expect(p.nbDims == q.nbDims && p.nbDims >= 2, name,
         "shapes " + text_of(p) + " and " + text_of(q) + " differ in rank or are no matrices");
  const int64_t left = last(p), right = q.d[q.nbDims - 2];
  expect(left == right || left < 0 || right < 0, name,
         "inner extents " + std::to_string(left) + " and " + std::to_string(right) + " must be equal");
  return finish(network_.addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kNONE), name);
}

ITensor& LayerBuilder::addShuffle(ITensor& x, const Shuffle& shuffle, const std::string& name) {
  IShuffleLayer* layer = network_.addShuffle(x);
  expect(layer != nullptr, name, "refused by the network, see the log");
  const int32_t rank = x.getDimensions().nbDims;
  if (shuffle.first_transpose) layer->setFirstTranspose(permutation(*shuffle.first_transpose, rank, name));
  if (shuffle.reshape) layer->setReshapeDimensions(*shuffle.reshape);
  const int32_t reshaped = shuffle.reshape ? shuffle.reshape->nbDims : rank;
  if (shuffle.second_transpose) layer->setSecondTranspose(permutation(*shuffle.second_transpose, reshaped, name));
  return finish(layer, name);
}

}  // namespace bert
