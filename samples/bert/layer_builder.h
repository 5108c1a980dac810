#pragma once

#include <NvInfer.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bert {

/// A float array that someone else owns: it stays where it is until the engine is built.
struct Array {
  std::vector<int64_t> shape;
  const float* values = nullptr;

  int64_t count() const;
};

/// Building blocks of transformers on the network API, in the words of PyTorch. Every function checks shapes and types when it is
/// called and throws std::invalid_argument that names the layer. Layers are named `<number>_<name>`; at VERBOSE each is logged with
/// the shapes of its outputs.
class LayerBuilder {
 public:
  using Tensor = nvinfer1::ITensor;

  LayerBuilder(nvinfer1::INetworkDefinition& network, nvinfer1::ILogger& logger) : network_(network), logger_(logger) {}

  Tensor& addInput(const std::string& name, nvinfer1::DataType type, const nvinfer1::Dims& shape);
  void markOutput(Tensor& x, const std::string& name);

  Tensor& addConstant(const Array& weight, const std::string& name = "trt.Constant");
  /// Rows of table [entries, width] at indices [..] -> [.., width].
  Tensor& addEmbedding(Tensor& indices, Tensor& table, const std::string& name);
  /// x [.., in] times weight [in, out], or [out, in] with `transposed`, plus bias [out].
  Tensor& addLinear(Tensor& x, Tensor& weight, const Array& bias, const std::string& name, bool transposed);
  Tensor& addLinear(Tensor& x, const Array& weight, const Array& bias, const std::string& name, bool transposed);
  /// 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), from elementwise layers.
  Tensor& addGELU(Tensor& x, const std::string& name);
  /// 0.5 x (1 + erf(x / sqrt(2))), the form that BERT was trained with, from elementwise layers.
  Tensor& addGELUErf(Tensor& x, const std::string& name);
  /// Normalizes the last dimension of x, then times gamma plus beta, both [width].
  Tensor& addLayerNorm(Tensor& x, const Array& gamma, const Array& beta, float eps, const std::string& name);
  Tensor& addSoftmax(Tensor& x, int32_t dim, const std::string& name);
  Tensor& addReLU(Tensor& x, const std::string& name);
  Tensor& addLog(Tensor& x, const std::string& name);
  Tensor& addAdd(Tensor& a, Tensor& b, const std::string& name);
  /// x times one number; x has three dimensions or more (the scale layer wants four: x of three passes through a fourth).
  Tensor& addScale(Tensor& x, float scale, const std::string& name);
  Tensor& addMatMul(Tensor& a, Tensor& b, const std::string& name);

  /// Transpose, reshape, transpose; what is absent is left out. In `reshape` 0 copies an extent of x, -1 is worked out.
  struct Shuffle {
    std::optional<std::vector<int32_t>> first_transpose;
    std::optional<nvinfer1::Dims> reshape;
    std::optional<std::vector<int32_t>> second_transpose;
  };
  Tensor& addShuffle(Tensor& x, const Shuffle& shuffle, const std::string& name);

 private:
  Tensor& finish(nvinfer1::ILayer* layer, const std::string& name);
  Tensor& scalar(float value, int32_t rank, const std::string& name);
  Tensor& elementwise(Tensor& a, Tensor& b, nvinfer1::ElementWiseOperation operation, const std::string& name);
  Tensor& half_of_one_plus(Tensor& x, Tensor& y, const std::string& name);

  nvinfer1::INetworkDefinition& network_;
  nvinfer1::ILogger& logger_;
  std::deque<float> scalars_;  ///< the network refers to them
};

}  // namespace bert
